"""Reads IDX files, gzipped or raw, into numpy arrays; no TensorFlow."""

import contextlib
import gzip
import hashlib
import math
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from estimator_mnist import errors

SIDE = 28
CLASSES = 10

_UINT8 = 0x08
_DTYPES = {
    _UINT8: "uint8",
    0x09: "int8",
    0x0B: "int16",
    0x0C: "int32",
    0x0D: "float32",
    0x0E: "float64",
}
_DIMENSIONS = {"images": 3, "labels": 1}
_LOOKS_LIKE = (
    (b"PK", "a zip or npz archive"),
    (b"\x93NUM", "a numpy .npy file"),
    (b"<", "an HTML or XML page"),
    (b"{", "JSON"),
)
# Deflate cannot pack tighter than this, so a small file cannot justify much memory.
DEFLATE_LIMIT = 1032
_PIECE = 1 << 20
_AGAIN = "delete the file and get it again"


def read_images(path: str | os.PathLike) -> np.ndarray:
    """Returns the images of an IDX file as uint8 [n, 28, 28]; raises DataError."""
    return _read(Path(path), "images")


def read_labels(path: str | os.PathLike) -> np.ndarray:
    """Returns the labels of an IDX file as uint8 [n], each 0..9; raises DataError."""
    path = Path(path)
    labels = _read(path, "labels")
    check_labels(labels, path)
    return labels


def read_pair(
    images_path: str | os.PathLike, labels_path: str | os.PathLike
) -> tuple[np.ndarray, np.ndarray]:
    """Returns images uint8 [n, 28, 28] and their labels uint8 [n]; raises DataError."""
    images, labels = read_images(images_path), read_labels(labels_path)
    check_counts(images, labels, images_path, labels_path)
    return images, labels


def check_labels(labels: np.ndarray, source: object) -> None:
    """Raises DataError unless every label is a digit class."""
    wrong = np.flatnonzero(labels >= CLASSES)
    if wrong.size:
        raise errors.DataError(
            f"{source}: label {labels[wrong[0]]} at position {wrong[0]}, expected "
            f"0..{CLASSES - 1}: is it another data set's file, or damaged?"
        )


def check_counts(
    images: np.ndarray, labels: np.ndarray, images_source: object, labels_source: object
) -> None:
    """Raises DataError unless there is one label per image."""
    if len(images) != len(labels):
        raise errors.DataError(
            f"{images_source} holds {len(images)} images but {labels_source} holds "
            f"{len(labels)} labels: they are not a pair, check which is which"
        )


def content_sha256(array: np.ndarray) -> str:
    """Returns the SHA-256 of the unpacked IDX file of a uint8 array."""
    header = bytes((0, 0, _UINT8, array.ndim))
    digest = hashlib.sha256(header + struct.pack(f">{array.ndim}I", *array.shape))
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def unpacked_sha256(path: str | os.PathLike, limit: int) -> str:
    """Returns the SHA-256 of a gzipped or raw file's content, at most `limit` bytes.

    Raises DataError where the gzip data is damaged or the content is longer.
    """
    path, digest, size = Path(path), hashlib.sha256(), 0
    with _opened(path) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if size > limit:
                raise errors.DataError(f"{path}: unpacks to more than {limit} bytes")
    return digest.hexdigest()


def _read(path: Path, kind: str) -> np.ndarray:
    """Returns the array of an IDX file of `kind`, "images" or "labels"."""
    with _opened(path) as stream:
        shape = _read_header(path, stream, kind)
        expected = math.prod(shape)
        _check_room(path, expected, header_size=4 + 4 * len(shape))
        read_body = _read_body if _is_gzip(path) else _map_body
        body = read_body(stream, expected)
        _check_body(path, len(body), expected, more=bool(stream.read(1)))
    return np.frombuffer(body, np.uint8).reshape(shape)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Opens a file as gzip or raw, by its content; any failure is a DataError."""
    if not path.is_file():
        raise errors.DataError(f"{path}: no such file, or not a regular one")
    try:
        with _open(path) as stream:
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise errors.DataError(
            f"{path}: damaged gzip data ({error}): {_AGAIN}"
        ) from error
    except OSError as error:
        raise errors.DataError(f"{path}: cannot be read: {error}") from error


def _open(path: Path) -> BinaryIO:
    # A GzipFile has all of BinaryIO that is used here.
    return cast(BinaryIO, gzip.open(path)) if _is_gzip(path) else path.open("rb")


def _is_gzip(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _read_header(path: Path, stream: BinaryIO, kind: str) -> tuple[int, ...]:
    """Reads up to where the data starts; returns the shape."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise errors.DataError(
            f"{path}: not an IDX file but {_describe(magic)}: {_AGAIN}"
        )
    if magic[2] != _UINT8:
        found = _DTYPES[magic[2]]
        raise errors.DataError(
            f"{path}: holds {found}, expected uint8: is it another file?"
        )
    _check_dimensions(path, magic[3], kind)
    packed = stream.read(4 * magic[3])
    if len(packed) < 4 * magic[3]:
        raise errors.DataError(f"{path}: truncated within its header: {_AGAIN}")
    shape = struct.unpack(f">{magic[3]}I", packed)
    if shape[0] == 0:
        raise errors.DataError(f"{path}: holds no {kind} at all: {_AGAIN}")
    if shape[1:] not in ((), (SIDE, SIDE)):
        size = "x".join(str(side) for side in shape[1:])
        raise errors.DataError(f"{path}: holds {size} images, expected {SIDE}x{SIDE}")
    return shape


def _describe(start: bytes) -> str:
    if not start:
        return "an empty file"
    for prefix, name in _LOOKS_LIKE:
        if start.startswith(prefix):
            return name
    return f"something that starts with {start!r}"


def _check_dimensions(path: Path, found: int, kind: str) -> None:
    if found == _DIMENSIONS[kind]:
        return
    (other,) = set(_DIMENSIONS) - {kind}
    if found == _DIMENSIONS[other]:
        raise errors.DataError(
            f"{path}: holds {other} where {kind} are expected: are the images and "
            "labels files swapped?"
        )
    raise errors.DataError(
        f"{path}: has {found} dimensions, expected {_DIMENSIONS[kind]} for {kind}: "
        "is it another file?"
    )


def _check_room(path: Path, expected: int, header_size: int) -> None:
    size = path.stat().st_size
    room = size * DEFLATE_LIMIT if _is_gzip(path) else size - header_size
    if expected > room:
        raise errors.DataError(
            f"{path}: truncated, or its header is damaged: it promises {expected} "
            f"bytes, the file can hold at most {room}: {_AGAIN}"
        )


def _read_body(stream: BinaryIO, expected: int) -> bytearray:
    # In pieces, so that memory grows with the file, not with what its header claims.
    body = bytearray()
    while len(body) < expected:
        piece = stream.read(min(_PIECE, expected - len(body)))
        if not piece:
            break
        body += piece
    return body


def _map_body(stream: BinaryIO, expected: int) -> np.memmap:
    # Pages are read when they are needed, and the system may drop them: a file may be
    # larger than the memory.
    start = stream.tell()
    body = np.memmap(stream, np.uint8, "r", start, expected)
    stream.seek(start + expected)
    return body


def _check_body(path: Path, found: int, expected: int, more: bool) -> None:
    if found < expected:
        raise errors.DataError(
            f"{path}: truncated: the header promises {expected} bytes, found {found}: "
            f"{_AGAIN}"
        )
    if more:
        raise errors.DataError(
            f"{path}: goes on after the {expected} bytes that its header promises: "
            f"{_AGAIN}"
        )
