"""A cluster of TensorFlow servers: who is in it, who waits for whom, and how long."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.cluster import job_status
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1

SECS_BETWEEN_LOOKS = 0.5
SECS_TO_CLOSE = 5
# As the original: the first worker after 5 s, the next after 10 s, ..., at most this.
SECS_BETWEEN_WORKERS, LONGEST_DELAY_SECS = 5, 60
_PROTOCOL = "grpc://"
# What a session raises whose server went away.
LOST = (tf.errors.AbortedError, tf.errors.UnavailableError)


class JobOver(Exception):
    """The chief has ended the job; nothing is left to do."""


class PeerLost(Exception):
    """A server went away in the midst of training; what it held is lost."""


def is_member(config: RunConfig) -> bool:
    """Returns whether this process is one of several that train a model."""
    return bool(config.cluster_spec.jobs) and bool(config.master)


def check(config: RunConfig) -> None:
    """Raises ValueError where this task could not train, or not with the others."""
    if config.task_type in (tf_config.PS, tf_config.EVALUATOR):
        raise ValueError(
            f"The task of TF_CONFIG, {config.task_type}, does not train: "
            "call train_and_evaluate, which does what each task is there for."
        )
    if config.num_worker_replicas > 1 and not servers(config):
        raise ValueError(
            f'The "cluster" of TF_CONFIG has {config.num_worker_replicas} workers, but '
            'no "ps" that would hold the variables they train together: add one.'
        )


def device_fn(config: RunConfig) -> Callable | None:
    """Returns what places the ops of a training: variables on parameter servers."""
    if config.device_fn or not config.num_ps_replicas:
        return config.device_fn
    return tf1.train.replica_device_setter(
        worker_device=f"/job:{config.task_type}/task:{config.task_id}",
        cluster=config.cluster_spec,
    )


def input_context(config: RunConfig) -> tf.distribute.InputContext:
    """Returns which of the workers' inputs is this task's, to divide the data by."""
    if not is_member(config):
        return tf.distribute.InputContext()
    return tf.distribute.InputContext(
        config.num_worker_replicas, config.global_id_in_cluster
    )


def session_config(config: RunConfig, master: str) -> tf.compat.v1.ConfigProto:
    """Returns config.session_config with a time limit for a session of `master`.

    TensorFlow has none for a server that is gone. Any one step, opening and closing may
    last session_creation_timeout_secs.
    """
    given = config.session_config
    if not master or given.operation_timeout_in_ms:
        return given
    limited = tf1.ConfigProto()
    limited.CopyFrom(given)
    limited.operation_timeout_in_ms = int(1000 * config.session_creation_timeout_secs)
    return limited


def start_delay_secs(config: RunConfig) -> int:
    """Returns the seconds that this worker waits, for others to train the weights."""
    longest = config.experimental_max_worker_delay_secs
    longest = LONGEST_DELAY_SECS if longest is None else longest
    return min(longest, SECS_BETWEEN_WORKERS * (config.task_id + 1))


def start_server(config: RunConfig) -> tf.distribute.Server:
    """Starts this task's server, by which the others reach it.

    Raises:
      ClusterError: its address is not free, or not of this machine.
    """
    tf1.logging.info("Start Tensorflow server.")
    try:
        return tf1.train.Server(
            config.cluster_spec,
            job_name=config.task_type,
            task_index=config.task_id,
            protocol=config.protocol,
            config=config.session_config,
        )
    except tf.errors.OpError as error:
        address = config.cluster_spec.task_address(config.task_type, config.task_id)
        raise errors.ClusterError(
            f"{config.task_type} {config.task_id} cannot serve at {address}, its "
            "address in TF_CONFIG: it has to be a free port of this machine "
            f"({error.message})."
        ) from error


def is_up(address: str) -> bool:
    """Returns whether somebody answers at `address`, host:port."""
    host, _, port = address.removeprefix(_PROTOCOL).rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
            return True
    except (OSError, ValueError):
        return False


def _never() -> bool:
    return False


def wait_for_servers(config: RunConfig, is_over: Callable[[], Any] = _never) -> None:
    """Returns when all that a session here needs answer: TensorFlow would hang.

    Raises:
      JobOver: is_over() became true meanwhile.
      ClusterError: one did not answer for config.session_creation_timeout_secs.
    """
    needed = [(f"ps {i}", address) for i, address in servers(config).items()]
    if config.master.startswith(_PROTOCOL):
        needed.append(("this task's own server", config.master))
    for name, address in needed:
        wait_for(name, address, config.session_creation_timeout_secs, is_over)


def step_of_chief(config: RunConfig, max_steps: int | None) -> int:
    """Returns the global step, for a worker, when the chief has the variables ready.

    Raises:
      JobOver: the chief has ended, or the job had ended before.
      ClusterError: no chief or server for config.session_creation_timeout_secs.
    """
    job = job_status.JobStatusFile(config.model_dir, max_steps)
    deadline = time.monotonic() + config.session_creation_timeout_secs
    while time.monotonic() < deadline:
        wait_for_servers(config, is_over=job.ended)
        with contextlib.suppress(*LOST, tf.errors.DeadlineExceededError):
            return _step_when_ready(config, deadline)
    raise _no_chief(config)


def _step_when_ready(config: RunConfig, deadline: float) -> int:
    with tf.Graph().as_default(), tf1.device(device_fn(config)):
        step = tf1.train.create_global_step()
        with tf.device("/job:ps/task:0"):
            status = job_status.status_variable()
        with job_status.session(config.master, config.session_config) as session:
            while time.monotonic() < deadline:
                raise_if_over(job_status.parse(job_status.run(session, status)))
                found = job_status.run(session, step)
                if found is not None:
                    return int(found)
                time.sleep(SECS_BETWEEN_LOOKS)
    raise _no_chief(config)


def _no_chief(config: RunConfig) -> errors.ClusterError:
    return errors.ClusterError(
        "The chief has not made the variables ready for "
        f"{config.session_creation_timeout_secs:g} s (RunConfig."
        "session_creation_timeout_secs): look into its log, or start it."
    )


def raise_if_over(status: job_status.JobStatus | None) -> None:
    """Raises JobOver or ClusterError, if this is what the chief has said."""
    if status and status.failed:
        raise errors.ClusterError(f"The chief has failed: {status.reason}")
    if status:
        raise JobOver


class CreateOnce(tf.compat.v1.train.SessionCreator):
    """Creates one session; raises PeerLost when it is asked for another.

    The second session, after a server went away, would begin at the checkpoint that was
    the newest when training began.
    """

    def __init__(self, creator: tf.compat.v1.train.SessionCreator, config: RunConfig):
        self._creator, self._config, self._opened = creator, config, False

    def create_session(self) -> tf.compat.v1.Session:
        if self._opened:
            raise PeerLost
        wait_for_servers(self._config)
        self._opened = True
        return _closing_in_time(self._creator.create_session())


def _closing_in_time(session: tf.compat.v1.Session) -> tf.compat.v1.Session:
    """Limits the time that a session without its parameter server tries to close."""

    def close_in_time() -> None:
        del session.close  # what closes it again, at its end, is TensorFlow's own
        thread = threading.Thread(target=session.close, daemon=True)
        thread.start()
        thread.join(SECS_TO_CLOSE)

    session.close = close_in_time
    return session


def servers(config: RunConfig) -> dict[int, str]:
    """Returns the addresses of the parameter servers, by their index."""
    cluster = config.cluster_spec
    if tf_config.PS not in cluster.jobs:
        return {}
    return {
        i: cluster.task_address(tf_config.PS, i)
        for i in cluster.task_indices(tf_config.PS)
    }


def wait_for(
    name: str, address: str, secs: float, is_over: Callable[[], Any] = _never
) -> None:
    """Returns when somebody answers at `address`.

    Raises:
      JobOver: is_over() became true meanwhile.
      ClusterError: nobody answered for `secs`.
    """
    deadline = time.monotonic() + secs
    while not is_up(address):
        if is_over():
            raise JobOver
        if time.monotonic() > deadline:
            raise errors.ClusterError(
                f"Nobody answers at {address}, where TF_CONFIG has {name}, for "
                f"{secs:g} s (RunConfig.session_creation_timeout_secs): start it, or "
                "correct its address. train_and_evaluate starts a task's own server."
            )
        time.sleep(SECS_BETWEEN_LOOKS)
