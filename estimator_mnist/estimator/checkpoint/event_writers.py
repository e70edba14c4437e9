"""Writes events with TensorFlow's writers: few are open, a full disk breaks none."""

import collections
import contextlib
import functools
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths

tf1 = tf.compat.v1

# How many writers that nobody uses stay open: each holds a file and a thread. An
# Estimator has one of its model_dir and one of each evaluation.
IDLE_WRITERS = 8
# What a FileWriter raises. Its thread raises RuntimeError, whatever the system says.
ERRORS = (RuntimeError, OSError, tf.errors.OpError)


class EventWriter:
    """Writes to the event file of a folder, which hooks share by FileWriterCache.

    What cannot be written is lost, and a warning says so; nothing is raised. From then
    on nothing is tried until `recover`. Use it as a context, after which others may
    close the file.
    """

    def __init__(self, folder: str):
        """Takes the folder; the file is opened when it is needed."""
        self._folder = folder
        self._writer: tf.compat.v1.summary.FileWriter | None = None
        self._has_failed = False

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._writer:
            _open_writers().give_back(self._folder, self._writer)
            self._writer = None

    def open(self) -> None:
        """Opens the file, where it is not open."""
        self._attempt(lambda writer: None)

    def add_summary(
        self, summary: tf.compat.v1.Summary | bytes, global_step: int | None = None
    ) -> None:
        """Adds a Summary, or a serialized one."""
        self._attempt(lambda writer: writer.add_summary(summary, global_step))

    def add_session_log(
        self, session_log: tf.compat.v1.SessionLog, global_step: int | None = None
    ) -> None:
        """Adds a SessionLog."""
        self._attempt(lambda writer: writer.add_session_log(session_log, global_step))

    def flush(self) -> None:
        """Brings what was added to disk."""
        self._attempt(lambda writer: writer.flush())

    def recover(self) -> None:
        """Lets the next call try again, in a new file, after one has failed."""
        self._has_failed = False

    def _attempt(self, action: Callable[[Any], object]) -> None:
        if self._has_failed:
            return
        try:
            if self._writer is None:
                self._writer = _open_writers().take(self._folder)
            action(self._writer)
        except ERRORS as error:
            self._has_failed = True
            if self._writer:
                _open_writers().give_back(self._folder, self._writer, is_broken=True)
                self._writer = None
            reason = (getattr(error, "message", None) or str(error)).splitlines()[0]
            tf1.logging.warning("Events not written: %s", reason)


class _OpenWriters:
    """Counts who uses the process's writers, and closes those idle for longest."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._users: collections.Counter[str] = collections.Counter()
        # In the order of their last use. FileWriterCache would make what somebody has
        # cleared, if it were asked again.
        self._idle: dict[str, tf.compat.v1.summary.FileWriter] = {}
        self._closed: set[str] = set()  # here, or by an error

    def take(self, folder: str) -> tf.compat.v1.summary.FileWriter:
        """Returns the open writer of `folder`; `give_back` is due for it.

        Raises one of ERRORS: the folder or a file in it cannot be made.
        """
        with self._lock:
            if folder in self._closed:
                _check_room(folder)
                await_the_next_second()
            # The default graph is written to a file as it is opened. The writer refuses
            # eager mode.
            with tf.Graph().as_default():
                writer = tf1.summary.FileWriterCache.get(folder)
            writer.reopen()
            self._closed.discard(folder)
            self._idle.pop(folder, None)
            self._users[folder] += 1
            return writer

    def give_back(
        self,
        folder: str,
        writer: tf.compat.v1.summary.FileWriter,
        is_broken: bool = False,
    ) -> None:
        """Ends a use; too many idle writers are closed."""
        with self._lock:
            self._users[folder] -= 1
            if is_broken:
                self._closed.add(folder)
            if self._users[folder] > 0:
                return
            del self._users[folder]
            if folder not in self._closed:
                self._idle[folder] = writer
            while len(self._idle) > IDLE_WRITERS:
                self._close(next(iter(self._idle)))

    def _close(self, folder: str) -> None:
        self._closed.add(folder)
        with contextlib.suppress(*ERRORS):
            self._idle.pop(folder).close()


@functools.cache
def _open_writers() -> _OpenWriters:
    """Returns the one of this process, as FileWriterCache is."""
    return _OpenWriters()


def _check_room(folder: str) -> None:
    """Raises OSError where `folder` takes no file now: each try would leave one."""
    if paths.is_local(folder):
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            file.write(bytes(1 << 12))


def await_the_next_second() -> None:
    """Waits, because TensorFlow names event files by the second.

    A file of this same second would replace one that was closed, or that a trainer left
    which was just killed.
    """
    time.sleep(1 - time.time() % 1)
