"""Temporary files and folders that are known again after a kill.

They have names that nothing else has, and the process that makes one holds a lock on
it, which the system releases when that process ends, however it ends. What is called so
and can be locked is therefore an abandoned one of this package's, and may go.
"""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_ENDING = ".estimator_mnist-tmp"
_NAME = re.compile(rf"\..*\.[0-9a-f]{{16}}{re.escape(_ENDING)}")


@contextlib.contextmanager
def file(folder: str, name: str) -> Iterator[str]:
    """Yields the path of a new, empty file in `folder`, which goes if still there.

    Args:
      name: what it will be, to be seen in its own name.
    """
    with _held(folder, name, _make_file) as path:
        try:
            yield path
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


@contextlib.contextmanager
def folder(parent: str, name: str) -> Iterator[str]:
    """Yields the path of a new folder in `parent`, which goes with all that is in it.

    Args:
      name: what is made there, to be seen in its own name.
    """
    with _held(parent, name, os.mkdir) as path:
        try:
            yield path
        finally:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(path)


def is_one(path: str) -> bool:
    """Returns whether `path` is called as the files and folders made here are."""
    return bool(_NAME.fullmatch(os.path.basename(path)))


def abandoned(folder: str) -> list[str]:
    """Returns paths of those in `folder` whose processes have ended, however."""
    return [path for path in _those_in(folder) if _is_abandoned(path)]


def remove_abandoned(folder: str) -> list[str]:
    """Deletes what `abandoned` finds in `folder`; returns the paths.

    What may not be deleted stays.
    """
    return [path for path in _those_in(folder) if remove_if_abandoned(path)]


def remove_if_abandoned(path: str) -> bool:
    """Deletes one whose process has ended; returns whether it did."""
    with contextlib.suppress(OSError), _locked(path):
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
        return True
    return False


def _those_in(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if is_one(name)]


def _is_abandoned(path: str) -> bool:
    with contextlib.suppress(OSError), _locked(path):
        return True
    return False


@contextlib.contextmanager
def _held(folder: str, name: str, make: Callable[[str], None]) -> Iterator[str]:
    """Makes one, and holds the lock on it for as long as the context lasts."""
    while True:
        path = os.path.join(folder, f".{name}.{secrets.token_hex(8)}{_ENDING}")
        make(path)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(_locked(path))
            except BlockingIOError:
                continue  # taken for an abandoned one before it was locked
            except OSError:
                pass  # no locks here, so that nobody takes it for an abandoned one
            if os.path.exists(path):
                yield path
                return


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    """Locks a file or folder; raises OSError where another process or call has it."""
    if fcntl is None:
        raise OSError(f"{path}: this system has no such locks")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _make_file(path: str) -> None:
    # For everybody whom the umask lets.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
