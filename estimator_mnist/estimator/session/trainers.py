"""Who trains: a process alone, the chief of a cluster, or one of its workers.

This is all that a training does otherwise in a cluster.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import integrity, lock, paths
from estimator_mnist.estimator.checkpoint.event_writers import EventWriter
from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import train_hooks
from estimator_mnist.estimator.session.model_graph import GRACE_SECS, ModelGraph
from estimator_mnist.estimator.session.steps.multi_step import Steps
from estimator_mnist.estimator.session.train_hooks import TrainedFolder

tf1 = tf.compat.v1

# SyncReplicasOptimizer's thread would wait for other workers to make a step.
CLUSTER_GRACE_SECS = 2


class StartingPoint(NamedTuple):
    """Where a training begins."""

    step: int  # the global step
    checkpoint: str | None  # to restore; None to initialize, or to follow the chief
    folder: TrainedFolder | None = None  # None where another process saves


class Trainer(Protocol):
    """What a training asks of the process that it runs in."""

    grace_secs: int  # how long closing the session waits for threads

    def device_fn(self) -> Callable | None:
        """Returns what places the ops; None for TensorFlow's choice."""

    def attempts(self) -> Iterator[contextlib.AbstractContextManager]:
        """Yields a context for each attempt to train, until one has succeeded."""

    def start(
        self, max_steps: int | None
    ) -> contextlib.AbstractContextManager[StartingPoint]:
        """Returns a context within which this process trains in model_dir."""

    def session_creator(
        self, model: ModelGraph, config: RunConfig, start: StartingPoint
    ) -> tf.compat.v1.train.SessionCreator:
        """Returns what opens the session."""

    def hooks(
        self,
        start: StartingPoint,
        spec: EstimatorSpec,
        config: RunConfig,
        hooks: Sequence,
        saving_listeners: Sequence,
        steps: Steps,
    ) -> list:
        """Returns the session's hooks, those that were given among them."""


def trainer_of(config: RunConfig) -> Trainer:
    """Returns the Trainer that `config` makes of this process.

    Raises:
      ValueError: this task could not train, or not with the others.
    """
    servers.check(config)
    if not config.is_chief:
        return Worker(config)
    return Chief(config) if servers.is_member(config) else Alone(config)


class Alone:
    """Restores, trains and saves, in a process of its own."""

    grace_secs = GRACE_SECS

    def __init__(self, config: RunConfig):
        self._config = config

    def device_fn(self) -> Callable | None:
        return servers.device_fn(self._config)

    def attempts(self) -> Iterator[contextlib.AbstractContextManager]:
        yield contextlib.nullcontext()

    @contextlib.contextmanager
    def start(self, max_steps: int | None) -> Iterator[StartingPoint]:
        """Holds model_dir against other trainers.

        Raises:
          ModelDirInUseError: another process trains there.
          DamagedCheckpointError: there are checkpoints, but none can be read.
        """
        del max_steps
        model_dir = self._config.model_dir
        with lock.one_trainer(model_dir) as held, EventWriter(model_dir) as events:
            checkpoint = integrity.prepare(model_dir, held.follows_a_kill())
            folder = TrainedFolder(held, events)
            yield StartingPoint(paths.step_of(checkpoint), checkpoint, folder)

    def session_creator(
        self, model: ModelGraph, config: RunConfig, start: StartingPoint
    ) -> tf.compat.v1.train.SessionCreator:
        return model.session_creator(config, start.checkpoint, config.master)

    def hooks(
        self,
        start: StartingPoint,
        spec: EstimatorSpec,
        config: RunConfig,
        hooks: Sequence,
        saving_listeners: Sequence,
        steps: Steps,
    ) -> list:
        assert start.folder
        return train_hooks.of_chief(
            spec, config, hooks, saving_listeners, steps, start.folder
        )


class Chief(Alone):
    """Restores, trains and saves for a cluster, whose servers may go away."""

    grace_secs = CLUSTER_GRACE_SECS

    def attempts(self) -> Iterator[contextlib.AbstractContextManager]:
        return _attempts()

    def session_creator(
        self, model: ModelGraph, config: RunConfig, start: StartingPoint
    ) -> tf.compat.v1.train.SessionCreator:
        creator = super().session_creator(model, config, start)
        return servers.CreateOnce(creator, config)


class Worker:
    """Trains with a chief, which restores and saves."""

    grace_secs = CLUSTER_GRACE_SECS

    def __init__(self, config: RunConfig):
        self._config = config

    def device_fn(self) -> Callable | None:
        return servers.device_fn(self._config)

    def attempts(self) -> Iterator[contextlib.AbstractContextManager]:
        return _attempts()

    @contextlib.contextmanager
    def start(self, max_steps: int | None) -> Iterator[StartingPoint]:
        """Waits for the chief.

        Raises:
          JobOver: the chief has ended the job; `attempts` takes it in.
          ClusterError: no chief or server for session_creation_timeout_secs.
        """
        yield StartingPoint(servers.step_of_chief(self._config, max_steps), None)

    def session_creator(
        self, model: ModelGraph, config: RunConfig, start: StartingPoint
    ) -> tf.compat.v1.train.SessionCreator:
        del start
        return servers.CreateOnce(model.worker_session_creator(config), config)

    def hooks(
        self,
        start: StartingPoint,
        spec: EstimatorSpec,
        config: RunConfig,
        hooks: Sequence,
        saving_listeners: Sequence,
        steps: Steps,
    ) -> list:
        del start, saving_listeners
        return train_hooks.of_worker(spec, config, hooks, steps)


def _attempts() -> Iterator[contextlib.AbstractContextManager]:
    """Yields attempts, another each time that a server was lost in the last."""
    attempt = _Attempt()
    yield attempt
    while attempt.has_lost_server:
        attempt = _Attempt()
        yield attempt


class _Attempt(contextlib.AbstractContextManager):
    """Takes in that the job is over, or that a server went away."""

    def __init__(self) -> None:
        self.has_lost_server = False

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, (servers.PeerLost, *servers.LOST)):
            self.has_lost_server = True
            tf1.logging.warning(
                "A server of the cluster went away: going on from the newest "
                "checkpoint as soon as it is back."
            )
            time.sleep(servers.SECS_BETWEEN_LOOKS)
        return self.has_lost_server or isinstance(error, servers.JobOver)
