"""What magics do, and that shell commands are printed and never run."""

import os
import sys

from tests.runner.notebooks import conftest


def test_shell_commands_are_listed_and_not_run(run_here, tmp_path):
    ran = run_here(
        "!touch made",
        "files = !touch made",
        "# shell\n%%bash\ntouch made\nls",
        "%bash\ntouch made",
        "%pip install x",
        "%load_ext autoreload",
    )
    assert (ran.code, ran.names["files"]) == (0, [])
    assert not (tmp_path / "made").exists()
    assert ran.err.splitlines()[:-2] == [
        "skipped: !touch made",
        "skipped: !touch made",
        "skipped: %%bash",
        "    touch made",
        "    ls",
        "skipped: %%bash",
        "    touch made",
        "skipped: %pip install x",
        "skipped: %load_ext autoreload",
    ]


def test_time_is_measured_and_the_value_stays(run_here):
    ran = run_here(
        "%time x = 3",
        "%time x + 1",
        "%%time\nprint('inside')\nx",
        "count = []\n%timeit -n 3 count.append(1)",
        "%%timeit\ny = 4",
        "%timeit -r 1 x",
    )
    assert ran.code == 0, ran.err
    assert (ran.names["x"], ran.names["y"], len(ran.names["count"])) == (3, 4, 3)
    assert ran.out.count("Wall time: ") == 4
    before, after = ran.outputs[2]
    assert before["text"].startswith("inside\nCPU times: ")
    assert after["data"] == {"text/plain": "3"}
    assert "per loop (mean of 3 loops)" in ran.out


def test_capture_shows_nothing_and_keeps_it(run_here):
    ran = run_here(
        "%%capture out\nimport sys\nprint('hidden')\nprint('e', file=sys.stderr)\n5",
        "out.stdout, out.stderr, len(out.outputs)",
        "out.show()",
        "%%capture\nprint('lost')\n1 / 0",
        "print('shown')",
    )
    assert ran.outputs[0] == []
    assert ran.outputs[1][0]["data"] == {"text/plain": "('hidden\\n', 'e\\n', 1)"}
    assert ran.out.splitlines()[1:] == ["hidden", "shown"]
    assert "cell 4: ZeroDivisionError" in ran.err


def test_written_files_are_importable_and_gone_after_the_run(run_here, tmp_path):
    ran = run_here(
        "%%writefile written_net.py\nUNITS = 5",
        "%%writefile -a written_net.py\nMORE = UNITS + 1",
        "%%writefile written_package/task.py\nfrom written_net import MORE",
        "%%writefile /content/written_at_root.py\nX = 1",
        "from written_package.task import MORE\nimport written_at_root\nMORE",
        "name = 'written.txt'",
        "%%writefile {name}\ntext",
        "open('written.txt')",
    )
    assert ran.names["MORE"] == 6
    assert ran.out.splitlines()[:2] == [
        "Writing written_net.py",
        "Overwriting written_net.py",
    ]
    assert sorted(os.listdir(tmp_path)) == ["old.ipynb", "out.ipynb"]
    place = sys.modules.pop("written_net").__file__
    for name in ("written_package.task", "written_package", "written_at_root"):
        del sys.modules[name]
    assert not os.path.exists(place)
    assert os.path.dirname(place) not in sys.path
    assert "cell 8: FileNotFoundError" in ran.err
    assert "--write_here writes it where the notebook says.\n" in ran.err


def test_write_here_writes_where_the_notebook_says(run_here, tmp_path):
    run_here("%%writefile a/b.txt\n1\n2", write_here=True)
    assert (tmp_path / "a" / "b.txt").read_text() == "1\n2\n"


