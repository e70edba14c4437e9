"""What each task of a cluster does in train_and_evaluate, and how all of them end.

The chief decides: when it ends, it tells the parameter servers, where workers look, and
leaves a note in model_dir, where the evaluator looks.
"""

import contextlib
import threading
import time

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.checkpoint import lock, paths
from estimator_mnist.estimator.cluster import job_status, servers

tf1 = tf.compat.v1

SECS_BETWEEN_LOOKS = 1
# How long a parameter server waits for the workers to leave: a killed one never does.
SECS_FOR_LEAVING = 10
# A step that another task's absence blocks is broken off so late after the job's end.
SECS_FOR_LAST_STEP = 4
# How long the chief tries to reach a parameter server, to tell it that all is over.
SECS_FOR_STARTING = 20
_SECS_TO_JOIN = 2


def run(estimator, train_spec, evaluators) -> None:
    """Does what the task of estimator.config is there for; returns when it is done.

    Args:
      evaluators: training._Evaluators, for the tasks that evaluate.

    Raises:
      ClusterError: another task failed, or is not there.
    """
    role = {
        tf_config.CHIEF: _run_chief,
        tf_config.MASTER: _run_master,
        tf_config.WORKER: _run_worker,
        tf_config.PS: _run_ps,
        tf_config.EVALUATOR: _run_evaluator,
    }.get(estimator.config.task_type)
    if role is None:
        raise ValueError(
            f"The task type {estimator.config.task_type!r} of TF_CONFIG is none of "
            "chief, master, worker, ps and evaluator."
        )
    role(estimator, train_spec, evaluators)


def is_alone(config) -> bool:
    """Whether there is no cluster, so that training and evaluating take turns."""
    return not config.cluster_spec.jobs and config.task_type != tf_config.EVALUATOR


def serve(config) -> None:
    """A parameter server's life: it holds the variables until the chief is done.

    Raises ClusterError where the chief has failed, or was not to be reached for
    config.session_creation_timeout_secs.
    """
    server = servers.start_server(config)
    board, chief = (
        job_status.Board(config.task_id, server.target, config),
        _Chief(config),
    )
    with board.open() as session:
        board.put_up(session)
        while not (note := board.read(session)):
            chief.look()
            time.sleep(SECS_BETWEEN_LOOKS)
        deadline = time.monotonic() + SECS_FOR_LEAVING
        while board.count_left(session) < config.num_worker_replicas:
            if time.monotonic() > deadline:
                break
            time.sleep(SECS_BETWEEN_LOOKS)
    _raise_if_failed(note)


def _run_ps(estimator, train_spec, evaluators):
    serve(estimator.config)


def _run_master(estimator, train_spec, evaluators):
    _lead(estimator, train_spec, evaluators)


def _run_chief(estimator, train_spec, evaluators):
    _lead(estimator, train_spec, [])


def _lead(estimator, train_spec, listeners):
    """Trains, then tells the others, also of a failure."""
    config = estimator.config
    servers.check(config)
    with lock.one_trainer(config.model_dir):
        job = job_status.JobFile(config.model_dir, train_spec.max_steps)
        job.write(job_status.RUNNING)
        # It serves as long as somebody refers to it.
        server = servers.is_member(config) and servers.start_server(config)
        try:
            _train(estimator, train_spec, listeners)
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            _tell(config, job.write(job_status.FAILED, reason=reason))
            raise
        if not _is_interrupted(train_spec):
            step = paths.step_of(estimator.latest_checkpoint())
            _tell(config, job.write(job_status.DONE, step))
    del server


def _is_interrupted(train_spec) -> bool:
    """After a signal the chief may come back, as one that was killed."""
    return any(getattr(hook, "interrupted", False) for hook in train_spec.hooks)


def _tell(config, note):
    def say(board, session):
        board.say(session, note)
        board.leave(session)

    # Where there was nothing to train, the servers may still be starting.
    _at_each_server(config, say, 1 if note.failed else SECS_FOR_STARTING)


def _run_worker(estimator, train_spec, evaluators):
    config = estimator.config
    servers.check(config)
    server = servers.start_server(config)
    delay = servers.start_delay_secs(config)
    watch = Watch(config, job_status.JobFile(config.model_dir, train_spec.max_steps))
    with watch:
        tf1.logging.info("Waiting %d secs before starting training.", delay)
        if not watch.over.wait(delay):
            _train(estimator, train_spec, [], [watch])
    _at_each_server(config, lambda board, session: board.leave(session), 1)
    _raise_if_failed(watch.note)
    del server


def _train(estimator, train_spec, listeners, watches=()):
    try:
        estimator.train(
            train_spec.input_fn,
            hooks=[*train_spec.hooks, *watches],
            max_steps=train_spec.max_steps,
            saving_listeners=[*train_spec.saving_listeners, *listeners],
        )
    except (tf.errors.OpError, RuntimeError) as error:
        # The session was closed under a step that nobody would have finished.
        if any(watch.broke_off for watch in watches):
            return
        if isinstance(error, tf.errors.DeadlineExceededError):
            raise _too_late(estimator.config) from error
        raise


