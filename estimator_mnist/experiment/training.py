"""Trains an experiment: alone or in a cluster, with evaluations on the way."""

import functools
from typing import NamedTuple

from estimator_mnist import estimator
from estimator_mnist.data import input_fns
from estimator_mnist.estimator.checkpoint import integrity, lock
from estimator_mnist.estimator.hooks import stop_on_signal
from estimator_mnist.experiment import cluster, early_stopping, progress, run_record
from estimator_mnist.experiment import experiment as experiments

NO_LIMITS = early_stopping.Limits()


class Training(NamedTuple):
    """How a training went."""

    first: int  # global step before
    last: int  # and after
    stopped_by: str | None  # why it ended before max_steps
    restored: int | None  # step of the best checkpoint, which is the newest now
    signum: int | None  # of the signal that ended it, after a save


def train(
    experiment: experiments.Experiment,
    runner,
    steps: int | None = None,
    max_steps: int | None = None,
    limits: early_stopping.Limits = NO_LIMITS,
    terminal=None,
) -> Training:
    """Trains, evaluating on the way if the experiment's cadence says so.

    In a cluster this is the chief's part.

    Args:
      runner: the Estimator that build_estimator made of the experiment.
      steps: how many more; max_steps: the step to end at; both None for the model's
        own max_steps.
      limits: when to stop before that.
      terminal: a stream that shows progress, or None.

    Raises:
      signals.Interrupted: a signal came while nothing was unsaved.
      ModelDirInUseError, DamagedCheckpointError: with what to do.
    """
    with lock.one_trainer(experiment.model_dir), stop_on_signal.StopOnSignal() as stop:
        integrity.prepare(experiment.model_dir)
        return _train(experiment, runner, steps, max_steps, limits, terminal, stop)


def _train(experiment, runner, steps, max_steps, limits, terminal, stop) -> Training:
    follower = early_stopping.Follower(
        experiment.model_dir,
        limits,
        on_open=lambda: _begin_run(experiment, first),
    )
    was_restored = follower.undo_restore()
    first = last = experiments.step_reached(runner)
    if not first:
        follower.course = early_stopping.Course()
    if steps is None and max_steps is None:
        max_steps = experiments.MODELS[experiment.model].max_steps
    end = max_steps or first + steps
    _evaluate_what_a_kill_left_out(experiment, runner, follower, first)
    is_due = first < end and not follower.reason_to_stop
    if is_due or cluster.role():
        hooks = [follower, stop.hook]
        if terminal:
            hooks.append(progress.ProgressHook(terminal, end))
        _train_and_evaluate(experiment, runner, first, end, follower, hooks, stop)
        last = experiments.step_reached(runner)
    if is_due:
        run_record.end_run(experiment.model_dir, last)
    again = was_restored and first == last
    wanted = (limits.restore_best or again) and not stop.signum
    best = follower.restore_best() if wanted else None
    return Training(first, last, follower.reason_to_stop, best, stop.signum)


def _train_and_evaluate(experiment, runner, first, end, follower, hooks, stop):
    runtime, data = experiments.ENGINES[experiment.engine](), experiment.data
    if cluster.role():
        _train_together(experiment, runner, end, hooks, [stop.listener])
        return
    input_fn = input_fns.train_input_fn(
        data.train, experiment.batch_size, experiment.seed, experiment.translate
    )
    # The real Estimator does not tell an input_fn where a resumed run continues.
    input_fn = functools.partial(input_fn, start_step=first)
    listeners = [stop.listener]
    if not experiment.cadence.eval_steps_interval:
        runner.train(input_fn, hooks, max_steps=end, saving_listeners=listeners)
        return
    eval_spec = runtime.EvalSpec(
        experiments.whole(data.validation, experiment),
        steps=None,
        name=experiments.VALIDATION,
        exporters=follower.listener(runtime),
        start_delay_secs=0,
        throttle_secs=0,
    )
    train_spec = runtime.TrainSpec(input_fn, end, hooks, listeners)
    runtime.train_and_evaluate(runner, train_spec, eval_spec)


def join(
    experiment: experiments.Experiment, runner, max_steps: int | None
) -> dict | None:
    """A worker's or an evaluator's part; returns the latter's last results."""
    end = max_steps or experiments.MODELS[experiment.model].max_steps
    return _train_together(experiment, runner, end, [], [])


def _train_together(experiment, runner, end, hooks, listeners):
    data, config = experiment.data, runner.config
    input_fn = input_fns.train_input_fn(
        data.train,
        experiment.batch_size,
        experiment.seed,
        experiment.translate,
        shard=cluster.shard(config, experiment.sync_replicas),
    )
    validation = experiments.whole(data.validation, experiment)
    specs = cluster.specs(
        input_fn, end, validation, experiments.VALIDATION, hooks, listeners
    )
    results, _ = estimator.train_and_evaluate(runner, *specs)
    return results


def _evaluate_what_a_kill_left_out(experiment, runner, follower, step):
    """A run killed between a checkpoint and its evaluation decides as if it was not."""
    if experiment.cadence.eval_steps_interval and step > max(
        follower.course.evaluated_step, 0
    ):
        results = experiments.evaluate(
            experiment, runner, experiments.VALIDATION, experiments.VALIDATION
        )
        follower.note(runner.latest_checkpoint(), results)


def _begin_run(experiment, first):
    """Only now, because flags that the checkpoint refuses must not be recorded."""
    run_record.begin_run(
        experiment.model_dir,
        experiment.settings,
        experiment.data_dir,
        experiment.engine,
        first,
    )
