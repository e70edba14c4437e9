"""Programs that are packages: where their modules are, and what those find."""

import ast
import pathlib
import re
import shutil
import sys
import textwrap

import pytest

from estimator_mnist.runner import search_paths
from estimator_mnist.runner.processes import children

PROJECT = pathlib.Path(__file__).with_name("programs") / "cloud_2018"


@pytest.fixture
def write(tmp_path):
    """`write({path: code})`: writes files below tmp_path."""

    def write_them(files):
        for name, code in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(code), "utf-8")

    return write_them


RUN = [sys.executable, "-m", "estimator_mnist.run"]
# What only a module of the program may have: TF 1.x's names.
OLD = "import tensorflow as tf; assert tf.placeholder\n"


def test_a_project_of_2018_runs_from_its_root(run, tmp_path):
    root = shutil.copytree(PROJECT, tmp_path / "project")
    before = sorted(root.rglob("*"))
    outcome = run(
        root, "-m", "trainer.task", "--job-dir=../output", "--train-steps=150"
    )
    assert outcome.code == 0, outcome.err
    first, last = outcome.out.splitlines()
    assert first == "task of trainer argv task.py"
    (accuracy,) = re.findall(r"accuracy ([\d.]+)% at step 150", last)
    assert float(accuracy) > 80
    assert (tmp_path / "output" / "checkpoint").exists()
    assert sorted(root.rglob("*")) == before  # not even __pycache__


EVERYWHERE = {
    "code/old.py": f"""\
        {OLD}
        import os, sys, importlib
        import beside
        import here.part.deep
        from here.part import deep as same
        sys.path += ["path"]  # as PYTHONPATH does
        import in_path
        sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'more'))
        import more_of_it
        from plugins import *
        late = importlib.import_module('late')
        assert importlib.import_module('tensorflow').placeholder
        assert __import__('tensorflow.contrib.layers').contrib.layers.flatten
        assert here.part.deep is same
        import imp
        import importlib.util as util
        from importlib.machinery import SourceFileLoader
        assert imp.load_source('by_path', 'more/more_of_it.py').tf is tf
        spec = util.spec_from_file_location('by_spec', 'more/more_of_it.py')
        by_spec = util.module_from_spec(spec)
        spec.loader.exec_module(by_spec)
        assert by_spec.tf is tf
        by_loader = SourceFileLoader('x', 'more/more_of_it.py').load_module()
        assert by_loader.tf is tf
        print(sorted(plugins_all), late.__name__)
        """,
    "code/beside.py": OLD,
    "code/late.py": OLD,
    "here/part/deep.py": OLD + "from . import beside_deep\nfrom .. import part\n",
    "here/part/beside_deep.py": OLD,
    "path/in_path.py": OLD,
    "more/more_of_it.py": OLD,
    "more/plugins/__init__.py": OLD + "from plugins.one import *\n",
    "more/plugins/one.py": OLD + "plugins_all = ['one']\n",
}


def test_modules_are_the_programs_wherever_they_are_found(run, write, tmp_path):
    write(EVERYWHERE)
    outcome = run(tmp_path, "code/old.py")
    assert (outcome.code, outcome.out) == (0, "['one'] late\n"), outcome.err
    checked = run(tmp_path, "--check", "code/old.py")
    assert (checked.code, checked.out) == (0, "")
    assert checked.err == "9 files: nothing that is gone.\n"


@pytest.mark.parametrize(
    ("code", "folders"),
    [
        ("sys.path.append('..')", ["/home"]),
        ("sys.path.insert(0, '/abs')", ["/abs"]),
        (
            "sys.path.extend(['a', 'b' + '/c'])",
            ["/home/base/a", "/home/base/b/c"],
        ),
        ("sys.path += ['a']", ["/home/base/a"]),
        ("from sys import path\npath.append('a')", ["/home/base/a"]),
        (
            "HERE = os.path.dirname(os.path.abspath(__file__))\n"
            "ROOT = os.path.join(HERE, os.pardir)\nsys.path.append(ROOT)",
            ["/home/code"],
        ),
        ("sys.path.append(folder)", []),
        ("sys.path.append(os.environ['X'])", []),
        ("names.append('a')", []),
    ],
)
def test_folders_that_a_program_adds_are_read_from_its_source(code, folders):
    tree = ast.parse(code)
    base = pathlib.Path("/home/base")
    assert search_paths.added(tree, "/home/code/sub/old.py", base) == folders


def test_libraries_keep_the_real_tensorflow_and_keras(run, write, tmp_path):
    write(
        {
            "env/site-packages/installed_lib/__init__.py": """\
                import sys
                import keras
                import tensorflow as tf
                from installed_lib import inner
                assert tf is sys.modules["tensorflow"]
                assert not hasattr(tf, "placeholder") and keras.__name__ == "keras"
                assert not hasattr(tf, "contrib")
                """,
            "env/site-packages/installed_lib/inner.py": """\
                import tensorflow as tf
                assert not hasattr(tf, "placeholder")
                """,
            "old.py": f"""\
                {OLD}
                import sys
                sys.path.append("env/site-packages")
                import installed_lib
                import keras
                assert keras is not installed_lib.keras and keras.backend.set_session
                assert installed_lib.tf is not tf
                """,
        }
    )
    outcome = run(tmp_path, "old.py")
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([sys.executable, "train.py", "--x"], [*RUN, "train.py", "--x"]),
        (["python", "-u", "train.py"], [RUN[0], "-u", *RUN[1:], "train.py"]),
        ((b"/usr/bin/python3", "train.py"), [*RUN, "train.py"]),
        (["python", "-m", "pack.task", "1"], [*RUN, "-m", "pack.task", "1"]),
        (["python", "-m", "pip", "list"], None),
        (["python", "-c", "print(1)"], None),
        (["python"], None),
        (["ls", "train.py"], None),
        (["pythonic", "train.py"], None),
        (["python", "/venv/lib/python3.11/site-packages/tool.py"], None),
        ([], None),
        (
            "cd pack && X=1 python -u task.py --n 3 > out; python2.7 b.py",
            f"cd pack && X=1 {RUN[0]} -u -m estimator_mnist.run task.py --n 3 > out; "
            f"{RUN[0]} -m estimator_mnist.run b.py",
        ),
        ("python -m pack.task", " ".join([*RUN, "-m", "pack.task"])),
        ("python -m pip install x.py", None),
        ("cat python train.py", None),
    ],
)
def test_commands_of_a_program_run_its_files_as_programs(
    write, tmp_path, monkeypatch, args, words
):
    monkeypatch.chdir(tmp_path)
    write({"pack/__init__.py": "", "pack/task.py": ""})
    assert children.command(args) == (args if words is None else words)


