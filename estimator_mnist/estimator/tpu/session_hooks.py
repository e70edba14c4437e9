"""Hooks of a TPUEstimator's sessions."""

from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.checkpoint.event_writers import EventWriter
from estimator_mnist.estimator.session.model_graph import GLOBAL_STEP_READ

tf1 = tf.compat.v1

# The collection in which writers of tf.summary leave the ops that open them.
_SUMMARY_WRITERS = "_SUMMARY_WRITER_V2"


class OutfeedHostCallHook(tf.compat.v1.train.SessionRunHook):
    """Runs what host_call returned with each step.

    Summary writers of TensorFlow 2 in the graph are opened with the session, and
    flushed with its end.
    """

    def __init__(self, fetches: Any):
        self._fetches = fetches
        self._openers: list[tf.Operation] = []
        self._flushers: list[tf.Operation] = []

    def begin(self) -> None:
        self._openers = tf1.get_collection(_SUMMARY_WRITERS)
        self._flushers = [
            tf.raw_ops.FlushSummaryWriter(writer=opener.inputs[0])
            for opener in self._openers
        ]

    def after_create_session(self, session: Any, coord: Any) -> None:
        session.run(self._openers)

    def before_run(self, run_context: Any) -> Any:
        return tf1.train.SessionRunArgs(self._fetches)

    def end(self, session: Any) -> None:
        session.run(self._flushers)


class ExamplesPerSecondHook(tf.compat.v1.train.SessionRunHook):
    """Logs the steps and examples per second, and writes them to the events."""

    def __init__(self, batch_size: int, every_n_steps: int, output_dir: str | None):
        """Takes the batches' size, and how many steps are between lines.

        Args:
          output_dir: the events' folder; None to log only.
        """
        self._batch_size, self._folder = batch_size, output_dir
        self._timer = tf1.train.SecondOrStepTimer(every_steps=every_n_steps)
        self._read: tf.Tensor | None = None

    def begin(self) -> None:
        self._timer.reset()
        self._read, *_ = tf1.get_collection(GLOBAL_STEP_READ)

    def before_run(self, run_context: Any) -> Any:
        return tf1.train.SessionRunArgs(self._read)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = run_values.results + 1  # it was read before the step was made
        if not self._timer.should_trigger_for_step(step):
            return
        seconds, steps = self._timer.update_last_triggered_step(step)
        if seconds is not None:
            self._report(step, steps / seconds)

    def _report(self, step: int, steps_per_second: float) -> None:
        examples_per_second = steps_per_second * self._batch_size
        tf1.logging.info("global_step/sec: %g", steps_per_second)
        tf1.logging.info("examples/sec: %g", examples_per_second)
        if self._folder is None:
            return
        values = {"global_step/sec": steps_per_second}
        values["examples/sec"] = examples_per_second
        with EventWriter(self._folder) as events:
            for tag, value in values.items():
                one = tf1.Summary.Value(tag=tag, simple_value=value)
                events.add_summary(tf1.Summary(value=[one]), step)
