"""Hooks that keep a model_dir good: no NaN in it, no gap in its events."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import event_writers, lock, paths

tf1 = tf.compat.v1


class NanLossError(tf.compat.v1.train.NanLossDuringTrainingError):
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


class NanWatch(tf.compat.v1.train.SessionRunHook):
    """Looks at the loss of each run, before the hooks that ask whether it is NaN."""

    def __init__(self, loss: tf.Tensor):
        self._loss = loss
        self.is_nan = False

    def before_run(self, run_context: Any) -> tf.compat.v1.train.SessionRunArgs:
        return tf1.train.SessionRunArgs(self._loss)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.is_nan = bool(np.isnan(run_values.results).any())


class StopAtNanHook(tf.compat.v1.train.SessionRunHook):
    """Raises NanLossError at the first step with a loss that is not a number.

    It comes after the hooks that are to see that step, and `watch` before all others.
    """

    def __init__(self, watch: NanWatch):
        self._watch = watch
        self._global_step: tf.Tensor | None = None

    def begin(self) -> None:
        self._global_step = tf1.train.get_global_step()

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._watch.is_nan:
            tf1.logging.error("Model diverged with loss = NaN.")
            session = run_context.session
            step = int(session.run(self._global_step))
            raise NanLossError("the loss is NaN", step, _learning_rate(session))


class NotAtNan(tf.compat.v1.train.SessionRunHook):
    """Hides a step with a NaN loss from a hook that would write what it made."""

    def __init__(self, hook: tf.compat.v1.train.SessionRunHook, watch: NanWatch):
        self._hook, self._watch = hook, watch

    def begin(self) -> None:
        self._hook.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        self._hook.after_create_session(session, coord)

    def before_run(self, run_context: Any) -> Any:
        return self._hook.before_run(run_context)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if not self._watch.is_nan:
            self._hook.after_run(run_context, run_values)

    def end(self, session: Any) -> None:
        if not self._watch.is_nan:
            self._hook.end(session)


class HeldFolderHook(tf.compat.v1.train.SessionRunHook):
    """Ends a training whose model_dir is not the folder any more that it began in.

    So that no hook writes to another run's; it comes before all that write.
    """

    every_step = False

    def __init__(self, held: lock.HeldFolder):
        self._held = held

    def before_run(self, run_context: Any) -> None:
        self._held.check()

    def end(self, session: Any) -> None:
        self._held.check()


class OpenEventFileHook(tf.compat.v1.train.SessionRunHook):
    """Opens the event file of a model_dir, before a CheckpointSaverHook does.

    The default graph is written to a file as it is opened. CheckpointSaverHook, which
    writes the graph when it is finished, would have an unfinished one there too.
    """

    def __init__(self, events: event_writers.EventWriter):
        self._events = events

    def begin(self) -> None:
        self._events.open()


class RecoverCheckpointsHook(tf.compat.v1.train.SessionRunHook):
    """Tells the saver of earlier runs' checkpoints, so that it deletes them in time.

    It comes before what saves. A Saver can be told sooner, but what a Scaffold makes of
    a tf.train.Checkpoint is there with the session only.
    """

    def __init__(self, scaffold: tf.compat.v1.train.Scaffold, model_dir: str):
        self._scaffold, self._model_dir = scaffold, model_dir

    def after_create_session(self, session: Any, coord: Any) -> None:
        saver = self._scaffold.saver
        saver.recover_last_checkpoints(paths.all_paths(self._model_dir))


class CheckBeforeSave(tf.compat.v1.train.CheckpointSaverListener):
    """Prevents checkpoints with NaN, and checkpoints that are ahead of their events.

    A full disk costs these events; they are tried again with each save.
    """

    def __init__(self, events: event_writers.EventWriter):
        self._events = events
        self._names: list[str] = []
        self._nan: tf.Tensor | None = None

    def begin(self) -> None:
        weights = [v for v in tf1.trainable_variables() if v.dtype.is_floating]
        self._names = [weight.op.name for weight in weights]
        with tf1.name_scope("search_for_nan"):
            nan = [tf.reduce_any(tf.math.is_nan(weight)) for weight in weights]
            self._nan = tf.stack(nan) if nan else tf.zeros([0], tf.bool)

    def before_save(self, session: Any, global_step_value: int) -> None:
        bad = session.run(self._nan)
        if bad.any():
            what = f"{self._names[bad.argmax()]} has become NaN"
            raise NanLossError(what, int(global_step_value), _learning_rate(session))
        # A kill right after the save would take the buffered events.
        self._events.recover()
        self._events.flush()


@runtime_checkable
class FinishesSaving(Protocol):
    """A saver whose last save may have failed."""

    @property
    def has_failed(self) -> bool:
        """Returns whether the last save has failed."""

    def finish(self, sess: Any) -> None:
        """Tries once more where the last save has failed; raises SaveError."""


class AfterSuccess(tf.compat.v1.train.CheckpointSaverListener):
    """Tells a listener of saves, but not that one is done which has failed."""

    def __init__(self, listener: Any, scaffold: tf.compat.v1.train.Scaffold):
        self._listener, self._scaffold = listener, scaffold

    def __str__(self) -> str:
        """Returns the listener's own name, for a log line about it."""
        return str(self._listener)

    def begin(self) -> None:
        self._listener.begin()

    def before_save(self, session: Any, global_step_value: int) -> None:
        self._listener.before_save(session, global_step_value)

    def after_save(self, session: Any, global_step_value: int) -> bool | None:
        saver = self._scaffold.saver
        if isinstance(saver, FinishesSaving) and saver.has_failed:
            return None
        return self._listener.after_save(session, global_step_value)

    def end(self, session: Any, global_step_value: int) -> None:
        self._listener.end(session, global_step_value)


