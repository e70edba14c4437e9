"""Shows a line on a terminal: step, loss, steps per second and the time left."""

import logging
import os
import time
from collections.abc import Callable
from typing import Any, TextIO

import tensorflow as tf

tf1 = tf.compat.v1

SECS_BETWEEN_LINES = 0.5


class ProgressHook(tf.compat.v1.train.SessionRunHook):
    """Rewrites one line of `stream` during training."""

    every_step = False

    def __init__(
        self,
        stream: TextIO,
        max_steps: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args:
        stream: a terminal.
        max_steps: global step at which training ends; None if it is unknown.
        clock: seconds that only grow.
        """
        self._line, self._max_steps, self._clock = Line(stream), max_steps, clock
        self._filter = NoRepeatedLoss(stream)
        self._step: tf.Variable | None = None
        self._loss: list[tf.Tensor] = []  # of one, or of none
        self._first_step = 0
        self._started = self._shown = 0.0  # of the clock
        self._is_due = False

    def begin(self) -> None:
        self._step = tf1.train.get_global_step()
        self._loss = tf1.get_collection(tf1.GraphKeys.LOSSES)[:1]
        tf.get_logger().addFilter(self._filter)

    def after_create_session(
        self, session: tf.compat.v1.Session, coord: tf.train.Coordinator
    ) -> None:
        self._first_step = session.run(self._step)
        self._started = self._shown = self._clock()

    def before_run(
        self, run_context: tf.compat.v1.train.SessionRunContext
    ) -> tf.compat.v1.train.SessionRunArgs | None:
        self._is_due = self._clock() - self._shown >= SECS_BETWEEN_LINES
        fetches = {"step": self._step, "loss": self._loss}
        return tf1.train.SessionRunArgs(fetches) if self._is_due else None

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues,
    ) -> None:
        if self._is_due:
            self._shown = self._clock()
            self._write(run_values.results, self._shown - self._started)

    def end(self, session: tf.compat.v1.Session) -> None:
        tf.get_logger().removeFilter(self._filter)
        self._line.clear()

    def _write(self, values: dict[str, Any], seconds: float) -> None:
        rate = (values["step"] - self._first_step) / max(seconds, 1e-9)
        step, width = values["step"], self._line.width()
        line = line_of(step, self._max_steps, values["loss"], rate, width)
        self._line.show(line)


class Line:
    """Rewrites one line of a terminal, which never wraps."""

    def __init__(self, stream: TextIO | None) -> None:
        """Takes a terminal; None to show nothing."""
        self._stream = stream

    def show(self, text: str) -> None:
        """Shows as much of `text` as fits."""
        width = self.width()
        self._write(text[: width - 1] if width else text)

    def clear(self) -> None:
        """Leaves an empty line."""
        self._write("")

    def width(self) -> int | None:
        """Returns the columns of the terminal; None where it does not tell."""
        if self._stream is None:
            return None
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or None
        except (OSError, ValueError):  # no terminal, or closed
            return None

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(f"\r\033[K{text}")
            self._stream.flush()


def line_of(
    step: int,
    max_steps: int | None,
    loss: list[float],
    rate: float,
    width: int | None = None,
) -> str:
    """Returns `step 1200/5302  loss 0.2187  19.8 steps/s  3:27 left`.

    Args:
      loss: of one number, or of none.
      rate: steps per second.
      width: columns of the terminal, of which the last stays free: a line that wraps
        cannot be rewritten. The speed is left out first, then the loss, then the
        time. None for a line as long as it is.
    """
    of = f"/{max_steps}" if max_steps else ""
    parts = {
        "step": f"step {step}{of}",
        "loss": "  ".join(f"loss {value:.4f}" for value in loss),
        "rate": f"{rate:.1f} steps/s",
        "left": _time_left(step, max_steps, rate),
    }
    room = width - 1 if width else None
    for least in ("", "rate", "loss", "left"):
        parts.pop(least, None)
        line = "  ".join(filter(None, parts.values()))
        if room is None or len(line) <= room:
            return line
    return line[:room]


def _time_left(step: int, max_steps: int | None, rate: float) -> str:
    if not max_steps or rate <= 0:
        return ""
    minutes, seconds = divmod(round((max_steps - step) / rate), 60)
    return f"{minutes}:{seconds:02d} left"


class NoRepeatedLoss(logging.Filter):
    """Drops the log lines that repeat what the progress line of `stream` shows.

    Any other line takes the progress line's place.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def filter(self, record: logging.LogRecord) -> bool:
        if record.getMessage().startswith(("loss = ", "global_step/sec")):
            return False
        self._stream.write("\r\033[K")
        return True
