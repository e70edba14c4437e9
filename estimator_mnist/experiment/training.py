"""Trains an experiment: alone or in a cluster, with evaluations on the way."""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TextIO

import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.data import input_fns
from estimator_mnist.estimator.checkpoint import event_writers, integrity, lock
from estimator_mnist.estimator.hooks import stop_on_signal
from estimator_mnist.experiment import cluster, early_stopping, progress, run_record
from estimator_mnist.experiment import experiment as experiments

tf1 = tf.compat.v1

NO_LIMITS = early_stopping.Limits()


class TrainingResult(NamedTuple):
    """What a training has reached, and what ended it."""

    first: int  # global step before
    last: int  # and after
    stopped_by: str | None  # why it ended before max_steps
    restored: int | None  # step of the best checkpoint, which is the newest now
    signum: int | None  # of the signal that ended it, after a save


def train(
    experiment: experiments.Experiment,
    estimator: tf_estimator.Estimator,
    steps: int | None = None,
    max_steps: int | None = None,
    limits: early_stopping.Limits = NO_LIMITS,
    terminal: TextIO | None = None,
) -> TrainingResult:
    """Trains, evaluating on the way if the experiment's cadence says so.

    In a cluster this is the chief's part.

    Args:
      estimator: what build_estimator made of the experiment.
      steps: how many more; max_steps: the step to end at; both None for the model's
        own max_steps.
      limits: when to stop before that.
      terminal: a stream that shows progress, or None.

    Raises:
      stop_on_signal.Interrupted: a signal came while nothing was unsaved.
      ModelDirInUseError: another process trains in this model_dir.
      ModelDirLostError: the folder was renamed, deleted or replaced meanwhile.
      DamagedCheckpointError: none of the checkpoints is whole.
      CheckpointMismatchError: the checkpoint is another model's.
      EarlyStoppingStateError: early_stopping.json is damaged.
    """
    # Before anything is changed; what is loaded under the lock counts.
    early_stopping.EarlyStoppingState.load(experiment.model_dir)
    with (
        lock.one_trainer(experiment.model_dir) as held,
        stop_on_signal.StopOnSignal() as stop,
    ):
        follows_a_kill = held.follows_a_kill()
        integrity.prepare(experiment.model_dir, follows_a_kill)
        run = TrainingRun(experiment, estimator, limits, stop, terminal)
        with run.made_up_for(held):
            run.prepare(steps, max_steps, follows_a_kill)
            if run.is_due():
                held.check()
                run.train()
            held.check()
            return run.finish()


def join(
    experiment: experiments.Experiment,
    estimator: tf_estimator.Estimator,
    max_steps: int | None,
) -> dict[str, Any] | None:
    """Does a worker's or an evaluator's part; returns the latter's last results.

    Args:
      max_steps: global step to end at; None for the model's own.
    """
    end = max_steps or experiments.MODELS[experiment.model].max_steps
    train_spec = tf_estimator.TrainSpec(_batches_of_task(experiment, estimator), end)
    results, _ = tf_estimator.train_and_evaluate(
        estimator, train_spec, _eval_spec_in_cluster(experiment)
    )
    return results


