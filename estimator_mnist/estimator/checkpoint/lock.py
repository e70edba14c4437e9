"""Lets one process at a time train in a model_dir."""

import contextlib
import datetime
import json
import os
import socket
import time
from collections.abc import Iterator

import filelock
import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.estimator.checkpoint import paths

tf1 = tf.compat.v1

OWNER_FILE = "trainer.json"
# The system holds the lock on it, and releases it when the process ends, killed or not.
LOCK_FILE = ".trainer.lock"


@contextlib.contextmanager
def one_trainer(model_dir: str) -> Iterator[None]:
    """Locks `model_dir` for training; a thread that has the lock may take it again.

    The file trainer.json names the owner. Reading needs no lock, and a model_dir on a
    remote file system has none.

    Raises:
      ModelDirInUseError: another process or thread trains there.
      OSError: the folder cannot be written to.
    """
    if not paths.is_local(model_dir):
        yield
        return
    path = os.path.join(os.path.abspath(model_dir), LOCK_FILE)
    lock = filelock.FileLock(path, timeout=0, is_singleton=True)
    try:
        os.makedirs(model_dir, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise errors.ModelDirInUseError(_in_use(model_dir)) from None
    except OSError as error:
        raise OSError(
            error.errno,
            f"training needs to write to its model_dir ({error.strerror}): copy the "
            "folder, or only evaluate and predict",
            model_dir,
        ) from error
    try:
        if lock.lock_counter == 1:
            _sign(model_dir)
        yield
    finally:
        if lock.lock_counter == 1:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(model_dir, OWNER_FILE))
        lock.release()


def owner(model_dir: str) -> str | None:
    """Returns `process 12 on host since TIME`, who trains or was killed in training.

    None if nobody does, or the file that names the owner is damaged.
    """
    try:
        with open(os.path.join(model_dir, OWNER_FILE), encoding="utf-8") as file:
            return "process {pid} on {host} since {started}".format(**json.load(file))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_held(model_dir: str) -> bool:
    """Whether a process trains in `model_dir` at this moment."""
    path = os.path.join(os.path.abspath(model_dir), LOCK_FILE)
    if not os.path.exists(path):
        return False
    try:
        with filelock.FileLock(path, timeout=0):
            return False
    except (filelock.Timeout, PermissionError):
        return True


def _sign(model_dir: str) -> None:
    """Writes the owner file, with a warning if a killed owner left one."""
    earlier = owner(model_dir)
    if earlier:
        tf1.logging.warning(
            "%s was being trained by %s, which is gone: taking over.",
            model_dir,
            earlier,
        )
        _await_the_next_second()
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    signature = {"pid": os.getpid(), "host": socket.gethostname(), "started": now}
    files.write_json(os.path.join(model_dir, OWNER_FILE), signature)


def _await_the_next_second() -> None:
    """Waits, because TensorFlow names event files by the second.

    A file of this same second would replace the one of the trainer just killed.
    """
    time.sleep(1 - time.time() % 1)


def _in_use(model_dir: str) -> str:
    return (
        f"model_dir {model_dir} is being trained by {owner(model_dir) or 'somebody'}: "
        "wait for it, stop it, or name another model_dir. Evaluating and predicting "
        "need not wait."
    )
