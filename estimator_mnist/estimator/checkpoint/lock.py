"""Lets one process at a time train in a model_dir."""

import contextlib
import datetime
import errno
import os
import re
import socket
from collections.abc import Iterator
from typing import Any

import filelock
import tensorflow as tf

from estimator_mnist import errors, files, json_files
from estimator_mnist.estimator.checkpoint import event_writers, integrity, paths

tf1 = tf.compat.v1

OWNER_FILE = "trainer.json"
# The system holds the lock on it, and releases it when the process ends, killed or not.
LOCK_FILE = ".trainer.lock"
# Of the owner who was killed, in the file of the one who took over.
_AFTER = "after"
_SIGNATURE = "process {pid} on {host} since {started}"
# What there may be of a run before its first checkpoint.
_BEGINNINGS = re.compile(
    r"events\.out\.tfevents\..+|graph\.pbtxt(\.tmp[0-9a-f]{32})?|checkpoint"
    r"|(trainer|experiment|early_stopping)\.json|\.trainer\.lock"
)


class HeldFolder:
    """A model_dir while this process may train in it; `check` says whether it still is.

    A folder that was renamed, deleted or replaced takes the lock along, and another run
    may have begun at its path.
    """

    def __init__(self, model_dir: str):
        """Takes the folder as it is now; a remote one has no lock to tell it by.

        Raises:
          ModelDirLostError: it is gone already.
        """
        self._model_dir, self._path = model_dir, _lock_path(model_dir)
        self._identity: tuple[int, int] | None = None
        if paths.is_local(model_dir):
            try:
                self._identity = _identity(self._path)
            except FileNotFoundError:
                raise self._lost() from None

    def check(self) -> None:
        """Checks that the folder at the path is the one that was locked.

        Raises:
          ModelDirLostError: it is not.
        """
        if self._identity and not self.is_same():
            raise self._lost()

    def is_same(self) -> bool:
        """Returns whether the lock file at the path is the one that was locked."""
        try:
            return _identity(self._path) == self._identity
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # not to be seen at this moment, which says nothing
            return True

    def follows_a_kill(self) -> bool:
        """Returns whether the trainer before this one was killed."""
        return bool(_read_owner(self._model_dir).get(_AFTER))

    def _lost(self) -> errors.ModelDirLostError:
        return errors.ModelDirLostError(
            f"model_dir {self._model_dir} was renamed, deleted or replaced while it "
            "was being trained. This training ends here, so that two runs do not mix; "
            "its checkpoints are where that folder is now. Name its present path to go "
            "on."
        )


@contextlib.contextmanager
def one_trainer(model_dir: str) -> Iterator[HeldFolder]:
    """Locks `model_dir` for training; a thread that has the lock may take it again.

    The file trainer.json names the owner. Reading needs no lock, and a model_dir on a
    remote file system has none. Where the disk turns out to be full before there is a
    checkpoint, a model_dir that was made for it is removed again.

    Raises:
      ModelDirInUseError: another process or thread trains there.
      DiskFullError: there is no room.
      NotAFileError: a folder is in the place of the state file, which no save replaces.
      OSError: the folder cannot be written to.
    """
    if not paths.is_local(model_dir):
        yield HeldFolder(model_dir)
        return
    state_file = os.path.join(model_dir, paths.STATE_FILE)
    if files.is_folder(state_file):
        files.check_is_file(state_file)
    lock = filelock.FileLock(_lock_path(model_dir), timeout=0, is_singleton=True)
    with _removed_if_full(model_dir), _held(lock, model_dir) as held:
        try:
            yield held
        finally:
            # The one at the path may be another run's by now.
            if lock.lock_counter == 1 and held.is_same():
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(model_dir, OWNER_FILE))


