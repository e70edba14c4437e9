"""Reads Keras's cached mnist.npz into numpy arrays, without trusting its headers."""

import io
import math
import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from estimator_mnist import errors
from estimator_mnist.data import idx

_PARTS = ("train", "test")
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)


def read(path: str | os.PathLike) -> tuple[np.ndarray, ...]:
    """Returns x_train, y_train, x_test and y_test of an npz file.

    Images are uint8 [n, 28, 28], labels uint8 [n]. Nothing is unpickled, and no more
    memory is taken than a file of that size justifies. Raises DataError.
    """
    path = Path(path)
    if not path.is_file():
        raise errors.DataError(f"{path}: no such file, or not a regular one")
    arrays: list[np.ndarray] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for part in _PARTS:
                arrays += _read_part(path, archive, part)
    except _DAMAGE_ERRORS as error:
        message = (
            f"{path}: not a whole npz archive ({error}): delete it and get it again"
        )
        raise errors.DataError(message) from error
    return tuple(arrays)


def _read_part(
    path: Path, archive: zipfile.ZipFile, part: str
) -> tuple[np.ndarray, np.ndarray]:
    """Returns images and labels of `part`, "train" or "test"."""
    images_key, labels_key = f"x_{part}", f"y_{part}"
    images = _read_array(path, archive, images_key, (idx.SIDE, idx.SIDE))
    labels = _read_array(path, archive, labels_key, ())
    idx.check_labels(labels, f"{path}, {labels_key}")
    idx.check_counts(images, labels, f"{path}, {images_key}", f"{path}, {labels_key}")
    return images, labels


def _read_array(
    path: Path, archive: zipfile.ZipFile, key: str, row: tuple[int, ...]
) -> np.ndarray:
    """Returns the uint8 array [n, *row] that the archive at `path` holds as `key`."""
    source, name = f"{path}, {key}", f"{key}.npy"
    if name not in archive.namelist():
        raise errors.DataError(
            f"{source}: is not there: is it another data set's file?"
        )
    member = archive.getinfo(name)
    if member.compress_type not in _COMPRESSIONS:
        raise errors.DataError(f"{source}: packed in a way that numpy never writes")
    if member.file_size > path.stat().st_size * idx.DEFLATE_LIMIT:
        raise errors.DataError(f"{source}: claims an absurd {member.file_size} bytes")
    content = archive.read(member)
    shape, start = _read_header(content, source)
    if shape[1:] != row or not shape[0] > 0:
        expected = ", ".join(map(str, ("n", *row)))
        raise errors.DataError(f"{source}: has shape {shape}, expected ({expected})")
    if len(content) - start != math.prod(shape):
        raise errors.DataError(f"{source}: length does not fit shape {shape}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _read_header(content: bytes, source: str) -> tuple[tuple[int, ...], int]:
    """Returns the shape that a .npy file gives, not (), and where its data starts."""
    stream, form = io.BytesIO(content), np.lib.format
    try:
        version = form.read_magic(stream)
        parse = {
            (1, 0): form.read_array_header_1_0,
            (2, 0): form.read_array_header_2_0,
        }[version]
        shape, fortran_order, dtype = parse(stream)
    except (ValueError, KeyError) as error:
        raise errors.DataError(f"{source}: not a numpy array ({error})") from error
    if dtype != np.uint8 or fortran_order or not shape:
        raise errors.DataError(
            f"{source}: holds {dtype} {shape}, expected rows of uint8"
        )
    return shape, stream.tell()
