"""What the chief tells the other tasks: that the job is over, or has failed.

It is kept in a variable on each parameter server, which needs no shared folder, and in
a file in model_dir, which an evaluator can see and which outlives the servers.
"""

import contextlib
import dataclasses
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from estimator_mnist import files, json_files
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1

FILE_NAME = "job.json"
RUNNING, DONE, FAILED = "running", "done", "failed"
# A chief that is started with its evaluator takes the file over within this time.
SECS_TO_TAKE_OVER = 60
_TIMEOUT_MS = 15_000
_SECS_BETWEEN_LOOKS = 0.5


@dataclasses.dataclass(frozen=True)
class JobStatus:
    """Holds what the chief says of the job."""

    state: str
    step: int = 0  # the last one of the job
    max_steps: int | None = None  # of the TrainSpec
    reason: str = ""  # why it has failed
    run: str = ""  # differs from run to run

    @property
    def failed(self) -> bool:
        """Returns whether the job has failed."""
        return self.state == FAILED

    @property
    def text(self) -> str:
        """Returns the status as `parse` reads it."""
        return json.dumps(dataclasses.asdict(self))


def parse(text: bytes | str | None) -> JobStatus | None:
    """Returns the status in `text`; None where there is none, or it is damaged."""
    try:
        return json_files.checked(JobStatus, json_files.parse(text)) if text else None
    except ValueError:
        return None


class JobStatusFile:
    """Writes and reads the file in model_dir, and tells which run it is of."""

    def __init__(
        self,
        model_dir: str,
        max_steps: int | None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._path, self._clock = os.path.join(model_dir, FILE_NAME), clock
        self._max_steps = max_steps
        self._first, self._since = self.read(), clock()
        self._run = uuid.uuid4().hex

    def write(self, state: str, step: int = 0, reason: str = "") -> JobStatus:
        """Writes the status of this run, and returns it.

        Where that fails, a warning is logged: it is no reason to end a training.
        """
        status = JobStatus(state, step, self._max_steps, reason, self._run)
        try:
            if paths.is_local(self._path):
                files.write_text(self._path, status.text)
            else:
                with tf.io.gfile.GFile(self._path, "w") as file:
                    file.write(status.text)
        except (OSError, tf.errors.OpError) as error:
            tf1.logging.warning("%s not written: %s", FILE_NAME, error)
        return status

    def read(self) -> JobStatus | None:
        """Returns what the file says, None where there is no file."""
        with (
            contextlib.suppress(tf.errors.OpError),
            tf.io.gfile.GFile(self._path) as file,
        ):
            return parse(file.read())
        return None

    def ended(self) -> JobStatus | None:
        """Returns the status that this job is over or has failed; None until then.

        A status that was there before is of an earlier run where that was to end at
        another step, and of this one where it has reached the step; else a chief has
        some time to take the file over.
        """
        status = self.read()
        if status is None or status.state == RUNNING:
            return None
        if status != self._first:
            return status
        if status.failed or status.max_steps != self._max_steps:
            return None
        reached = self._max_steps and status.step >= self._max_steps
        late = self._clock() - self._since >= SECS_TO_TAKE_OVER
        return status if reached or late else None


class JobStatusVariables:
    """Reads and writes the variables of one parameter server.

    The chief's status is in one; in the other the tasks count as they leave.
    """

    def __init__(self, task: int, target: str, config: RunConfig):
        """Builds the graph.

        Args:
          task: index of the parameter server.
          target: the asking task's own server. A session of another process's server
            would wait for all tasks of the cluster, in spite of its device filters.
        """
        self._target = target
        me = f"/job:{config.task_type}/task:{config.task_id}"
        filters = sorted({f"/job:ps/task:{task}", me})
        self._filters = tf1.ConfigProto(device_filters=filters)
        self._graph = tf.Graph()
        with self._graph.as_default(), tf.device(f"/job:ps/task:{task}/cpu:0"):
            self._status = status_variable()
            self._left = _variable("estimator_job/left", 0)
            self._text = tf1.placeholder(tf.string, [])
            self._assign = self._status.assign(self._text)
            self._leave = self._left.assign_add(1)

    @contextlib.contextmanager
    def open(self) -> Iterator[tf.compat.v1.Session]:
        """Opens a session for the methods below."""
        with self._graph.as_default(), session(self._target, self._filters) as opened:
            yield opened

    def initialize(self, opened: tf.compat.v1.Session) -> None:
        """Initializes the variables, which the parameter server does first."""
        opened.run([self._status.initializer, self._left.initializer])

    def write(self, opened: tf.compat.v1.Session, status: JobStatus) -> None:
        """Writes the status, as soon as the server has initialized the variables."""
        while run(opened, self._status) is None:
            time.sleep(_SECS_BETWEEN_LOOKS)
        opened.run(self._assign, {self._text: status.text})

    def leave(self, opened: tf.compat.v1.Session) -> None:
        """Counts this task among those that no longer need the server."""
        opened.run(self._leave)

    def read(self, opened: tf.compat.v1.Session) -> JobStatus | None:
        """Returns the status that was written last."""
        return parse(run(opened, self._status))

    def count_left(self, opened: tf.compat.v1.Session) -> int:
        """Returns how many tasks have left."""
        return int(run(opened, self._left) or 0)


def status_variable() -> tf.Variable:
    """Returns the variable of the chief's status, on the device in scope."""
    return _variable("estimator_job/said", "")


def session(target: str, config: tf.compat.v1.ConfigProto) -> tf.compat.v1.Session:
    """Opens a session whose operations time out."""
    limited = tf1.ConfigProto()
    limited.CopyFrom(config)
    limited.operation_timeout_in_ms = _TIMEOUT_MS
    return tf1.Session(target, config=limited)


def run(opened: tf.compat.v1.Session, fetched: Any) -> Any:
    """Returns the value, None where nobody has initialized it yet."""
    try:
        return opened.run(fetched)
    except tf.errors.FailedPreconditionError:
        return None


def _variable(name: str, initial: Any) -> tf.Variable:
    return tf1.get_variable(
        name, initializer=initial, use_resource=True, collections=[]
    )