def test_commands_that_only_a_shell_understands_are_told(capsys):
    for text in ('python "$HERE/train.py"', "cd x; python -u $SCRIPT"):
        assert children.command(text) == text
        assert f"Not run as a program of TensorFlow 1.x: {text!r}" in (
            capsys.readouterr().err
        )
    children.command("python train.py 'x'")
    assert capsys.readouterr().err == ""


# In the selection of every day, the commands stand for the processes.
@pytest.mark.slow
def test_processes_of_a_program_are_programs(run, write, tmp_path):
    write(
        {
            "old.py": """\
                import multiprocessing
                import os
                import subprocess
                import sys
                import tensorflow as tf

                def double(x):
                    with tf.Graph().as_default(), tf.Session() as session:
                        return int(session.run(tf.placeholder_with_default(x, []) * 2))

                if __name__ == "__main__":
                    with multiprocessing.get_context("spawn").Pool(1) as pool:
                        print(pool.map(double, [1, 2]))
                    out = subprocess.check_output([sys.executable, "other.py", "--x"])
                    print(out.decode().strip())
                    sys.stdout.flush()
                    print(os.system("X=1 python -u other.py y && echo done"))
                    print(subprocess.call([sys.executable, "-c", "print(3)"]))
                """,
            "other.py": """\
                import sys
                import tensorflow as tf
                print(tf.placeholder.__name__, sys.argv)
                """,
        }
    )
    outcome = run(tmp_path, "old.py")
    assert outcome.out.splitlines() == [
        "[2, 4]",
        "placeholder ['other.py', '--x']",
        "placeholder ['other.py', 'y']",
        "done",
        "0",
        "3",
        "0",
    ], outcome.err


def test_an_error_in_a_package_shows_the_programs_frames_alone(run, write, tmp_path):
    write(
        {
            "trainer/__init__.py": "",
            "trainer/task.py": """\
                import tensorflow as tf
                from .net import build

                if __name__ == "__main__":
                    tf.app.run(lambda _: build(tf.zeros([2, 3])))
                """,
            "trainer/net.py": """\
                import tensorflow as tf

                def build(x):
                    return tf.contrib.gan.gan_model(x)
                """,
        }
    )
    outcome = run(tmp_path, "-m", "trainer.task")
    assert outcome.code == 1
    lines = outcome.err[outcome.err.index("Traceback") :].splitlines()
    assert [line.strip() for line in lines if line.startswith("  File ")] == [
        f'File "{tmp_path}/trainer/task.py", line 5, in <module>',
        f'File "{tmp_path}/trainer/task.py", line 5, in <lambda>',
        f'File "{tmp_path}/trainer/net.py", line 4, in build',
    ]
    assert "tensorflow_gan" in lines[-1]
    checked = run(tmp_path, "--check", "-m", "trainer.task")
    assert checked.out.startswith(f"{tmp_path}/trainer/net.py:4: tf.contrib.gan")
    assert run(tmp_path, "-m", "trainer.tusk").err.startswith(
        f"error: -m trainer.tusk: no such module in {tmp_path}: start it in the folder"
    )


def test_nothing_is_to_be_installed_that_is_not_known_to_be_the_right_package(
    run, write, tmp_path
):
    write(
        {
            "code/old.py": """\
                try:
                    import beside.no_such_part
                except ImportError as error:
                    print(error)
                import no_such_package
                """,
            "code/beside/__init__.py": "",
            "code/known.py": "import skimage_no.x\nimport gym\n",
        }
    )
    outcome = run(tmp_path, "code/old.py")
    assert outcome.code == 1
    assert "pip install" not in outcome.err
    assert "No module named 'no_such_package'" in outcome.err
    assert "neither beside the program nor installed" in outcome.err
    checked = run(tmp_path, "--check", "code/known.py")
    unknown, known = checked.out.splitlines()
    assert "pip install" not in unknown
    assert known == "code/known.py:2: gym: not installed here: pip install gym"


def test_a_package_with_a_main_module_is_started_by_its_name(run, write, tmp_path):
    write(
        {
            "pack/__init__.py": OLD,
            "pack/__main__.py": "from . import net\n"
            "print(__package__, __name__, net.x)",
            "pack/net.py": OLD + "x = 3\n",
        }
    )
    for name in ("pack", "pack.__main__"):
        outcome = run(tmp_path, "-m", name, "--check")
        assert (outcome.code, outcome.out) == (0, "pack __main__ 3\n"), outcome.err
