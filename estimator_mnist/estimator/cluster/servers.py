"""A cluster of TensorFlow servers: who is in it, who waits for whom, and how long."""

import contextlib
import socket
import threading
import time

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
_LOST = (tf.errors.AbortedError, tf.errors.UnavailableError)


class JobOver(Exception):
    """The chief has ended the job; nothing is left to do."""


class PeerLost(Exception):
    """A server went away in the midst of training; what it held is lost."""


def is_member(config: RunConfig) -> bool:
    """Whether this process is one of several that train together."""
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


def device_fn(config: RunConfig):
    """What places the ops of a training: variables on the parameter servers."""
    if config.device_fn or not config.num_ps_replicas:
        return config.device_fn
    return tf1.train.replica_device_setter(
        worker_device=f"/job:{config.task_type}/task:{config.task_id}",
        cluster=config.cluster_spec,
    )


def input_context(config: RunConfig) -> tf.distribute.InputContext:
    """Which of the workers' inputs this task's is, for input_fns that divide data."""
    if not is_member(config):
        return tf.distribute.InputContext()
    return tf.distribute.InputContext(
        config.num_worker_replicas, config.global_id_in_cluster
    )


def session_config(config: RunConfig, master: str) -> tf1.ConfigProto:
    """config.session_config; TensorFlow waits for ever for a server that is gone.

    So any one step, opening and closing may last session_creation_timeout_secs.
    """
    given = config.session_config
    if not master or given.operation_timeout_in_ms:
        return given
    limited = tf1.ConfigProto()
    limited.CopyFrom(given)
    limited.operation_timeout_in_ms = int(1000 * config.session_creation_timeout_secs)
    return limited


def start_delay_secs(config: RunConfig) -> int:
    """How long this worker waits, so that not all begin with the same bad weights."""
    longest = config.experimental_max_worker_delay_secs
    longest = LONGEST_DELAY_SECS if longest is None else longest
    return min(longest, SECS_BETWEEN_WORKERS * (config.task_id + 1))


def start_server(config: RunConfig) -> tf.distribute.Server:
    """This task's server, by which the others reach it.

    Raises ClusterError where its address is not free or not of this machine.
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
    """Whether somebody answers at `address`, host:port."""
    host, _, port = address.removeprefix(_PROTOCOL).rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
            return True
    except (OSError, ValueError):
        return False


def wait_for_servers(config: RunConfig, is_over=lambda: False) -> None:
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
    """The global step when the chief has made the variables ready, for a worker.

    Raises:
      JobOver: the chief has ended, or the job had ended before.
      ClusterError: no chief or server for config.session_creation_timeout_secs.
    """
    job = job_status.JobFile(config.model_dir, max_steps)
    deadline = time.monotonic() + config.session_creation_timeout_secs
    while time.monotonic() < deadline:
        wait_for_servers(config, is_over=job.ended)
        with contextlib.suppress(*_LOST, tf.errors.DeadlineExceededError):
            return _step_when_ready(config, deadline)
    raise _no_chief(config)


def _step_when_ready(config, deadline) -> int:
    with tf.Graph().as_default(), tf1.device(device_fn(config)):
        step = tf1.train.create_global_step()
        with tf.device("/job:ps/task:0"):
            said = job_status.variable()
        with job_status.session(config.master, config.session_config) as session:
            while time.monotonic() < deadline:
                raise_if_over(job_status.parse(job_status.run(session, said)))
                found = job_status.run(session, step)
                if found is not None:
                    return int(found)
                time.sleep(SECS_BETWEEN_LOOKS)
    raise _no_chief(config)


def _no_chief(config) -> errors.ClusterError:
    return errors.ClusterError(
        "The chief has not made the variables ready for "
        f"{config.session_creation_timeout_secs:g} s (RunConfig."
        "session_creation_timeout_secs): look into its log, or start it."
    )


def raise_if_over(note: job_status.Note | None) -> None:
    """JobOver or ClusterError, if this is what the chief has said."""
    if note and note.failed:
        raise errors.ClusterError(f"The chief has failed: {note.reason}")
    if note:
        raise JobOver


def once(creator: tf1.train.SessionCreator, config: RunConfig):
    """A creator that raises PeerLost where a member of a cluster asks it again.

    The second session, after a server went away, would begin at the checkpoint that was
    the newest when training began.
    """
    return _Once(creator, config) if is_member(config) else creator


class _Once(tf1.train.SessionCreator):
    def __init__(self, creator, config):
        self._creator, self._config, self._opened = creator, config, False

    def create_session(self):
        if self._opened:
            raise PeerLost
        wait_for_servers(self._config)
        self._opened = True
        return _closing_in_time(self._creator.create_session())


def _closing_in_time(session):
    """Without its parameter server a session would try to close for ever."""

    def close_in_time():
        del session.close  # what closes it again, at its end, is TensorFlow's own
        thread = threading.Thread(target=session.close, daemon=True)
        thread.start()
        thread.join(SECS_TO_CLOSE)

    session.close = close_in_time
    return session


def keep_trying(train_once, config: RunConfig):
    """What train_once() returns, which begins anew each time a server is lost."""
    if not is_member(config):
        return train_once()
    while True:
        try:
            return train_once()
        except (PeerLost, *_LOST):
            tf1.logging.warning(
                "A server of the cluster went away: going on from the newest "
                "checkpoint as soon as it is back."
            )
            time.sleep(SECS_BETWEEN_LOOKS)


def servers(config: RunConfig) -> dict[int, str]:
    """Addresses of the parameter servers, by their index."""
    cluster = config.cluster_spec
    if tf_config.PS not in cluster.jobs:
        return {}
    return {
        i: cluster.task_address(tf_config.PS, i)
        for i in cluster.task_indices(tf_config.PS)
    }


def wait_for(name: str, address: str, secs: float, is_over=lambda: False) -> None:
    """Returns when somebody answers at `address`, else raises ClusterError."""
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