def test_run_gives_the_names_of_a_script_or_notebook(run_here, tmp_path):
    (tmp_path / "net.py").write_text(
        "import sys\nassert __name__ == '__main__'\nname, argv = 'net', sys.argv[1:]\n"
    )
    (tmp_path / "shared.py").write_text("y = x + 1\n")
    conftest.write(tmp_path / "helper.ipynb", "z = y + 1", "%pwd")
    ran = run_here(
        "x = 1\n%run net.py a b", "%run -i shared.py", "%run helper", "%run no_such"
    )
    names = ran.names
    assert (names["name"], names["argv"], names["y"], names["z"]) == (
        "net",
        ["a", "b"],
        2,
        3,
    )
    assert "cell 4: ScriptError: %run no_such: no such file in " in ran.err


def test_folders_and_variables_change_as_in_jupyter(run_here, tmp_path, monkeypatch):
    monkeypatch.setenv("NOTEBOOK_TEST", "")
    (tmp_path / "below").mkdir()
    ran = run_here(
        "%cd below\n%pwd",
        "%cd no_such",
        "%env NOTEBOOK_TEST=3\nd = 4",
        "%set_env NOTEBOOK_TEST $d",
        "%env NOTEBOOK_TEST",
        "%tensorflow_version 1.x",
        "%tensorflow_version 2.x",
        save=tmp_path / "out.ipynb",
    )
    assert ran.outputs[0][-1]["data"] == {"text/plain": repr(str(tmp_path / "below"))}
    assert ran.outputs[4][0]["data"] == {"text/plain": "'4'"}
    skipped = [line for line in ran.err.splitlines() if line.startswith("skipped")]
    assert skipped == [
        "skipped: %cd no_such: no such folder",
        "skipped: %tensorflow_version 2.x: this is TensorFlow 1.x's",
    ]


def test_an_exported_notebook_calls_the_shell(run_here):
    ran = run_here(
        "get_ipython().run_cell_magic('time', '', 'x = 3\\nx')",
        "get_ipython().run_cell_magic('capture', 'out', 'print(1)')",
        "get_ipython().run_line_magic('time', 'x + 1')",
        "get_ipython().magic('env NO_SUCH_VARIABLE')",
        "str(out.stdout), get_ipython().__class__.__name__",
    )
    assert ran.outputs[2][-1]["data"] == {"text/plain": "4"}
    assert ran.outputs[4][0]["data"] == {
        "text/plain": "('1\\n', 'ZMQInteractiveShell')"
    }


def test_colab_has_stand_ins(run_here, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("1,2\n")
    codes = (
        "files, drive = (modules[f'google.colab.{n}'] for n in ('files', 'drive'))\n"
        "drive.mount('/content/drive')\nfiles.download('model.zip')",
        "files.upload()",
        "from_installed = modules['google'].protobuf.__name__",
        "modules['google'].colab.files is files, hasattr(modules['google'], 'no_such')",
    )
    ran = run_here(*codes, data_dir=str(tmp_path / "data"))
    assert ran.code == 0, ran.err
    assert ran.outputs[1][-1]["data"] == {"text/plain": "{'train.csv': b'1,2\\n'}"}
    assert ran.outputs[3][0]["data"] == {"text/plain": "(True, False)"}
    assert ran.names["from_installed"] == "google.protobuf"
    assert ran.err.splitlines()[:2] == [
        "skipped: google.colab.drive.mount('/content/drive')",
        "skipped: google.colab.files.download('model.zip')",
    ]
    assert "--data_dir=FOLDER" in run_here(*codes).err


def test_an_image_of_opencv_is_drawn(run_here):
    code = (
        "import numpy as np; from matplotlib import pyplot as plt\n"
        "plt.switch_backend('agg')\n"
        "image = np.zeros([2, 2, 3], np.uint8); image[..., 0] = 255\n"  # blue
        "modules['google.colab.patches'].cv2_imshow(image)\n"
        "plt.gca().get_images()[0].get_array()[0, 0].tolist()"
    )
    ran = run_here(f"import warnings; warnings.simplefilter('ignore')\n{code}")
    assert ran.outputs[0][-1]["data"] == {"text/plain": "[0, 0, 255]"}
