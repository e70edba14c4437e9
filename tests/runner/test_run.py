"""What a program finds when `estimator_mnist.run` runs it."""

import json
import os
import subprocess
import sys
import textwrap

import pytest


@pytest.fixture
def run_code(run, tmp_path):
    """Runs code as `code/old.py`, from the folder above it."""

    def run_it(code, *args, flags=()):
        script = tmp_path / "code" / "old.py"
        script.parent.mkdir(exist_ok=True)
        script.write_text(textwrap.dedent(code), "utf-8")
        return run(tmp_path, *flags, "code/old.py", *args)

    return run_it


@pytest.fixture
def run_cells(run, tmp_path):
    """Runs cells as `code/old.ipynb`, from the folder above it."""

    def run_it(*sources):
        notebook = tmp_path / "code" / "old.ipynb"
        notebook.parent.mkdir(exist_ok=True)
        cells = [{"cell_type": "code", "source": source} for source in sources]
        notebook.write_text(json.dumps({"cells": cells, "nbformat": 4}), "utf-8")
        return run(tmp_path, "code/old.ipynb")

    return run_it


def test_a_script_is_main_with_its_own_arguments_and_folder(run_code, tmp_path):
    code = """\
        import os, sys
        print(__name__, __file__, sys.argv, os.getcwd(), sys.path[0], sep="|")
        print(sys.modules["__main__"].__dict__ is globals())
        """
    outcome = run_code(code, "--check", "--data_dir=x", "file")
    argv = ["code/old.py", "--check", "--data_dir=x", "file"]
    assert outcome.out.splitlines() == [
        f"__main__|code/old.py|{argv}|{tmp_path}|{tmp_path}/code",
        "True",
    ]
    assert (outcome.code, outcome.err) == (0, "")


def test_tensorflow_is_1_x_for_the_program_and_its_modules_only(run_code, tmp_path):
    (tmp_path / "code" / "nets").mkdir(parents=True)
    (tmp_path / "code" / "nets" / "__init__.py").write_text("from . import small\n")
    (tmp_path / "code" / "nets" / "small.py").write_text("import tensorflow as small\n")
    (tmp_path / "code" / "util.py").write_text("import tensorflow as util_tf\n")
    code = """\
        import tensorflow as tf
        import tensorflow
        import tensorflow.compat.v1 as tf1
        from tensorflow.compat import v1
        import tensorflow.contrib.layers as layers
        from tensorflow.contrib.layers import flatten
        import sys; from tensorflow.python.framework import ops
        import nets; from tensorflow.python.estimator import run_config
        from util import util_tf

        real = sys.modules["tensorflow"]
        assert real is not tf and not hasattr(real, "placeholder")
        assert tensorflow is tf and nets.small.small is tf and util_tf is tf
        assert tf1 is tf and v1 is tf and tf.compat.as_bytes("a") == b"a"
        assert layers.flatten is flatten
        assert ops.Graph is real.Graph
        assert run_config.RunConfig is tf.estimator.RunConfig
        assert tf.estimator.Estimator.__module__.startswith("estimator_mnist.")
        assert tf.placeholder(tf.float32, [None, 2]).shape[1].value == 2
        exec("import tensorflow; assert tensorflow is tf")
        """
    outcome = run_code(code)
    assert outcome.code == 0, outcome.err


def test_numbers_print_as_numpy_printed_them(run_code):
    code = """\
        import numpy as np
        print({"accuracy": np.float32(0.9212), "product": np.product([2, 3])})
        """
    assert run_code(code).out == "{'accuracy': 0.92119998, 'product': 6}\n"


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("tf.app.run()", 3),
        ("sys.exit()", 0),
        ("sys.exit('no')", 1),
        ("raise KeyboardInterrupt", 130),
        ("raise ValueError('no')", 1),
    ],
)
def test_the_exit_code_is_the_scripts(run_code, last, code):
    head = "import sys\nimport tensorflow as tf\ndef main(_):\n  return 3\n"
    assert run_code(head + last).code == code


