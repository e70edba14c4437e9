"""Files that are whole or absent."""

import contextlib
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


def move(source: str, target: str) -> None:
    """Renames on one file system, the bytes of `source` on disk before."""
    with open(source, "rb") as file:
        os.fsync(file.fileno())
    os.replace(source, target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
