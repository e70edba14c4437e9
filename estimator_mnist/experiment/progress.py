"""One line on a terminal: step, loss, steps per second and the time left."""

import logging
import time

import tensorflow as tf

tf1 = tf.compat.v1

SECS_BETWEEN_LINES = 0.5


class ProgressHook(tf1.train.SessionRunHook):
    """Rewrites one line of `stream` during training."""

    every_step = False

    def __init__(self, stream, max_steps: int | None, clock=time.monotonic):
        """Args:
        stream: a terminal.
        max_steps: global step at which training ends; None where nobody knows.
        clock: seconds that only grow.
        """
        self._stream, self._max_steps, self._clock = stream, max_steps, clock

    def begin(self):
        self._step = tf1.train.get_global_step()
        self._loss = tf1.get_collection(tf1.GraphKeys.LOSSES)[:1]

        self._filter = NoRepeatedLoss(self._stream)
        tf.get_logger().addFilter(self._filter)

    def after_create_session(self, session, coord):
        self._first = session.run(self._step)
        self._started = self._shown = self._clock()

    def before_run(self, run_context):
        self._due = self._clock() - self._shown >= SECS_BETWEEN_LINES
        fetches = {"step": self._step, "loss": self._loss}
        return tf1.train.SessionRunArgs(fetches) if self._due else None

    def after_run(self, run_context, run_values):
        if self._due:
            self._shown = self._clock()
            seconds = self._shown - self._started
            self._write(run_values.results, seconds)

    def end(self, session):
        tf.get_logger().removeFilter(self._filter)
        self._stream.write("\r\033[K")
        self._stream.flush()

    def _write(self, values, seconds):
        rate = (values["step"] - self._first) / max(seconds, 1e-9)
        line = line_of(values["step"], self._max_steps, values["loss"], rate)
        self._stream.write(f"\r\033[K{line}")
        self._stream.flush()


def line_of(step: int, max_steps: int | None, loss: list, rate: float) -> str:
    """`step 1200/5302  loss 0.2187  19.8 steps/s  3:27 left`."""
    parts = [f"step {step}" + (f"/{max_steps}" if max_steps else "")]
    parts += [f"loss {value:.4f}" for value in loss]
    parts.append(f"{rate:.1f} steps/s")
    if max_steps and rate > 0:
        minutes, seconds = divmod(round((max_steps - step) / rate), 60)
        parts.append(f"{minutes}:{seconds:02d} left")
    return "  ".join(parts)


class NoRepeatedLoss(logging.Filter):
    """Drops the log lines that say what the progress line of `stream` shows.

    Any other line takes the progress line's place.
    """

    def __init__(self, stream):
        super().__init__()
        self._stream = stream

    def filter(self, record: logging.LogRecord) -> bool:
        if record.getMessage().startswith(("loss = ", "global_step/sec")):
            return False
        self._stream.write("\r\033[K")
        return True
