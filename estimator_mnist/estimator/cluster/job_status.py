"""What the chief tells the other tasks: that the job is over, or has failed.

It stands in a variable on each parameter server, which needs no shared folder, and in a
file in model_dir, which an evaluator can see and which outlives the servers.
"""

import contextlib
import dataclasses
import json
import os
import time
import uuid

import tensorflow as tf

from estimator_mnist import files
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
class Note:
    """What the chief says of the job."""

    state: str
    step: int = 0  # the last one of the job
    max_steps: int | None = None  # of the TrainSpec
    reason: str = ""  # why it has failed
    run: str = ""  # differs from run to run

    @property
    def failed(self) -> bool:
        return self.state == FAILED

    @property
    def text(self) -> str:
        """As `parse` reads it."""
        return json.dumps(dataclasses.asdict(self))


def parse(text: bytes | str | None) -> Note | None:
    """The note of this text; None for an empty one, or one that is none."""
    try:
        return Note(**json.loads(text)) if text else None
    except (ValueError, TypeError):
        return None


class JobFile:
    """The file in model_dir. What an earlier run left there is told from news."""

    def __init__(self, model_dir: str, max_steps: int | None, clock=time.monotonic):
        self._path, self._clock = os.path.join(model_dir, FILE_NAME), clock
        self._max_steps = max_steps
        self._first, self._since = self.read(), clock()
        self._run = uuid.uuid4().hex

    def write(self, state: str, step: int = 0, reason: str = "") -> Note:
        """Says it, and returns what it has said."""
        note = Note(state, step, self._max_steps, reason, self._run)
        if paths.is_local(self._path):
            files.write_text(self._path, note.text)
        else:
            with tf.io.gfile.GFile(self._path, "w") as file:
                file.write(note.text)
        return note

    def read(self) -> Note | None:
        """What it says, None where there is no file."""
        with (
            contextlib.suppress(tf.errors.OpError),
            tf.io.gfile.GFile(self._path) as file,
        ):
            return parse(file.read())
        return None

    def ended(self) -> Note | None:
        """The note that the job is over or has failed, if it is of this job.

        One that was there before is of an earlier run where that was to end at another
        step, and of this one where it has reached the step; else a chief has some time
        to take the file over.
        """
        note = self.read()
        if note is None or note.state == RUNNING:
            return None
        if note != self._first:
            return note
        if note.failed or note.max_steps != self._max_steps:
            return None
        reached = self._max_steps and note.step >= self._max_steps
        late = self._clock() - self._since >= SECS_TO_TAKE_OVER
        return note if reached or late else None


class Board:
    """The variables on one parameter server, by which the tasks take leave."""

    def __init__(self, task: int, target: str, config: RunConfig):
        """Args:
        task: index of the parameter server.
        target: the asking task's own server. A session of another process's server
          would wait for all tasks of the cluster, whatever its device filters.
        """
        self._target = target
        me = f"/job:{config.task_type}/task:{config.task_id}"
        filters = sorted({f"/job:ps/task:{task}", me})
        self._filters = tf1.ConfigProto(device_filters=filters)
        self._graph = tf.Graph()
        with self._graph.as_default(), tf.device(f"/job:ps/task:{task}/cpu:0"):
            self._said, self._left = variable(), _variable("estimator_job/left", 0)
            self._text = tf1.placeholder(tf.string, [])
            self._say = self._said.assign(self._text)
            self._leave = self._left.assign_add(1)

    @contextlib.contextmanager
    def open(self):
        """A session for the methods below."""
        with self._graph.as_default(), session(self._target, self._filters) as opened:
            yield opened

    def put_up(self, opened) -> None:
        """What the parameter server does first."""
        opened.run([self._said.initializer, self._left.initializer])

    def say(self, opened, note: Note) -> None:
        """Tells all that look here, as soon as the server has put the board up."""
        while run(opened, self._said) is None:
            time.sleep(_SECS_BETWEEN_LOOKS)
        opened.run(self._say, {self._text: note.text})

    def leave(self, opened) -> None:
        """Tells that this task needs the server no more."""
        opened.run(self._leave)

    def read(self, opened) -> Note | None:
        """What was said last."""
        return parse(run(opened, self._said))

    def count_left(self, opened) -> int:
        """How many tasks have left."""
        return int(run(opened, self._left) or 0)


def variable() -> tf.Variable:
    """The string that the chief says, on the device in scope."""
    return _variable("estimator_job/said", "")


def session(target: str, config: tf1.ConfigProto) -> tf1.Session:
    """A session that does not wait for ever."""
    limited = tf1.ConfigProto()
    limited.CopyFrom(config)
    limited.operation_timeout_in_ms = _TIMEOUT_MS
    return tf1.Session(target, config=limited)


def run(opened: tf1.Session, fetched):
    """The value, None where nobody has initialized it yet."""
    try:
        return opened.run(fetched)
    except tf.errors.FailedPreconditionError:
        return None


def _variable(name, initial):
    return tf1.get_variable(
        name, initializer=initial, use_resource=True, collections=[]
    )
