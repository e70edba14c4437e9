"""Keras's npz: read without pickles, refused with a reason."""

import contextlib
import zipfile

import numpy as np
import pytest

from estimator_mnist import errors
from estimator_mnist.data import npz
from tests.data.idx_files import small_arrays, write_npz

X_TRAIN, Y_TRAIN, X_TEST, Y_TEST = ARRAYS = small_arrays()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_four_arrays_come_back_as_written(tmp_path, save):
    names = ("x_train", "y_train", "x_test", "y_test")
    save(tmp_path / "mnist.npz", **dict(zip(names, ARRAYS, strict=True)))
    for read, written in zip(npz.read(tmp_path / "mnist.npz"), ARRAYS, strict=True):
        np.testing.assert_array_equal(read, written)


REFUSED = {
    "objects": ((X_TRAIN.astype(object), Y_TRAIN, X_TEST, Y_TEST), "object"),
    "floats": ((X_TRAIN / 255, Y_TRAIN, X_TEST, Y_TEST), "float64"),
    "swapped": ((Y_TRAIN, X_TRAIN, X_TEST, Y_TEST), "has shape"),
    "flat": ((X_TRAIN.reshape(-1, 784), Y_TRAIN, X_TEST, Y_TEST), "has shape"),
    "label 10": ((X_TRAIN, Y_TRAIN + 10, X_TEST, Y_TEST), "y_train: label"),
    "counts": ((X_TRAIN, Y_TRAIN[:-1], X_TEST, Y_TEST), "24 images .* 23 labels"),
    "a number": ((np.uint8(3), Y_TRAIN, X_TEST, Y_TEST), "expected rows"),
}


@pytest.mark.parametrize("arrays, words", REFUSED.values(), ids=REFUSED)
def test_other_arrays_are_refused(tmp_path, arrays, words):
    path = write_npz(tmp_path / "mnist.npz", arrays)
    with pytest.raises(errors.DataError, match=words) as error:
        npz.read(path)
    assert str(path) in str(error.value)


def test_another_archive_is_refused(tmp_path):
    np.savez(tmp_path / "mnist.npz", x=X_TRAIN)
    with pytest.raises(errors.DataError, match="x_train: is not there"):
        npz.read(tmp_path / "mnist.npz")


def test_an_array_that_promises_more_than_it_holds_is_refused(tmp_path):
    path = tmp_path / "mnist.npz"
    header = {"descr": "|u1", "fortran_order": False, "shape": (10**12, 28, 28)}
    with zipfile.ZipFile(path, "w") as archive, archive.open("x_train.npy", "w") as out:
        np.lib.format.write_array_header_1_0(out, header)
    with pytest.raises(errors.DataError, match="does not fit"):
        npz.read(path)


def test_damage_anywhere_is_a_data_error(tmp_path):
    path = write_npz(tmp_path / "mnist.npz", ARRAYS)
    whole = path.read_bytes()
    for end in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(errors.DataError, match="not a whole npz"):
            npz.read(path)
    path.write_bytes(whole[:500] + b"\xff\x00" + whole[502:])
    with pytest.raises(errors.DataError, match="CRC"):
        npz.read(path)


def test_random_damage_never_gives_anything_but_a_data_error(tmp_path):
    path = write_npz(tmp_path / "mnist.npz", small_arrays(train=2, test=1))
    whole, rng = path.read_bytes(), np.random.RandomState(0)
    edges = [*range(200), *range(len(whole) - 300, len(whole))]
    for _ in range(300):
        damaged = bytearray(whole)
        for position in rng.choice(edges, 3):
            damaged[position] = rng.randint(256)
        path.write_bytes(damaged)
        with contextlib.suppress(errors.DataError):
            npz.read(path)
