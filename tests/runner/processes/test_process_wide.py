"""What is process-wide while a program runs, and that it is undone after it."""

import logging
import os
import sys
import warnings

import numpy as np
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist import run as command

PROGRAM = """\
import sys, threading, time, warnings
from concurrent.futures import ThreadPoolExecutor
import matplotlib.pyplot as plt
import numpy as np, tensorflow as tf, util
real = sys.modules["tensorflow"]
warnings.simplefilter("ignore")
tf.logging.set_verbosity(tf.logging.DEBUG)
print(sys.argv, real.executing_eagerly(), real.compat.v1.estimator is tf.estimator,
      np.product([2, 3]), np.float32(0.1), real.zeros([2]).shape[0].value, util.name)

def late():
    time.sleep(0.2)
    util.finished.append(len(sys.argv) == 2)

plt.plot([1, 2])
util.finished = sys.modules["known_to_the_test"].finished
threading.Thread(target=late).start()
ThreadPoolExecutor(1).submit(len, "it waits for more, without an end")
"""


def test_what_a_program_changes_is_undone_where_it_is_run_from_python(
    fork_server, tmp_path
):
    for name in ("one", "two"):  # another program's module of the same name
        (tmp_path / name).mkdir()
        (tmp_path / name / "util.py").write_text(f"name = {name!r}\n")
        (tmp_path / name / "old.py").write_text(PROGRAM)
    with fork_server.Pool(1) as pool:
        before, between, after, eager, finished = pool.apply(_run_twice, [tmp_path])
    assert before == between == after
    assert eager == [2.0, 2.0]
    assert finished == [True, True]


def _run_twice(folder):
    os.chdir(folder)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(variable, None)
    known = sys.modules["known_to_the_test"] = type(sys)("known_to_the_test")
    known.finished = []
    states = [_state()]
    for name in ("one", "two"):
        assert command.main([f"{name}/old.py", "--flag"]) == 0
        states.append(_state())
    eager = (tf.ones([2]) + 1).numpy().tolist()
    return (*states, eager, known.finished)


def _state():
    """All that a program changes, as far as it can be compared."""
    import matplotlib

    installed = vars(tf.compat.v1).get("estimator") is estimator
    return {
        "main": id(sys.modules["__main__"]),
        "argv": list(sys.argv),
        "path": list(sys.path),
        "meta_path": list(map(repr, sys.meta_path)),
        "modules": "util" in sys.modules,
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "eager": tf.executing_eagerly(),
        "estimator": installed or "tensorflow_estimator" in sys.modules and installed,
        "shape": str(type(tf.zeros([2]).shape[0])),
        "resources": tf.compat.v1.resource_variables_enabled(),
        "old names": hasattr(np, "product"),
        "printed": str(np.array([0.1], np.float32)),
        "warnings": len(warnings.filters),
        "verbosity": tf.compat.v1.logging.get_verbosity(),
        "log": (tf.get_logger().propagate, len(tf.get_logger().filters)),
        "levels": logging.getLogger().level,
        "backend": matplotlib.get_backend(),
        "use": matplotlib.use.__name__,
    }
