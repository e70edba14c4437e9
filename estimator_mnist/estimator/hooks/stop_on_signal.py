"""Ctrl-C and SIGTERM end a training at its next step, saved."""

import signal
import threading
from types import FrameType
from typing import Any, Protocol, runtime_checkable

import tensorflow as tf

tf1 = tf.compat.v1

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal came while nothing was unsaved; `signum` is its number."""

    def __init__(self, signum: int):
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


@runtime_checkable
class Interruptible(Protocol):
    """A hook that says whether a signal ends the training before its time."""

    @property
    def interrupted(self) -> bool:
        """Returns whether a signal has come."""


class StopOnSignal:
    """Lets a training end well on Ctrl-C or SIGTERM; a second one ends it at once.

    with StopOnSignal() as stop:
        estimator.train(input_fn, hooks=[stop.hook], saving_listeners=[stop.listener])
    if stop.signum:
        sys.exit(128 + stop.signum)

    Between a save and the next step, as in an evaluation, nothing is unsaved, and a
    signal raises Interrupted. Only the main thread gets signals; in others nothing
    changes.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        self.hook, self.listener = _Hook(self), _Listener(self)
        self.unsaved = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopOnSignal":
        if threading.current_thread() is threading.main_thread():
            self._before = {one: signal.signal(one, self._on_signal) for one in SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self.signum = signum
        # The next one is the system's to handle: at once, even while a save is written.
        for one in SIGNALS:
            signal.signal(one, signal.SIG_DFL)
        if not self.unsaved:
            raise Interrupted(signum)
        tf1.logging.warning(
            "%s: saving at the next step; once more to end at once.",
            signal.Signals(signum).name,
        )


class _Hook(tf.compat.v1.train.SessionRunHook):
    every_step = False

    def __init__(self, stop: StopOnSignal):
        self._stop = stop

    @property
    def interrupted(self) -> bool:
        """Returns whether a signal has come, so that training ends before its time."""
        return self._stop.signum is not None

    def before_run(self, run_context: Any) -> None:
        self._stop.unsaved = True

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._stop.signum:
            run_context.request_stop()


class _Listener(tf.compat.v1.train.CheckpointSaverListener):
    def __init__(self, stop: StopOnSignal):
        self._stop = stop

    def after_save(self, session: Any, global_step_value: int) -> None:
        self._stop.unsaved = False
