"""Reads TFRecord files, which event files are, and verifies their checksums.

TensorFlow's reader outside a graph does the same, but logs that it is deprecated, which
has no place among the log lines of a training.
"""

import os
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths

# A record: its length as uint64, a checksum of the length, the data, a checksum of the
# data; numbers are little-endian, checksums uint32.
_LENGTH, _CHECKSUM = 8, 4
_HEADER = _LENGTH + _CHECKSUM

_CASTAGNOLI = 0x82F63B78  # the polynomial of CRC-32C, its lowest power in the top bit
_BLOCK = 64  # bytes
_ALL_ONES = 0xFFFFFFFF


def read(path: str) -> Iterator[bytes]:
    """Yields the data of each record of the file at `path`, in order.

    Fewer bytes at the end than a record's header count as the end of the file.

    Raises:
      tf.errors.DataLossError: a record is truncated or corrupted; the ones before it
        have been yielded.
      tf.errors.NotFoundError: there is no such file.
    """
    # Also a link to nothing, or to itself.
    if paths.is_local(path) and os.path.lexists(path) and not os.path.isfile(path):
        raise tf.errors.DataLossError(None, None, "it is no file")
    with tf.io.gfile.GFile(path, "rb") as file:
        content = file.read()
    start = 0
    while start + _HEADER <= len(content):
        data = _data_at(content, start)
        yield data
        start += _HEADER + len(data) + _CHECKSUM


def _data_at(content: bytes, start: int) -> bytes:
    """Returns the data of the record that begins at byte `start`."""
    length = content[start : start + _LENGTH]
    if not _agree(length, content[start + _LENGTH : start + _HEADER]):
        raise _data_loss("corrupted", start)
    begin = start + _HEADER
    end = begin + int.from_bytes(length, "little")
    if end + _CHECKSUM > len(content):
        raise _data_loss("truncated", start)
    if not _agree(content[begin:end], content[end : end + _CHECKSUM]):
        raise _data_loss("corrupted", start)
    return content[begin:end]


def _data_loss(what: str, start: int) -> tf.errors.DataLossError:
    return tf.errors.DataLossError(None, None, f"{what} record at {start}")


def _agree(data: bytes, checksum: bytes) -> bool:
    """Returns whether `checksum` is the masked CRC-32C of `data`."""
    crc = _crc32c(data)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ALL_ONES
    return masked == int.from_bytes(checksum, "little")


def _tables() -> np.ndarray:
    """Returns uint32 [_BLOCK, 256]: remainders of byte b followed by k zero bytes."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(_CASTAGNOLI), table >> 1)
    tables = [table]
    for _ in range(_BLOCK - 1):
        tables.append(table[tables[-1] & 0xFF] ^ tables[-1] >> 8)
    return np.stack(tables)


_TABLES = _tables()
_BYTE = _TABLES[0].tolist()
# What follows each byte of a block; and a checksum's four bytes, lowest first, which
# are added to the first four of the next block.
_FOLLOWING = np.arange(_BLOCK)[::-1]
_CARRIED = _TABLES[_FOLLOWING[:4]].tolist()


def _crc32c(data: bytes) -> int:
    """Returns the CRC-32C of `data`: of its first bytes singly, then of whole blocks.

    A remainder is linear, so NumPy computes those of all blocks at once, and what is
    left is to carry the checksum from block to block.
    """
    singles = len(data) % _BLOCK
    crc = _ALL_ONES
    for byte in data[:singles]:
        crc = _BYTE[(crc ^ byte) & 0xFF] ^ crc >> 8
    blocks = np.frombuffer(data, np.uint8, offset=singles).reshape(-1, _BLOCK)
    remainders = np.bitwise_xor.reduce(_TABLES[_FOLLOWING, blocks], axis=1)
    first, second, third, fourth = _CARRIED
    for remainder in remainders.tolist():
        crc = (
            remainder
            ^ first[crc & 0xFF]
            ^ second[crc >> 8 & 0xFF]
            ^ third[crc >> 16 & 0xFF]
            ^ fourth[crc >> 24]
        )
    return crc ^ _ALL_ONES
