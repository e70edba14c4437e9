"""Programs on tf.compat.v1 run eagerly where they were written for that."""

import ast
import contextlib
import pathlib

import pytest

from estimator_mnist.runner.processes import eager

PROGRAMS = pathlib.Path(__file__).with_name("programs")
EXPECTED = {
    "tape_2021": "weights 2.00 -1.00\nrows 32 32 3\nloss True True\n",
    "loop_2020": "0 14\n1 126\n",
    "graph_2019": "None False\n[ 3.  7.]\n",
    "enabled_2019": "3 6.0 True\n",
}
IMPORT = "import tensorflow.compat.v1 as tf\n"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_program_runs_in_the_mode_of_its_time(name, run_unedited):
    outcome = run_unedited(PROGRAMS / "eager" / f"{name}.py")
    assert outcome.out == EXPECTED[name]


def relied_on(*sources):
    return eager.is_relied_on(map(ast.parse, sources))


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "print(tf.ones([2]).numpy())",
        IMPORT + "with tf.GradientTape() as tape: pass",
        IMPORT + "for x in tf.data.Dataset.range(3): print(x)",
        IMPORT + "d = tf.data.Dataset.range(3)\nd = d.batch(2)\n[x for x in d.take(1)]",
        "from tensorflow.compat import v1 as tf\nx.numpy()",
        "from tensorflow.compat.v1 import GradientTape",
        "import tensorflow as tf\nt = tf.compat.v1\n[x for x in t.data.Dataset()]",
        "import tensorflow.compat.v2 as tf\nx.numpy()",
        IMPORT + "import requests\nrequests.Session()\nx.numpy()",
    ],
)
def test_what_no_graph_can_do_is_a_sign_of_eager_execution(source):
    assert relied_on(source)


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "print(tf.ones([2]))",
        IMPORT + "x.numpy(force=True)",
        IMPORT + "tf.Session()\nx.numpy()",
        IMPORT + "tf.disable_v2_behavior()\nx.numpy()",
        IMPORT + "tf.enable_eager_execution()\nx.numpy()",
        IMPORT + "x.numpy()\nd.make_one_shot_iterator()",
        IMPORT + "from tensorflow import estimator\nx.numpy()",
        IMPORT + "tf.keras.backend.get_session()\nx.numpy()",
        "import tensorflow as tf\nx.numpy()",
        "import tensorflow as tf\nfor x in tf.data.Dataset.range(3): print(x)",
    ],
)
def test_all_other_programs_have_graphs(source):
    assert not relied_on(source)


def test_the_files_of_a_program_speak_for_each_other():
    assert relied_on(IMPORT, "x.numpy()")
    assert not relied_on(IMPORT, "x.numpy()", IMPORT + "tf.placeholder(tf.float32)")


def test_no_other_program_here_is_taken_for_one_of_tensorflow_2():
    taken = []
    for path in PROGRAMS.rglob("*.py"):
        with contextlib.suppress(SyntaxError):  # of Python 2
            if relied_on(path.read_text()):
                taken.append(path.stem)
    assert sorted(taken) == ["loop_2020", "tape_2021"]