def test_an_error_shows_the_programs_own_lines(run_code, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "net.py").write_text(
        "import tensorflow as tf\n\n\ndef build(x):\n    return tf.reshape(x, [7])\n"
    )
    code = """\
        import tensorflow as tf
        import net

        def main(_):
            net.build(tf.zeros([2, 3]))

        tf.app.run()
        """
    outcome = run_code(code)
    assert outcome.code == 1
    lines = outcome.err[outcome.err.index("Traceback") :].splitlines()
    places = [line.strip() for line in lines if line.startswith("  File ")]
    assert places == [
        'File "code/old.py", line 7, in <module>',
        'File "code/old.py", line 5, in main',
        f'File "{tmp_path}/code/net.py", line 5, in build',
    ]
    assert "    net.build(tf.zeros([2, 3]))" in lines
    assert lines[-1].startswith("ValueError: Cannot reshape a tensor with 6 elements")


@pytest.mark.parametrize(
    ("line", "replacement"),
    [
        ("tf.contrib.gan.GANModel(x)", "tensorflow_gan"),
        ("from tensorflow.contrib import gan", "tensorflow_gan"),
        ("import tensorflow.contrib.gan as gan", "tensorflow_gan"),
        ("np.no_such_name(3)", "numpy.org"),
        ("from sklearn.datasets import fetch_mldata", "fetch_openml('mnist_784'"),
        ("from sklearn.preprocessing import Imputer", "sklearn.impute"),
        ("tf.estimator.BoostedTreesClassifier([1], [])", "ydf.GradientBoosted"),
    ],
)
def test_an_error_from_what_is_gone_names_the_replacement(run_code, line, replacement):
    outcome = run_code(f"import numpy as np\nimport tensorflow as tf\n{line}\n")
    assert outcome.code == 1
    assert 'File "code/old.py", line 3, in <module>' in outcome.err
    message = outcome.err.split("Error: ", 1)[1]
    assert replacement in message
    assert message.count(replacement) == 1


def test_models_that_stay_out_can_be_imported_and_raise_when_called(run_code):
    code = """\
        from tensorflow.contrib.tensor_forest.python import tensor_forest
        from tensorflow.contrib.factorization import KMeans
        from tensorflow.python.data import Dataset
        from tensorflow.python.data.ops import dataset_ops
        import tensorflow as tf
        print(Dataset is tf.data.Dataset, KMeans.__name__, dataset_ops.__name__[:17])
        tensor_forest.ForestHParams(num_classes=2)
        """
    outcome = run_code(code)
    assert outcome.out == "True KMeans tensorflow.python\n"
    assert outcome.code == 1
    assert "ydf.RandomForestLearner" in outcome.err


def test_figures_of_a_script_are_saved_when_shown_and_at_the_end(run_code, tmp_path):
    code = """\
        import matplotlib
        matplotlib.use("TkAgg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.show()
        assert not plt.get_fignums()
        plt.figure()
        plt.plot([2, 1])
        plt.figure()
        """
    outcome = run_code(code)
    folder = tmp_path / "old_figures"
    assert sorted(path.name for path in folder.iterdir()) == [
        "figure-2.png",
        "figure.png",
    ]
    assert outcome.out == ""
    assert outcome.err.splitlines() == [
        f"figure: {folder}/figure.png",
        f"figure: {folder}/figure-2.png",
        "figure: <Figure size 640x480 with 0 Axes> is empty",
    ]
    run_code(code, flags=["--figures=pictures"])
    assert (tmp_path / "pictures" / "figure.png").exists()


def test_cells_run_in_order_in_one_namespace_as_in_jupyter(run_cells, tmp_path):
    outcome = run_cells(
        "%matplotlib inline\n%load_ext autoreload\nimport os\nx = 20",
        "x += 1\nx",
        "x * 2;",
        "None",
        "if x:\n    display('shown')\nprint(os.getcwd())\n_ + 1",
        "%%bash\nls",
        "files = !ls\nfiles",
        "from IPython.display import Image, display, clear_output\nImage('x.png')",
        "import numpy as np\nnp.eye(2)",
    )
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines() == [
        "Out[2]: 21",
        "'shown'",
        f"{tmp_path}/code",
        "Out[5]: 22",
        "Out[7]: []",
        "Out[8]: <IPython.core.display.Image object>",
        "Out[9]:",
        "array([[ 1.,  0.],",
        "       [ 0.,  1.]])",
    ]
    assert outcome.err.splitlines() == [
        "skipped: %load_ext autoreload",
        "skipped: %%bash",
        "    ls",
        "skipped: !ls",
    ]


