"""Small data files for the tests, in the forms in which the real ones come."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from estimator_mnist.data import datasets

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx_bytes(array: np.ndarray, code: int = 0x08) -> bytes:
    header = bytes((0, 0, code, array.ndim))
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def small_arrays(train: int = 24, test: int = 6, seed: int = 0):
    """x_train, y_train, x_test, y_test of a tiny data set."""
    rng = np.random.RandomState(seed)
    arrays = []
    for n in (train, test):
        arrays.append(rng.randint(0, 256, (n, 28, 28)).astype(np.uint8))
        arrays.append(rng.randint(0, 10, n).astype(np.uint8))
    return tuple(arrays)


def write_files(folder: Path, arrays, packed: bool = True, names=FILES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(names, arrays, strict=True):
        content = idx_bytes(array)
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


def write_npz(path: Path, arrays) -> Path:
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(path, **dict(zip(names, arrays, strict=True)))
    return path


def numbered_split(n: int) -> datasets.Split:
    """Image i is all i + 1, so that what comes out tells where it came from."""
    images = np.broadcast_to(
        np.arange(1, n + 1, dtype=np.uint8)[:, None, None], (n, 28, 28)
    )
    return datasets.Split(images.copy(), (np.arange(n) % 10).astype(np.uint8))


def real_data_dir() -> Path:
    """The folder with the real data sets; skips the test where there is none."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("ESTIMATOR_MNIST_TEST_DATA") or beside)
    if not (folder / "mnist").is_dir():
        pytest.skip(f"no real data in {folder}; set ESTIMATOR_MNIST_TEST_DATA")
    return folder