class TrainingRun:
    """One training of an experiment: from its newest checkpoint to a step or a limit.

    It needs the lock on the model_dir, and whole checkpoints there.
    """

    def __init__(
        self,
        experiment: experiments.Experiment,
        estimator: tf_estimator.Estimator,
        limits: early_stopping.Limits,
        stop: stop_on_signal.StopOnSignal,
        terminal: TextIO | None = None,
    ) -> None:
        """Loads what earlier runs have reached; see `train` for the arguments."""
        self._experiment, self._estimator = experiment, estimator
        self._limits, self._stop, self._terminal = limits, stop, terminal
        self._is_in_cluster = cluster.role() is not None
        self._early_stopping = early_stopping.EarlyStoppingHook(
            experiment.model_dir, limits
        )
        self._first = self._last = self._end = 0
        self._was_restored = False

    @contextlib.contextmanager
    def made_up_for(self, held: lock.HeldFolder) -> Iterator[None]:
        """Makes up for a signal that ends what is done within.

        Its lock is released as by a training that ends well, so that the next one does
        not ask what is missing.
        """
        try:
            yield
        except stop_on_signal.Interrupted:
            if held.is_same():
                self._early_stopping.make_up_for_a_signal()
            raise

    def prepare(
        self, steps: int | None, max_steps: int | None, follows_a_kill: bool
    ) -> None:
        """Finds where to begin and to end: `steps` more, `max_steps`, or the model's.

        What a kill left out is made up for.
        """
        self._was_restored = self._early_stopping.undo_restore()
        self._first = self._last = experiments.step_reached(self._estimator)
        self._end = self._end_step(self._first, steps, max_steps)
        if not self._first:
            self._early_stopping.reset()
        if follows_a_kill:
            self._early_stopping.make_up_for_a_kill()
        self._evaluate_if_killed_before(self._first)

    def is_due(self) -> bool:
        """Returns whether there is something to do.

        In a cluster the others wait for the chief, also where no step is due.
        """
        return self._is_in_cluster or self._is_training_due()

    def train(self) -> None:
        """Trains to the end, and evaluates on the way if the cadence says so."""
        is_training_due = self._is_training_due()
        record = RecordRunHook(self._experiment, self._first)
        train_spec = self._train_spec(self._first, self._end, record)
        if self._is_in_cluster or self._eval_steps_interval:
            self._runtime.train_and_evaluate(
                self._estimator, train_spec, self._eval_spec()
            )
        else:
            self._estimator.train(
                train_spec.input_fn,
                train_spec.hooks,
                max_steps=self._end,
                saving_listeners=train_spec.saving_listeners,
            )
        self._last = experiments.step_reached(self._estimator)
        if is_training_due:
            record.end_run(self._last)

    def finish(self) -> TrainingResult:
        """Restores the best weights where that is asked for; tells how it went."""
        again = self._was_restored and self._first == self._last
        return TrainingResult(
            self._first,
            self._last,
            restored=self._restore_best(again),
            stopped_by=self._early_stopping.reason_to_stop,
            signum=self._stop.signum,
        )

    def _is_training_due(self) -> bool:
        return self._first < self._end and not self._early_stopping.reason_to_stop

    def _end_step(self, first: int, steps: int | None, max_steps: int | None) -> int:
        if max_steps:
            return max_steps
        if steps is not None:
            return first + steps
        return experiments.MODELS[self._experiment.model].max_steps

    def _evaluate_if_killed_before(self, step: int) -> None:
        """Evaluates the checkpoint of `step` where a kill came before its evaluation.

        So a run that was killed decides as if it had not been.
        """
        checkpoint = self._estimator.latest_checkpoint()
        evaluated = self._early_stopping.state.evaluated_step
        is_due = self._eval_steps_interval and step > max(evaluated, 0)
        if checkpoint and is_due:
            results = experiments.evaluate(
                self._experiment,
                self._estimator,
                experiments.VALIDATION,
                experiments.VALIDATION,
            )
            self._early_stopping.add_evaluation(checkpoint, results)

    def _restore_best(self, again: bool) -> int | None:
        """Makes the best checkpoint the newest; returns its step, None if it does not.

        Args:
          again: whether it was the newest before, and nothing has been trained.
        """
        if self._stop.signum or not (self._limits.restore_best or again):
            return None
        return self._early_stopping.restore_best()

    def _train_spec(self, first: int, end: int, record: "RecordRunHook") -> Any:
        if self._is_in_cluster:
            input_fn = _batches_of_task(self._experiment, self._estimator)
        else:
            # The real Estimator does not tell an input_fn where a run continues.
            batches = _batches(self._experiment, input_fns.Shard())
            input_fn = functools.partial(batches, start_step=first)
        hooks = [record, *self._hooks(end)]
        return self._runtime.TrainSpec(input_fn, end, hooks, [self._stop.listener])

    def _hooks(self, end: int) -> Sequence[tf.compat.v1.train.SessionRunHook]:
        last = LastLossHook(
            self._experiment.model_dir,
            self._first,
            self._experiment.cadence.save_summary_steps,
        )
        hooks = [self._early_stopping, self._stop.hook, last]
        if self._terminal:
            hooks.append(progress.ProgressHook(self._terminal, end))
        return hooks

    def _eval_spec(self) -> Any:
        if self._is_in_cluster:
            return _eval_spec_in_cluster(self._experiment)
        return self._runtime.EvalSpec(
            experiments.whole(self._experiment.data.validation, self._experiment),
            steps=None,
            name=experiments.VALIDATION,
            exporters=self._early_stopping.exporter(self._runtime),
            start_delay_secs=0,
            throttle_secs=0,
        )

    @property
    def _runtime(self) -> Any:
        """The module with TrainSpec and its kin, this package's or TensorFlow's."""
        return experiments.ENGINES[self._experiment.engine]()

    @property
    def _eval_steps_interval(self) -> int | None:
        return self._experiment.cadence.eval_steps_interval