def test_figures_of_a_notebook_are_named_by_their_cells(run_cells, tmp_path):
    plot = "plt.plot([1, 2]);"
    outcome = run_cells(
        f"import matplotlib.pyplot as plt\n{plot}",
        "fig, axes = plt.subplots(2)\nplt.figure()\nplt.plot([3]);\nplt.figure();",
        "x = 1",
        f"{plot}\nplt.show()\n{plot}\nraise ValueError('after the plot')",
    )
    assert outcome.code == 1
    assert sorted(
        path.name for path in (tmp_path / "code" / "old_figures").iterdir()
    ) == [
        "cell01.png",
        "cell02-2.png",
        "cell02.png",
        "cell04-2.png",
        "cell04.png",
    ]
    assert (
        outcome.err.count("figure: <Figure size 640x480 with 0 Axes> is empty\n") == 1
    )


def test_an_error_in_a_notebook_names_cell_and_line(run_cells):
    outcome = run_cells(
        "%matplotlib inline\ndef f(x):\n    return x.no_such_name",
        "y = 1\n\nf(y)",
        "print('not reached')",
    )
    assert (outcome.code, outcome.out) == (1, "")
    lines = outcome.err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "  old.ipynb, cell 2, line 3, in <module>" in lines
    assert "  old.ipynb, cell 1, line 3, in f" in lines
    assert "    return x.no_such_name" in lines
    assert lines[-4:] == [
        "AttributeError: 'int' object has no attribute 'no_such_name'",
        "old.ipynb: 1 of 3 cells ran.",
        "  cell 2: AttributeError: 'int' object has no attribute 'no_such_name'",
        "  1 more not tried: --keep_going runs them, too.",
    ]


def test_a_program_exported_from_a_notebook_runs(run_code):
    code = """\
        # coding: utf-8
        # In[1]:
        get_ipython().magic(u'matplotlib inline')
        get_ipython().run_line_magic('timeit', '-n 2 len("x")')
        get_ipython().system('ls')
        from IPython import get_ipython
        print(get_ipython() is not None)
        """
    outcome = run_code(code)
    assert outcome.out.endswith("per loop (mean of 2 loops)\nTrue\n")
    assert outcome.err == "skipped: !ls\n"


def test_the_command_line_does_what_the_tests_do_in_process(tmp_path, small_mnist):
    (tmp_path / "old.py").write_text(
        "import sys\n"
        "from tensorflow.examples.tutorials.mnist import input_data\n"
        "mnist = input_data.read_data_sets('MNIST_data')\n"
        "print(mnist.test.images.shape)\n"
        "sys.exit(len(sys.argv))\n"
    )
    command = [sys.executable, "-m", "estimator_mnist.run"]
    done = subprocess.run(
        [*command, f"--data_dir={small_mnist}", "old.py", "--figures=x"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("(300, 784)\n", 2), done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "old.py"]


def test_only_estimator_runs_a_program_of_tensorflow_2(run, tmp_path):
    (tmp_path / "helper.py").write_text("import tensorflow_estimator\n")
    script = tmp_path / "library_user.py"
    script.write_text(
        "import sys\n"
        "import helper\n"
        "import tensorflow as tf\n"
        "assert tf.executing_eagerly() and not hasattr(tf, 'placeholder')\n"
        "assert helper.tensorflow_estimator.estimator is tf.estimator\n"
        "print(__name__, sys.argv[1:], tf.estimator.__name__)\n"
        "sys.exit(7)\n"
    )
    outcome = run(tmp_path.parent, "--only_estimator", script, "--a", "b")
    assert outcome.code == 7, outcome.err
    assert outcome.out == "__main__ ['--a', 'b'] estimator_mnist.estimator\n"
