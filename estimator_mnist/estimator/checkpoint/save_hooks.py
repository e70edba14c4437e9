"""Hooks that keep a model_dir good: no NaN in it, no gap in its events."""

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


class NanLossError(tf1.train.NanLossDuringTrainingError):
    """The loss or a weight is not a number; `step` and `learning_rate` say when."""

    def __init__(self, what: str, step: int, learning_rate: float | None):
        super().__init__()
        self.what, self.step, self.learning_rate = what, step, learning_rate

    def __str__(self) -> str:
        rate = self.learning_rate
        at = "" if rate is None else f", at learning rate {rate:g}"
        return (
            f"NaN loss during training: {self.what} at step {self.step}{at}. The "
            "checkpoint before it is still good; try a smaller learning rate."
        )


class StopAtNan(tf1.train.SessionRunHook):
    """Raises NanLossError at the first step with a loss that is not a number."""

    def __init__(self, loss):
        self._loss = loss

    def begin(self):
        self._step = tf1.train.get_global_step()

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs(self._loss)

    def after_run(self, run_context, run_values):
        if np.isnan(run_values.results).any():
            session = run_context.session
            step = int(session.run(self._step))
            raise NanLossError("the loss is NaN", step, _learning_rate(session))


class OpenEvents(tf1.train.SessionRunHook):
    """Opens the event file of `model_dir`, before a CheckpointSaverHook does.

    Whoever opens it has the default graph written to it. That hook, which writes the
    graph when it is finished, would have an unfinished one there too.
    """

    def __init__(self, model_dir: str):
        self._model_dir = model_dir

    def begin(self):
        with tf.Graph().as_default():
            tf1.summary.FileWriterCache.get(self._model_dir)


class BeforeSave(tf1.train.CheckpointSaverListener):
    """Lets no checkpoint with NaN be written, nor one that is ahead of its events."""

    def __init__(self, model_dir: str):
        self._model_dir = model_dir

    def begin(self):
        weights = [v for v in tf1.trainable_variables() if v.dtype.is_floating]
        self._names = [weight.op.name for weight in weights]
        with tf1.name_scope("search_for_nan"):
            nan = [tf.reduce_any(tf.math.is_nan(weight)) for weight in weights]
            self._nan = tf.stack(nan) if nan else tf.zeros([0], tf.bool)

    def before_save(self, session, global_step_value):
        bad = session.run(self._nan)
        if bad.any():
            what = f"{self._names[bad.argmax()]} has become NaN"
            raise NanLossError(what, int(global_step_value), _learning_rate(session))
        self._flush_events()

    def _flush_events(self):
        """A kill right after the save would take the buffered events with it.

        A full disk costs these events; a writer that it has broken is opened anew.
        """
        writer = tf1.summary.FileWriterCache.get(self._model_dir)
        try:
            writer.flush()
        except (RuntimeError, OSError, tf.errors.OpError) as error:
            tf1.logging.warning("Events not written: %s", error)
            writer.close()
            writer.reopen()


class FinishSaving(tf1.train.SessionRunHook):
    """Has a saver that failed with its last checkpoint try again, or raise."""

    def __init__(self, scaffold):
        self._scaffold = scaffold

    def end(self, session):
        finish = getattr(self._scaffold.saver, "finish", None)
        if finish:
            finish(session)


def _learning_rate(session) -> float | None:
    """The constant that optimizers of tf.compat.v1.train call so; None without one."""
    for operation in session.graph.get_operations():
        last = operation.name.rpartition("/")[2]
        if last == "learning_rate" and operation.type == "Const":
            return float(session.run(operation.outputs[0]))
    return None
