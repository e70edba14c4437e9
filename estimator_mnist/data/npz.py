"""Keras's cached mnist.npz to numpy arrays, without trusting what its headers say."""

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
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)


def read(path: str | os.PathLike) -> tuple[np.ndarray, ...]:
    """Returns x_train, y_train, x_test and y_test of an npz file.

    Images are uint8 [n, 28, 28], labels uint8 [n]. Nothing is unpickled, and no more
    memory is taken than a file of that size justifies. Raises DataError.
    """
    path, arrays = Path(path), []
    try:
        with zipfile.ZipFile(path) as archive:
            for part in _PARTS:
                arrays += _read_part(path, archive, part)
    except _DAMAGES as error:
        message = (
            f"{path}: not a whole npz archive ({error}): delete it and get it again"
        )
        raise errors.DataError(message) from error
    return tuple(arrays)


def _read_part(
    path: Path, archive: zipfile.ZipFile, part: str
) -> tuple[np.ndarray, np.ndarray]:
    sources = [f"{path}, x_{part}", f"{path}, y_{part}"]
    images = _read_array(archive, f"x_{part}.npy", sources[0], (idx.SIDE, idx.SIDE))
    labels = _read_array(archive, f"y_{part}.npy", sources[1], ())
    idx.check_labels(labels, sources[1])
    idx.check_counts(images, labels, *sources)
    return images, labels


def _read_array(
    archive: zipfile.ZipFile, name: str, source: str, row: tuple[int, ...]
) -> np.ndarray:
    if name not in archive.namelist():
        raise errors.DataError(
            f"{source}: is not there: is it another data set's file?"
        )
    member = archive.getinfo(name)
    if member.compress_type not in _PACKINGS:
        raise errors.DataError(f"{source}: packed in a way that numpy never writes")
    room = os.path.getsize(archive.filename) * idx.DEFLATE_LIMIT
    if member.file_size > room:
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
    """Shape of a .npy file, at least one long, and where its data starts."""
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
