"""Where the tests that need them find real data and old model_dirs."""

import os
import pathlib

import pytest

BESIDE = pathlib.Path(__file__).resolve().parents[2] / "shared"


def _folder(variable, default):
    folder = pathlib.Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: name one with {variable}")
    return folder


@pytest.fixture(scope="session")
def data_dir():
    """Folder with the real mnist/ and fashion_mnist/."""
    return _folder("ESTIMATOR_MNIST_TEST_DATA", BESIDE / "data")


@pytest.fixture(scope="session")
def legacy_dir():
    """Folder with model_dirs written by TensorFlow 1.8."""
    return _folder("ESTIMATOR_MNIST_TEST_LEGACY", BESIDE / "legacy")


@pytest.fixture
def seeds_dir():
    """Folder with printouts of the notebooks that this package keeps running."""
    return _folder("ESTIMATOR_MNIST_TEST_SEEDS", BESIDE / "seeds")
