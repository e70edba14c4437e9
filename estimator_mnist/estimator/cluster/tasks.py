"""What each task of a cluster does in train_and_evaluate, and how all of them end.

The chief decides: when it ends, it writes the job's status to the parameter servers,
where workers look, and to model_dir, where the evaluator looks.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.checkpoint import lock, paths
from estimator_mnist.estimator.cluster import job_status, servers
from estimator_mnist.estimator.cluster.job_status import (
    JobStatus,
    JobStatusFile,
    JobStatusVariables,
)
from estimator_mnist.estimator.cluster.watchdogs import (
    SECS_BETWEEN_LOOKS,
    ChiefWatchdog,
    JobWatchdog,
)
from estimator_mnist.estimator.hooks.stop_on_signal import Interruptible
from estimator_mnist.estimator.run_config import RunConfig

if TYPE_CHECKING:
    from estimator_mnist.estimator.estimator import Estimator
    from estimator_mnist.estimator.training import CheckpointEvaluator, TrainSpec

tf1 = tf.compat.v1

# How long a parameter server waits for the workers to leave: a killed one never does.
SECS_FOR_LEAVING = 10
# How long the chief tries to reach a parameter server, to tell it that all is over.
SECS_FOR_STARTING = 20


def run(
    estimator: Estimator,
    train_spec: TrainSpec,
    evaluators: Sequence[CheckpointEvaluator],
) -> None:
    """Does the work of the task that estimator.config names; returns when it is done.

    Args:
      evaluators: for the tasks that evaluate.

    Raises:
      ClusterError: another task failed, or does not answer.
      ValueError: there is no such task.
    """
    work = {
        tf_config.CHIEF: _run_chief,
        tf_config.MASTER: _run_master,
        tf_config.WORKER: _run_worker,
        tf_config.PS: _run_ps,
        tf_config.EVALUATOR: _run_evaluator,
    }.get(estimator.config.task_type)
    if work is None:
        raise ValueError(
            f"The task type {estimator.config.task_type!r} of TF_CONFIG is none of "
            "chief, master, worker, ps and evaluator."
        )
    work(estimator, train_spec, evaluators)


def is_alone(config: RunConfig) -> bool:
    """Returns whether there is no cluster: training and evaluating take turns."""
    return not config.cluster_spec.jobs and config.task_type != tf_config.EVALUATOR


def serve(config: RunConfig) -> None:
    """Holds the variables, as a parameter server, until the chief is done.

    Raises:
      ClusterError: the chief has failed, or did not answer for
        config.session_creation_timeout_secs.
    """
    server = servers.start_server(config)
    variables = JobStatusVariables(config.task_id, server.target, config)
    watchdog = ChiefWatchdog(config)
    with variables.open() as session:
        variables.initialize(session)
        while not (status := variables.read(session)):
            watchdog.look()
            time.sleep(SECS_BETWEEN_LOOKS)
        deadline = time.monotonic() + SECS_FOR_LEAVING
        while variables.count_left(session) < config.num_worker_replicas:
            if time.monotonic() > deadline:
                break
            time.sleep(SECS_BETWEEN_LOOKS)
    _raise_if_failed(status)


def _run_ps(
    estimator: Estimator,
    train_spec: TrainSpec,
    evaluators: Sequence[CheckpointEvaluator],
) -> None:
    serve(estimator.config)


def _run_master(
    estimator: Estimator,
    train_spec: TrainSpec,
    evaluators: Sequence[CheckpointEvaluator],
) -> None:
    _lead(estimator, train_spec, evaluators)


def _run_chief(
    estimator: Estimator,
    train_spec: TrainSpec,
    evaluators: Sequence[CheckpointEvaluator],
) -> None:
    _lead(estimator, train_spec, [])


def _lead(estimator: Estimator, train_spec: TrainSpec, listeners: Sequence) -> None:
    """Trains, then tells the others that the job is over, or has failed."""
    config = estimator.config
    servers.check(config)
    with lock.one_trainer(config.model_dir):
        job = JobStatusFile(config.model_dir, train_spec.max_steps)
        job.write(job_status.RUNNING)
        # It serves as long as a variable refers to it.
        server = servers.is_member(config) and servers.start_server(config)
        try:
            _train(estimator, train_spec, listeners)
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            _tell_servers(config, job.write(job_status.FAILED, reason=reason))
            raise
        if not _is_interrupted(train_spec):
            step = paths.step_of(estimator.latest_checkpoint())
            _tell_servers(config, job.write(job_status.DONE, step))
    del server


def _is_interrupted(train_spec: TrainSpec) -> bool:
    """Returns whether a signal ended it: it may come back, as one that was killed."""
    return any(
        isinstance(hook, Interruptible) and hook.interrupted
        for hook in train_spec.hooks
    )


def _tell_servers(config: RunConfig, status: JobStatus) -> None:
    def write(variables: JobStatusVariables, session: tf.compat.v1.Session) -> None:
        variables.write(session, status)
        variables.leave(session)

    # Where there was nothing to train, the servers may still be starting.
    _at_each_server(config, write, 1 if status.failed else SECS_FOR_STARTING)


def _run_worker(
    estimator: Estimator,
    train_spec: TrainSpec,
    evaluators: Sequence[CheckpointEvaluator],
) -> None:
    config = estimator.config
    servers.check(config)
    server = servers.start_server(config)
    delay = servers.start_delay_secs(config)
    job = JobStatusFile(config.model_dir, train_spec.max_steps)
    with JobWatchdog(config, job) as watchdog:
        tf1.logging.info("Waiting %d secs before starting training.", delay)
        if not watchdog.over.wait(delay):
            _train_watched(estimator, train_spec, watchdog)
    _at_each_server(config, JobStatusVariables.leave, 1)
    _raise_if_failed(watchdog.status)
    del server


def _train_watched(
    estimator: Estimator, train_spec: TrainSpec, watchdog: JobWatchdog
) -> None:
    try:
        _train(estimator, train_spec, [], [watchdog])
    except (tf.errors.OpError, RuntimeError):
        # The session was closed under a step that nobody would have finished.
        if not watchdog.broke_off:
            raise


def _train(
    estimator: Estimator,
    train_spec: TrainSpec,
    listeners: Sequence,
    hooks: Sequence = (),
) -> None:
    try:
        estimator.train(
            train_spec.input_fn,
            hooks=[*train_spec.hooks, *hooks],
            max_steps=train_spec.max_steps,
            saving_listeners=[*train_spec.saving_listeners, *listeners],
        )
    except tf.errors.DeadlineExceededError as error:
        raise _step_too_long(estimator.config) from error


def _step_too_long(config: RunConfig) -> errors.ClusterError:
    return errors.ClusterError(
        "A step did not end in "
        f"{config.session_creation_timeout_secs:g} s (RunConfig."
        "session_creation_timeout_secs): a parameter server is gone, or, with "
        "SyncReplicasOptimizer, a worker. Start it again, and this task too."
    )


def _at_each_server(
    config: RunConfig,
    do: Callable[[JobStatusVariables, tf.compat.v1.Session], None],
    secs: float,
) -> None:
    """Calls do(variables, session) for each parameter server that answers in time."""
    for task, address in servers.servers(config).items():
        try:
            servers.wait_for(f"ps {task}", address, secs)
            variables = JobStatusVariables(task, config.master, config)
            with variables.open() as session:
                do(variables, session)
        except (tf.errors.OpError, errors.ClusterError) as error:
            tf1.logging.warning("ps %d does not know that we end: %s", task, error)


def _raise_if_failed(status: JobStatus | None) -> None:
    with contextlib.suppress(servers.JobOver):
        servers.raise_if_over(status)


def _run_evaluator(
    estimator: Estimator,
    train_spec: TrainSpec,
    evaluators: Sequence[CheckpointEvaluator],
) -> None:
    """Follows the checkpoints to the last."""
    config, max_steps = estimator.config, train_spec.max_steps
    job = JobStatusFile(config.model_dir, max_steps)
    watchdog = ChiefWatchdog(config)
    for one in evaluators:
        one.begin_following()
    is_last, evaluated = False, list[bool]()
    while not (is_last and all(evaluated)):
        # Asked first: what there is after that is all there will be.
        status = job.ended()
        _raise_if_failed(status)
        path, step = _newest(estimator)
        is_last = bool(status) or bool(max_steps and step >= max_steps)
        evaluated = [one.follow(path, step, is_last) for one in evaluators if path]
        if not is_last:
            watchdog.look(path)
            time.sleep(SECS_BETWEEN_LOOKS)
    tf1.logging.info("Exiting evaluation at global step %d: training is over.", step)


def _newest(estimator: Estimator) -> tuple[str | None, int]:
    """Returns path and step of the newest checkpoint, which may be deleted now."""
    path = estimator.latest_checkpoint()
    try:
        return path, paths.step_of(path)
    except (tf.errors.OpError, ValueError):
        if path and paths.exists(path):
            raise
        return _newest(estimator)