class FinishSavingHook(tf.compat.v1.train.SessionRunHook):
    """Makes a saver that failed with its last checkpoint try again, or raise."""

    def __init__(self, scaffold: tf.compat.v1.train.Scaffold):
        self._scaffold = scaffold

    def end(self, session: Any) -> None:
        if isinstance(self._scaffold.saver, FinishesSaving):
            self._scaffold.saver.finish(session)


class ListenToSavesHook(tf.compat.v1.train.SessionRunHook):
    """Calls listeners where a CheckpointSaverHook of the user's writes checkpoints.

    It sees a checkpoint when it has been written, so that before_save comes late.
    """

    def __init__(self, scaffold: tf.compat.v1.train.Scaffold, listeners: Sequence):
        self._scaffold, self._listeners = scaffold, listeners
        self._seen: list[str] = []
        self._global_step: tf.Tensor | None = None

    def begin(self) -> None:
        self._global_step = tf1.train.get_global_step()
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        self._tell_of_new_ones(session)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._tell_of_new_ones(run_context.session):
            run_context.request_stop()

    def end(self, session: Any) -> None:
        self._tell_of_new_ones(session)
        step = session.run(self._global_step)
        for listener in self._listeners:
            listener.end(session, step)

    def _tell_of_new_ones(self, session: Any) -> bool:
        """Calls the listeners where there is a new checkpoint; returns their wish."""
        saved = list(self._scaffold.saver.last_checkpoints)
        if saved == self._seen:
            return False
        self._seen, step = saved, session.run(self._global_step)
        for listener in self._listeners:
            listener.before_save(session, step)
        return any([listener.after_save(session, step) for listener in self._listeners])


def _learning_rate(session: Any) -> float | None:
    """Returns the constant that tf.compat.v1.train's optimizers call so, or None."""
    for operation in session.graph.get_operations():
        last = operation.name.rpartition("/")[2]
        if last == "learning_rate" and operation.type == "Const":
            return float(session.run(operation.outputs[0]))
    return None