class RecordRunHook(tf.compat.v1.train.SessionRunHook):
    """Adds a run to experiment.json when its session has been created.

    Not before: settings that the checkpoint does not fit must not be recorded.
    """

    every_step = False

    def __init__(self, experiment: experiments.Experiment, first_step: int) -> None:
        """Takes the experiment and the global step that the run begins at."""
        self._experiment, self._first_step = experiment, first_step
        self._is_recorded = False

    def after_create_session(
        self, session: tf.compat.v1.Session, coord: tf.train.Coordinator
    ) -> None:
        with _tolerated():
            self._begin_run()

    def end_run(self, last_step: int) -> None:
        """Records the step that was reached; the run too, if that failed before."""
        with _tolerated():
            if not self._is_recorded:
                self._begin_run()
            run_record.end_run(self._experiment.model_dir, last_step)

    def _begin_run(self) -> None:
        run_record.begin_run(
            self._experiment.model_dir,
            self._experiment.settings,
            self._experiment.data_dir,
            self._experiment.engine,
            self._first_step,
        )
        self._is_recorded = True


class LastLossHook(tf.compat.v1.train.SessionRunHook):
    """Writes the loss of a training's last step, at which no summary may be due.

    Without it a curve would end up to save_summary_steps before the training does.
    """

    every_step = False

    def __init__(
        self, model_dir: str, first_step: int, save_summary_steps: int
    ) -> None:
        """Takes the folder of the events, and after which step summaries begin."""
        self._model_dir = model_dir
        self._first_step, self._every = first_step, save_summary_steps
        self._summaries: list[tf.Tensor] = []  # of the loss alone
        self._last: list[bytes] = []

    def begin(self) -> None:
        summaries = tf1.get_collection(tf1.GraphKeys.SUMMARIES)
        self._summaries = [one for one in summaries if one.op.name == "loss"]

    def before_run(
        self, run_context: tf.compat.v1.train.SessionRunContext
    ) -> tf.compat.v1.train.SessionRunArgs:
        return tf1.train.SessionRunArgs(self._summaries)

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues,
    ) -> None:
        self._last = run_values.results

    def end(self, session: tf.compat.v1.Session) -> None:
        step = int(session.run(tf1.train.get_global_step()))
        if (step - self._first_step - 1) % self._every == 0:
            return  # a summary was due
        with event_writers.EventWriter(self._model_dir) as writer:
            for summary in self._last:
                writer.add_summary(summary, step)
            writer.flush()


@contextlib.contextmanager
def _tolerated() -> Iterator[None]:
    """Logs an error of writing the record, which is no reason to end a training."""
    try:
        yield
    except OSError as error:
        tf1.logging.warning("%s not written: %s", run_record.FILE_NAME, error)


def _batches(
    experiment: experiments.Experiment, shard: input_fns.Shard
) -> input_fns.InputFn:
    return input_fns.train_input_fn(
        experiment.data.train,
        experiment.batch_size,
        experiment.seed,
        experiment.translate,
        shard=shard,
    )


def _batches_of_task(
    experiment: experiments.Experiment, estimator: tf_estimator.Estimator
) -> input_fns.InputFn:
    """Returns an input_fn of what this task of the cluster trains on."""
    shard = cluster.shard(estimator.config, experiment.sync_replicas)
    return _batches(experiment, shard)


def _eval_spec_in_cluster(experiment: experiments.Experiment) -> tf_estimator.EvalSpec:
    return tf_estimator.EvalSpec(
        experiments.whole(experiment.data.validation, experiment),
        steps=None,
        name=experiments.VALIDATION,
        start_delay_secs=0,
        throttle_secs=cluster.SECS_BETWEEN_EVALUATIONS,
    )
