"""Files that are whole or absent."""

import contextlib
import json
import os
import tempfile


@contextlib.contextmanager
def replacing(path: str):
    """Yields a temporary path beside `path`; what is there afterwards replaces it.

    The bytes are on disk before the name changes. On an error nothing is left.
    """
    folder, name = os.path.split(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
    os.close(descriptor)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        move(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def write_json(path: str, value) -> None:
    """Writes `value` to `path` as JSON, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)


def move(source: str, target: str) -> None:
    """Renames on one file system, the bytes of `source` on disk before."""
    with open(source, "rb") as file:
        os.fsync(file.fileno())
    os.replace(source, target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
