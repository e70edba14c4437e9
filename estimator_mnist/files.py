"""Writes files so that they are whole or absent; opens those that are files."""

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

from estimator_mnist import errors, temporary_files

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)
# No room or no free inode, no more of either for this user, or for one file.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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


def check_is_file(path: str | os.PathLike) -> None:
    """Checks that what is at `path` can be read to an end, as a pipe cannot.

    Raises:
      NotAFileError: it is a folder, a pipe, a socket or a device.
      OSError: nothing is there, or it cannot be looked at.
    """
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode):
        found = next((name for is_one, name in _KINDS if is_one(mode)), "a device")
        raise errors.NotAFileError(os.fspath(path), found)


def is_folder(path: str) -> bool:
    """Returns whether a folder is at `path` itself, not at the end of a link."""
    return os.path.isdir(path) and not os.path.islink(path)


def obstacle(path: str) -> str | None:
    """Returns why no file can be written into a folder at `path`, which may not exist.

    It is in words that name what is in the way; None where nothing is.
    """
    missing = missing_folders(path)
    existing = os.path.dirname(missing[-1]) if missing else os.path.abspath(path)
    if not os.path.exists(existing):
        return f"{existing} is a link to nothing"
    if not os.path.isdir(existing):
        return f"{existing} is no folder"
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"{existing} cannot be written to"
    return None


def opened(path: str | os.PathLike) -> BinaryIO:
    """Opens a file to read; whatever else is there is refused, not waited for.

    Raises what `check_is_file` raises.
    """
    check_is_file(path)
    return open(path, "rb")


def opened_to_sync(path: str) -> BinaryIO:
    """Opens a file to read, and for os.fsync: on Windows only what may be written."""
    return open(path, "r+b" if os.name == "nt" else "rb")


def is_disk_full(error: BaseException) -> bool:
    """Returns whether there was no room for a file; TensorFlow's errors count, too."""
    return full_disk_code(error) is not None


def full_disk_code(error: BaseException) -> int | None:
    """Returns the system's number for why there was no room; None if that is not why.

    TensorFlow's errors have the system's words in their message, and no number.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        return error.errno
    return next((code for code in _FULL if os.strerror(code) in str(error)), None)


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
        with opened_to_sync(path) as file:
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
