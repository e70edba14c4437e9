"""Gives a reader a checkpoint for as long as it needs it, while a trainer deletes."""

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import temporary_files
from estimator_mnist.estimator.checkpoint import compatibility, integrity, paths

_MISMATCHES = (compatibility.RestoreMismatchError, compatibility.MissingVariablesError)


class Snapshot(NamedTuple):
    """A checkpoint that nobody deletes."""

    path: str  # prefix to read from
    origin: str  # prefix that it had in the model_dir


@contextlib.contextmanager
def newest(model_dir: str, folder: str) -> Iterator[Snapshot | None]:
    """Yields the newest whole checkpoint of `model_dir`; None where there is none.

    Args:
      folder: an existing one of the reader's own, in which links to the checkpoint's
        files are made, or copies where links are not possible. One on a remote file
        system is read where it is.

    Raises:
      DamagedCheckpointError: there are checkpoints, and all are damaged.
    """
    if not paths.is_local(model_dir):
        path = paths.latest(model_dir)
        yield Snapshot(path, path) if path else None
        return
    with temporary_files.folder(folder, "checkpoint") as own:
        taken = _taken(model_dir, own)
        with _called(taken) if taken else contextlib.nullcontext():
            yield taken


@contextlib.contextmanager
def _called(taken: Snapshot) -> Iterator[None]:
    """Has the log, and errors, call a checkpoint what the user knows it by."""

    def called(one: object) -> object:
        return taken.origin if isinstance(one, str) and one == taken.path else one

    def in_log(record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(called, record.args))
        return True

    logger = tf.get_logger()
    logger.addFilter(in_log)
    try:
        yield
    except _MISMATCHES as error:
        raise error.called(taken.origin) from None
    finally:
        logger.removeFilter(in_log)


def _taken(model_dir: str, folder: str) -> Snapshot | None:
    while origin := integrity.newest_intact(model_dir):
        path = os.path.join(folder, os.path.basename(origin))
        with contextlib.suppress(FileNotFoundError):
            for source in _files_of(origin):
                _link_or_copy(source, os.path.join(folder, os.path.basename(source)))
            if not integrity.problem(path):
                return Snapshot(path, origin)
        # The trainer has deleted it meanwhile, since there are newer ones.
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
    return None


def _files_of(path: str) -> list[str]:
    """Returns the files that reading needs: in TensorFlow's old format it is one."""
    found = [*integrity.files_of(path), path, path + integrity.MANIFEST]
    return [name for name in found if os.path.exists(name)]


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or no right to
        shutil.copyfile(source, target)
