"""IDX files: what is read, and what is refused with which words."""

import contextlib
import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from estimator_mnist import errors
from estimator_mnist.data import idx
from tests.data.idx_files import idx_bytes, real_data_dir, small_arrays

IMAGES, LABELS, *_ = small_arrays(train=12)


@pytest.fixture
def keep(tmp_path):
    """Writes bytes to a file and gives its path."""

    def write(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gz"])
def test_images_and_labels_come_back_as_written(keep, pack):
    images = idx.read_images(keep(pack(idx_bytes(IMAGES)), "images"))
    labels = idx.read_labels(keep(pack(idx_bytes(LABELS)), "labels"))
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, LABELS)
    assert images.dtype == labels.dtype == np.uint8


def test_compression_is_recognised_by_content_not_by_name(keep):
    path = keep(idx_bytes(IMAGES), "train-images-idx3-ubyte.gz")
    np.testing.assert_array_equal(idx.read_images(path), IMAGES)


RAW = idx_bytes(IMAGES)
GZ = gzip.compress(RAW)
BAD_CRC = GZ[:-8] + bytes((GZ[-8] ^ 1,)) + GZ[-7:]
ABSURD = struct.pack(">4B3I", 0, 0, 8, 3, 0xFFFFFFFF, 28, 28)
REFUSED = {
    "empty": (b"", "an empty file"),
    "html": (b"<!DOCTYPE html><title>404</title>", "HTML"),
    "npz": (b"PK\x03\x04 and more", "npz"),
    "npy": (b"\x93NUMPY\x01\x00", "numpy"),
    "text": (b"hello there", "not an IDX file"),
    "unknown dtype code": (bytes((0, 0, 7, 3)) + RAW[4:], "not an IDX file"),
    "header cut": (RAW[:9], "truncated within its header"),
    "body cut": (RAW[:-1], "truncated"),
    "body cut, gz": (gzip.compress(RAW[:-1]), "truncated"),
    "gz cut": (GZ[: len(GZ) // 2], "damaged gzip"),
    "gz cut at once": (GZ[:5], "damaged gzip"),
    "gz with wrong CRC": (BAD_CRC, "damaged gzip"),
    "goes on": (RAW + b"x", "goes on after"),
    "goes on, gz": (gzip.compress(RAW + b"x"), "goes on after"),
    "goes on after the gz": (GZ + b"x" * 20, "damaged gzip"),
    "floats": (idx_bytes(IMAGES.astype(">f4"), 0x0D), "float32, expected uint8"),
    "swapped": (idx_bytes(LABELS), "swapped"),
    "two dimensions": (idx_bytes(IMAGES[:, 0]), "2 dimensions, expected 3"),
    "other size": (idx_bytes(IMAGES[:, :8, :8]), "8x8 images, expected 28x28"),
    "no images": (idx_bytes(IMAGES[:0]), "no images"),
    "absurd header": (ABSURD, "can hold at most 0"),
    "absurd header, gz": (gzip.compress(ABSURD + bytes(1000)), "can hold at most"),
}


@pytest.mark.parametrize("content, words", REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_with_its_name_and_what_was_found(keep, content, words):
    path = keep(content)
    with pytest.raises(errors.DataError, match=words) as error:
        idx.read_images(path)
    assert str(path) in str(error.value)


def test_images_in_place_of_labels_are_called_swapped(keep):
    with pytest.raises(errors.DataError, match="holds images where labels .* swapped"):
        idx.read_labels(keep(RAW))


def test_a_label_above_nine_is_refused_with_its_position(keep):
    labels = LABELS.copy()
    labels[7] = 10
    with pytest.raises(errors.DataError, match="label 10 at position 7, expected 0..9"):
        idx.read_labels(keep(idx_bytes(labels)))


def test_counts_that_disagree_name_both_files(keep):
    images, labels = keep(RAW, "images"), keep(idx_bytes(LABELS[:-1]), "labels")
    with pytest.raises(
        errors.DataError, match="images holds 12 .*labels holds 11 labels"
    ):
        idx.read_pair(images, labels)


def test_a_missing_file_and_a_folder_are_data_errors(tmp_path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(errors.DataError, match="no such file"):
            idx.read_images(path)


def test_an_absurd_header_takes_no_memory(keep):
    path = keep(gzip.compress(ABSURD + bytes(1 << 22)))
    tracemalloc.start()
    with pytest.raises(errors.DataError):
        idx.read_images(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 21


def test_random_damage_never_gives_anything_but_a_data_error(keep):
    rng = np.random.RandomState(0)
    for whole in (RAW[:6000], GZ, RAW):
        for _ in range(100):
            damaged = bytearray(whole[: rng.randint(1, len(whole) + 1)])
            for position in rng.randint(0, min(len(damaged), 40), rng.randint(4)):
                damaged[position] = rng.randint(256)
            with contextlib.suppress(errors.DataError):
                assert idx.read_images(keep(bytes(damaged))).shape[1:] == (28, 28)


def test_the_content_sum_is_that_of_the_unpacked_file(keep):
    for content in (RAW, GZ):
        path = keep(content)
        assert idx.unpacked_sha256(path, len(RAW)) == idx.content_sha256(IMAGES)


def test_unpacking_stops_at_the_limit(keep):
    with pytest.raises(errors.DataError, match="more than 99 bytes"):
        idx.unpacked_sha256(keep(GZ), 99)


def test_the_real_test_set_reads():
    folder = real_data_dir() / "mnist"
    images, labels = idx.read_pair(
        folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz"
    )
    assert images.shape == (10000, 28, 28)
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
