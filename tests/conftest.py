"""Finds real data and old model_dirs for the tests that need them."""

import os
import pathlib

import hypothesis
import pytest

import estimator_mnist.runner  # noqa: F401  tests that import tf1 stay eager, as its
from tests import children

# Before TensorFlow is imported, here and in the processes that tests start: what its
# C++ says of itself comes between what a test compares.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# What passes, passes again; the slow tests try other examples each time.
hypothesis.settings.register_profile(
    "the same each time", deadline=None, database=None, derandomize=True
)
hypothesis.settings.load_profile("the same each time")

BESIDE = pathlib.Path(__file__).resolve().parents[2] / "shared"


def _folder(variable, default):
    folder = pathlib.Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: name one with {variable}")
    return folder


@pytest.fixture(scope="session")
def data_dir():
    """Returns the folder with the real mnist/ and fashion_mnist/."""
    return _folder("ESTIMATOR_MNIST_TEST_DATA", BESIDE / "data")


@pytest.fixture(scope="session")
def legacy_dir():
    """Returns the folder with model_dirs written by TensorFlow 1.8."""
    return _folder("ESTIMATOR_MNIST_TEST_LEGACY", BESIDE / "legacy")


@pytest.fixture
def seeds_dir():
    """Returns the folder with printouts of the notebooks that are kept running."""
    return _folder("ESTIMATOR_MNIST_TEST_SEEDS", BESIDE / "seeds")


@pytest.fixture(scope="session", autouse=True)
def fork_server():
    """Returns the context whose processes have TensorFlow imported already."""
    return children.server()


@pytest.fixture(scope="session")
def run_main(fork_server, tmp_path_factory):
    """`run_main(*flags, code=0)`: runs the program; returns stdout and stderr."""

    def run(*flags, code=0):
        folder = tmp_path_factory.mktemp("outputs")
        outcome = children.run(fork_server, "main", flags, os.getcwd(), folder)
        assert outcome.code == code, outcome.err[-3000:]
        return outcome.out, outcome.err

    return run


@pytest.fixture
def keras2():
    """Returns Keras 2: TensorFlow's own if it is Keras 2, else tf_keras.

    Not both in one process: with tf_keras 2.15 imported, Keras 2.15 saves and loads
    .keras files without their weights, and gives no warning.
    """
    # Here, because pytest-xdist's controller, which runs no test, imports this module.
    import tensorflow as tf

    from estimator_mnist import compat

    if compat.layers() is tf.compat.v1.layers:
        return tf.keras
    return pytest.importorskip("tf_keras")