@contextlib.contextmanager
def _held(lock: filelock.BaseFileLock, model_dir: str) -> Iterator[HeldFolder]:
    """Takes the lock, and says so in the folder; see one_trainer for the errors."""
    try:
        if not lock.is_locked:
            os.makedirs(model_dir, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise errors.ModelDirInUseError(_in_use(model_dir)) from None
    except OSError as error:
        raise _not_writable(model_dir, error) from error
    try:
        try:
            held = HeldFolder(model_dir)
            if lock.lock_counter == 1:
                _sign(model_dir)
        except OSError as error:
            raise _not_writable(model_dir, error) from error
        yield held
    finally:
        lock.release()


@contextlib.contextmanager
def _removed_if_full(model_dir: str) -> Iterator[None]:
    """Removes the folders that a training makes, where a full disk ends it early."""
    made = files.missing_folders(model_dir)
    try:
        yield
    except Exception as error:
        if made and files.is_disk_full(error) and not paths.candidates(model_dir):
            _remove_beginnings(made)
        raise


def _remove_beginnings(folders: list[str]) -> None:
    """Removes what a training writes before its first checkpoint, and the folders.

    A folder that holds something else stays.
    """
    model_dir = folders[0]
    with contextlib.suppress(OSError):
        for path in integrity.leftovers(model_dir):
            integrity.remove_leftover(path)
        for name in filter(_BEGINNINGS.fullmatch, os.listdir(model_dir)):
            os.unlink(os.path.join(model_dir, name))
        for folder in folders:
            os.rmdir(folder)


def owner(model_dir: str) -> str | None:
    """Returns `process 12 on host since TIME`, who trains or was killed in training.

    None if nobody does, or the file that names the owner is damaged.
    """
    try:
        return _SIGNATURE.format(**_read_owner(model_dir))
    except (KeyError, TypeError, ValueError):
        return None


def _read_owner(model_dir: str) -> dict[str, Any]:
    """Returns what the owner file says; nothing where it is absent or damaged."""
    try:
        content = json_files.read(os.path.join(model_dir, OWNER_FILE))
    except (OSError, errors.DamagedFileError):
        return {}
    return content if isinstance(content, dict) else {}


def is_held(model_dir: str) -> bool:
    """Returns whether a process trains in `model_dir` at this moment."""
    path = _lock_path(model_dir)
    if not os.path.exists(path):
        return False
    try:
        with filelock.FileLock(path, timeout=0):
            return False
    except (filelock.Timeout, PermissionError):
        return True
    except OSError as error:
        if error.errno != errno.EROFS:  # where nobody can train
            raise
        return False


def _lock_path(model_dir: str) -> str:
    return os.path.join(os.path.abspath(model_dir), LOCK_FILE)


def _identity(path: str) -> tuple[int, int]:
    """Returns what tells the lock file at `path` from any other."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _not_writable(model_dir: str, error: OSError) -> OSError:
    if isinstance(error, errors.DiskFullError):
        return error
    if files.is_disk_full(error):
        return errors.DiskFullError(model_dir, error)
    if not os.path.isdir(model_dir):
        return errors.FolderError(
            f"model_dir {model_dir} cannot be made: {error.strerror}. Name another one "
            "(--model_dir)."
        )
    return OSError(
        error.errno,
        f"training needs to write to its model_dir ({error.strerror}): copy the "
        "folder, or only evaluate and predict",
        model_dir,
    )


def _sign(model_dir: str) -> None:
    """Writes the owner file, with a warning if a killed owner left one."""
    earlier = owner(model_dir)
    if earlier:
        tf1.logging.warning(
            "%s was being trained by %s, which is gone: taking over.",
            model_dir,
            earlier,
        )
        event_writers.await_the_next_second()
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    signature = {"pid": os.getpid(), "host": socket.gethostname(), "started": now}
    if earlier:
        signature[_AFTER] = earlier
    files.write_json(os.path.join(model_dir, OWNER_FILE), signature)


def _in_use(model_dir: str) -> str:
    return (
        f"model_dir {model_dir} is being trained by {owner(model_dir) or 'somebody'}: "
        "wait for it, stop it, or name another model_dir. Evaluating and predicting "
        "need not wait."
    )
