"""Writes files so that they are whole or absent."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from typing import Any

from estimator_mnist import errors, temporary_files

# No room or no free inode, and no more of either for this user.
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def replacing(path: str) -> Iterator[str]:
    """Yields a temporary path beside `path`; the file written there replaces `path`.

    The bytes are on disk before the name changes. On an error `path` stays what it was,
    and no temporary file remains.

    Raises:
      DiskFullError: there is no room.
      OSError: the folder cannot be created or written to.
    """
    folder, name = os.path.split(os.path.abspath(path))
    with naming(path):
        os.makedirs(folder, exist_ok=True)
        with temporary_files.file(folder, name) as temporary:
            yield temporary
            move(temporary, path)


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Names `path` where the disk is full: an error of a write itself names no file.

    Raises:
      DiskFullError: there is no room.
    """
    try:
        yield
    except errors.DiskFullError:
        raise
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise errors.DiskFullError(path, error) from error


def is_disk_full(error: BaseException) -> bool:
    """Whether a file could not be written for want of room; TensorFlow's say so too.

    TensorFlow's errors have the system's words in their message, and no number.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return any(os.strerror(code) in str(error) for code in _FULL)


def write_json(path: str, value: Any) -> None:
    """Writes `value` to `path` as JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=1))


def write_text(path: str, text: str) -> None:
    """Writes `text` to `path` in UTF-8, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def write_bytes(path: str, content: bytes) -> None:
    """Writes `content` to `path`, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(content)


def move(source: str, target: str) -> None:
    """Renames a file or folder within one file system, after a sync of its bytes."""
    for path in _files_in(source):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    os.replace(source, target)


def missing_folders(path: str) -> list[str]:
    """Returns the folders that makedirs would make, `path` first."""
    missing = []
    path = os.path.abspath(path)
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    return missing


def _files_in(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    return [
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
    ]