def _too_late(config):
    return errors.ClusterError(
        "A step did not end in "
        f"{config.session_creation_timeout_secs:g} s (RunConfig."
        "session_creation_timeout_secs): a parameter server is gone, or, with "
        "SyncReplicasOptimizer, a worker. Start it again, and this task too."
    )


def _at_each_server(config, do, secs):
    """do(board, session) at each parameter server that answers within `secs`."""
    for task, address in servers.servers(config).items():
        try:
            servers.wait_for(f"ps {task}", address, secs)
            board = job_status.Board(task, config.master, config)
            with board.open() as session:
                do(board, session)
        except (tf.errors.OpError, errors.ClusterError) as error:
            tf1.logging.warning("ps %d does not know that we end: %s", task, error)


def _raise_if_failed(note):
    with contextlib.suppress(servers.JobOver):
        servers.raise_if_over(note)


def _run_evaluator(estimator, train_spec, evaluators):
    """Follows the checkpoints to the last."""
    config, max_steps = estimator.config, train_spec.max_steps
    job, chief = job_status.JobFile(config.model_dir, max_steps), _Chief(config)
    for one in evaluators:
        one.begin_following()
    is_last, judged = False, []
    while not (is_last and all(judged)):
        # Asked first: what is there after that is all there will be.
        note = job.ended()
        _raise_if_failed(note)
        path, step = _newest(estimator)
        is_last = bool(note) or bool(max_steps and step >= max_steps)
        judged = [one.follow(path, step, is_last) for one in evaluators if path]
        if not is_last:
            chief.look(path)
            time.sleep(SECS_BETWEEN_LOOKS)
    tf1.logging.info("Exiting evaluation at global step %d: training is over.", step)


def _newest(estimator):
    """Path and step of the newest checkpoint; it may be deleted as we look."""
    path = estimator.latest_checkpoint()
    try:
        return path, paths.step_of(path)
    except (tf.errors.OpError, ValueError):
        if paths.exists(path):
            raise
        return _newest(estimator)


class _Chief:
    """Tells when nothing was seen of the chief for too long."""

    def __init__(self, config):
        # The evaluator's own RunConfig has no cluster.
        spec = tf_config.cluster_of(tf_config.read())
        jobs = [job for job in (tf_config.CHIEF, tf_config.MASTER) if job in spec.jobs]
        self._address = spec.task_address(jobs[0], 0)
        self._secs = config.session_creation_timeout_secs
        self._seen, self._sign = time.monotonic(), None

    def look(self, sign=None) -> None:
        """Raises ClusterError; a new `sign` is one of life."""
        if sign != self._sign or servers.is_up(self._address):
            self._seen, self._sign = time.monotonic(), sign
        elif time.monotonic() - self._seen > self._secs:
            raise errors.ClusterError(
                f"Nothing was seen of the chief, at {self._address}, for {self._secs:g}"
                " s (RunConfig.session_creation_timeout_secs): start it, or correct "
                "its address in TF_CONFIG."
            )


class Watch(tf1.train.SessionRunHook):
    """Ends a worker's session when the job is over.

    with Watch(config, job) as watch:
        estimator.train(input_fn, hooks=[watch])
    """

    def __init__(self, config, job: job_status.JobFile):
        """Args:
        job: where to look for the end, beside the parameter servers.
        """
        self._config, self._job = config, job
        self._session = self._busy_since = None
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._leave = threading.Event()
        self.over = threading.Event()
        self.note, self.broke_off = None, False

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self._leave.set()
        self._thread.join(_SECS_TO_JOIN)

    def after_create_session(self, session, coord):
        self._session = session

    def before_run(self, run_context):
        self._busy_since = time.monotonic()

    def after_run(self, run_context, run_values):
        self._busy_since = None
        if self.over.is_set():
            run_context.request_stop()

    def _look(self):
        with contextlib.ExitStack() as stack:
            read = self._reader(stack)
            while not self._leave.wait(SECS_BETWEEN_LOOKS):
                self.note = self.note or read()
                if self.note:
                    self.over.set()
                self._break_off()

    def _reader(self, stack):
        """Asks the file and the first parameter server, by one session if it can."""
        ((task, address), *_) = servers.servers(self._config).items()
        board = job_status.Board(task, self._config.master, self._config)
        opened = []

        def read():
            try:
                if not opened and servers.is_up(address):
                    opened.append(stack.enter_context(board.open()))
                return self._job.ended() or (opened and board.read(opened[0])) or None
            except tf.errors.OpError:
                opened.clear()
                return None

        return read

    def _break_off(self):
        since = self._busy_since
        if not (self.note and since) or self.broke_off:
            return
        if time.monotonic() - since > SECS_FOR_LAST_STEP:
            self.broke_off = True
            self._session.close()
