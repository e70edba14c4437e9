"""Keeps what TensorFlow's libraries say when they start off the standard error.

Some of it is written before any setting of theirs is read, so that the file descriptor
itself is what has to be held: for the import, and for the search for devices, which the
first session would make. A process of its own sifts it (`sift`).
"""

import contextlib
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import IO

from estimator_mnist import errors
from estimator_mnist.commands import sift

_STDERR = 2
_SECS_TO_END = 10
_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_GPUS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # of NVIDIA, of WSL, of AMD


class Sieve:
    """A process that passes on what this one writes to its standard error, less noise.

    What it keeps back is shown if this process dies.
    """

    def __init__(self) -> None:
        """Starts it; raises OSError where there is no standard error to hold."""
        self._stderr = os.dup(_STDERR)
        command = [sys.executable, "-I", "-S", sift.__file__]
        if has_gpu():
            command.append(sift.GPU)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is not for it
            )
        except OSError:
            os.close(self._stderr)
            raise
        os.dup2(self._input.fileno(), _STDERR)

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    def open(self) -> None:
        """Lets the standard error go past it, after what it has passed on."""
        if sys.stderr:
            sys.stderr.flush()
        self._tell(sift.SYNC)
        assert self._process.stdout
        self._process.stdout.readline()
        os.dup2(self._stderr, _STDERR)

    def end(self, forget: bool) -> None:
        """Ends the process.

        Args:
          forget: whether what it has kept back is of no interest.
        """
        os.dup2(self._stderr, _STDERR)
        if forget:
            self._tell(sift.FORGET)
        with contextlib.suppress(OSError):
            self._input.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECS_TO_END)
        assert self._process.stdout
        self._process.stdout.close()
        os.close(self._stderr)

    def _tell(self, what: bytes) -> None:
        with contextlib.suppress(OSError):  # it is gone, and with it what it kept
            self._input.write(what)
            self._input.flush()


@contextlib.contextmanager
def imported(
    wanted: bool = True, finds_devices: bool = True, opens_session: bool = False
) -> Iterator[None]:
    """Imports TensorFlow without its noise, which is shown where what follows fails.

    What is wrong with the program's input is no failure, nor is Ctrl-C.

    Args:
      wanted: whether it is to be kept back at all.
      finds_devices: whether to look for them now, after which CUDA_VISIBLE_DEVICES no
        longer counts.
      opens_session: whether to open the process's first session now, of which
        TensorFlow 2.18 and 2.20 say something at any level; its number of threads is
        that of all later ones.
    """
    sieve = _sieve() if wanted and _is_noisy() else None
    try:
        with _without_collections():
            import tensorflow as tf
        if finds_devices:
            tf.config.list_physical_devices()
        if sieve:
            if opens_session:
                _open_session(tf)
            sieve.open()
        yield
    except BaseException as error:
        if sieve:
            sieve.end(forget=not is_failure(error))
        raise
    if sieve:
        sieve.end(forget=True)


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    """Keeps the garbage collector from what TensorFlow's import makes, now and later.

    Going through it takes a fifth of the import, and then 0.2 s each time that the
    collector goes through all objects. Later imports are as ever.
    """
    if "tensorflow" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _open_session(tf: ModuleType) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        session.run(tf.no_op())


def has_gpu() -> bool:
    """Returns whether this machine seems to have a GPU."""
    return any(map(os.path.exists, _GPUS))


def _is_noisy() -> bool:
    """Returns whether TensorFlow is to start, and nobody has asked for its lines."""
    asked = os.environ.get(_LEVEL, "2") in ("0", "1")
    return not asked and "tensorflow" not in sys.modules


def _sieve() -> Sieve | None:
    try:
        return Sieve()
    except OSError:
        return None


def is_failure(error: BaseException) -> bool:
    """Returns whether an error may come from what was kept back.

    An error of TensorFlow's is one, also where it ends in one message, unless it says
    what the user can do.
    """
    if isinstance(error, KeyboardInterrupt):
        return False
    if not isinstance(error, SystemExit):
        return True
    tf, cause = sys.modules.get("tensorflow"), error.__context__
    if not tf or isinstance(cause, errors.UserError):
        return False
    return isinstance(cause, tf.errors.OpError)
