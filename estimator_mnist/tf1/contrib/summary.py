"""tf.contrib.summary: summaries that ops write, without a merged protocol buffer."""

import contextlib
import contextvars
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

__all__ = [
    "SummaryWriter",
    "all_summary_ops",
    "always_record_summaries",
    "audio",
    "create_file_writer",
    "create_summary_file_writer",
    "eval_dir",
    "flush",
    "generic",
    "graph",
    "histogram",
    "image",
    "initialize",
    "never_record_summaries",
    "record_summaries_every_n_global_steps",
    "scalar",
    "should_record_summaries",
    "summary_writer_initializer_op",
]

_OPS, _INITS = "_SUMMARY_V2", "_SUMMARY_WRITER_V2"
_writer: contextvars.ContextVar["SummaryWriter | None"] = contextvars.ContextVar(
    "summary_writer", default=None
)
_record: contextvars.ContextVar[Any] = contextvars.ContextVar("record", default=False)


class SummaryWriter:
    """Writes an event file; `create_file_writer` makes one."""

    def __init__(self, make: Callable[[tf.Tensor], tf.Operation]) -> None:
        name = f"logdir_writer_{time.monotonic_ns()}"
        self.resource = tf.raw_ops.SummaryWriter(shared_name=name)
        self._init_op = make(self.resource)
        if not tf.executing_eagerly():
            tf1.add_to_collection(_INITS, self._init_op)

    @contextlib.contextmanager
    def as_default(self) -> Iterator["SummaryWriter"]:
        """Makes summaries go here, within the block."""
        token = _writer.set(self)
        try:
            yield self
        finally:
            self.flush()
            _writer.reset(token)

    def set_as_default(self) -> None:
        """Makes summaries go here from now on."""
        _writer.set(self)

    def init(self) -> tf.Operation:
        """Returns the op that opens the file."""
        return self._init_op

    def flush(self) -> tf.Operation:
        """Returns the op that writes what is kept."""
        return tf.raw_ops.FlushSummaryWriter(writer=self.resource)

    def close(self) -> tf.Operation:
        """Returns the op that closes the file."""
        with tf.control_dependencies([op for op in [self.flush()] if op is not None]):
            return tf.raw_ops.CloseSummaryWriter(writer=self.resource)


def create_file_writer(
    logdir: str | None,
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
) -> SummaryWriter:
    """Returns a writer of an event file in `logdir`.

    Args:
      logdir: folder.
      max_queue: how many summaries are kept at most; None: 10.
      flush_millis: how long they are kept at most; None: two minutes.
      filename_suffix: None: ".v2".
      name: not used.
    """
    del name

    def make(resource: tf.Tensor) -> tf.Operation:
        return tf.raw_ops.CreateSummaryFileWriter(
            writer=resource,
            logdir=logdir,
            max_queue=10 if max_queue is None else max_queue,
            flush_millis=2 * 60 * 1000 if flush_millis is None else flush_millis,
            filename_suffix=".v2" if filename_suffix is None else filename_suffix,
        )

    return SummaryWriter(make)


create_summary_file_writer = create_file_writer


def always_record_summaries() -> contextlib.AbstractContextManager[None]:
    """Returns a block in which every summary is written."""
    return _recording(True)


def never_record_summaries() -> contextlib.AbstractContextManager[None]:
    """Returns a block in which no summary is written."""
    return _recording(False)


def record_summaries_every_n_global_steps(
    n: int, global_step: tf.Tensor | None = None
) -> contextlib.AbstractContextManager[None]:
    """Returns a block in which summaries are written at each n-th step."""
    step = tf1.train.get_global_step() if global_step is None else global_step
    if tf.executing_eagerly():
        return _recording(lambda: tf.equal(step % n, 0))
    with tf.device("cpu:0"):
        return _recording(tf.equal(step % n, 0))


def should_record_summaries() -> Any:
    """Returns whether summaries are written here, as a bool or a tensor."""
    wanted = _record.get()
    return wanted() if callable(wanted) else wanted


def all_summary_ops() -> list[tf.Operation] | None:
    """Returns the ops that write summaries, in graph mode."""
    if tf.executing_eagerly():
        return None
    return tf1.get_collection(_OPS)


def summary_writer_initializer_op() -> list[tf.Operation]:
    """Returns the ops that open the files of all writers of the graph.

    Raises:
      RuntimeError: execution is eager.
    """
    if tf.executing_eagerly():
        raise RuntimeError("summary_writer_initializer_op is only for graph mode.")
    return tf1.get_collection(_INITS)


def initialize(
    graph: tf.Graph | None = None, session: tf.compat.v1.Session | None = None
) -> None:
    """Opens the files of all writers, and writes `graph`, in graph mode.

    Raises:
      RuntimeError: there is no writer; ValueError: there is no session.
    """
    if tf.executing_eagerly():
        return
    if _writer.get() is None:
        raise RuntimeError("No default tf.contrib.summary.SummaryWriter found")
    session = session or tf1.get_default_session()
    if session is None:
        raise ValueError("session must be passed if no default session exists")
    session.run(summary_writer_initializer_op())
    if graph is not None:
        definition = tf1.placeholder(tf.string, [])
        writer = _writer.get()
        assert writer is not None
        op = tf.raw_ops.WriteGraphSummary(
            writer=writer.resource, step=tf.constant(0, tf.int64), tensor=definition
        )
        text = graph.as_graph_def(add_shapes=True).SerializeToString()
        session.run(op, {definition: text})


def scalar(
    name: str, tensor: Any, family: str | None = None, step: Any = None
) -> tf.Operation | None:
    """Writes a number; see `_write` for the arguments."""
    return _write("WriteScalarSummary", name, family, step, value=tensor)


def histogram(
    name: str, tensor: Any, family: str | None = None, step: Any = None
) -> tf.Operation | None:
    """Writes a histogram."""
    return _write("WriteHistogramSummary", name, family, step, values=tensor)


def image(
    name: str,
    tensor: Any,
    bad_color: Any = None,
    max_images: int = 3,
    family: str | None = None,
    step: Any = None,
) -> tf.Operation | None:
    """Writes pictures [batch, height, width, channels]."""
    red = tf.constant([255, 0, 0, 255], tf.uint8)
    color = red if bad_color is None else bad_color
    return _write(
        "WriteImageSummary",
        name,
        family,
        step,
        tensor=tensor,
        bad_color=color,
        max_images=max_images,
    )


def audio(
    name: str,
    tensor: Any,
    sample_rate: float,
    max_outputs: int,
    family: str | None = None,
    step: Any = None,
) -> tf.Operation | None:
    """Writes sounds [batch, frames] or [batch, frames, channels]."""
    return _write(
        "WriteAudioSummary",
        name,
        family,
        step,
        tensor=tensor,
        sample_rate=sample_rate,
        max_outputs=max_outputs,
    )


def generic(
    name: str,
    tensor: Any,
    metadata: Any = None,
    family: str | None = None,
    step: Any = None,
) -> tf.Operation | None:
    """Writes a tensor, with a SummaryMetadata."""
    text = b"" if metadata is None else metadata
    text = text if isinstance(text, (bytes, str)) else text.SerializeToString()
    return _write(
        "WriteSummary",
        name,
        family,
        step,
        tensor=tf.convert_to_tensor(tensor),
        summary_metadata=tf.constant(text),
    )


def graph(param: Any, step: Any = None, name: str | None = None) -> Any:
    """Writes a graph, once, in eager execution.

    Raises:
      TypeError: it is graph mode; use `initialize`.
    """
    del name
    if not tf.executing_eagerly():
        raise TypeError("graph() in graph mode: use initialize(graph=...).")
    writer = _writer.get()
    if writer is None:
        return None
    definition = param.as_graph_def() if isinstance(param, tf.Graph) else param
    return tf.raw_ops.WriteGraphSummary(
        writer=writer.resource,
        step=_step(step),
        tensor=definition.SerializeToString(),
    )


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> Any:
    """Returns the op that writes what a writer keeps; None: the one in use."""
    del name
    writer = writer or _writer.get()
    return writer.flush() if writer else tf.no_op()


def eval_dir(model_dir: str, name: str | None = None) -> str:
    """Returns the folder of an evaluation, model_dir/eval or eval_NAME."""
    return os.path.join(model_dir, f"eval_{name}" if name else "eval")


@contextlib.contextmanager
def _recording(wanted: Any) -> Iterator[None]:
    token = _record.set(wanted)
    try:
        yield
    finally:
        _record.reset(token)


def _step(step: Any) -> tf.Tensor:
    if step is None:
        step = tf1.train.get_or_create_global_step()
    return tf.cast(step, tf.int64)


def _write(
    op: str, name: str, family: str | None, step: Any, **arguments: Any
) -> tf.Operation | None:
    """Writes a summary, if one is to be written here.

    Args:
      op: of tf.raw_ops.
      name: of the summary, below the name scope.
      family: a name before it.
      step: None: the global step.
      **arguments: of the op.

    Returns:
      The op in graph mode; None where nothing is written.
    """
    writer, wanted = _writer.get(), should_record_summaries()
    if writer is None or wanted is False:
        return None if tf.executing_eagerly() else tf.no_op()
    number = _step(step)
    with tf1.name_scope(f"{family}/{name}" if family else name) as scope:
        tag = f"{family}/{scope}" if family else scope
        options = {"writer": writer.resource, "step": number, **arguments}
        options["tag"] = tag.removesuffix("/")

        def write() -> tf.Tensor:
            made = getattr(tf.raw_ops, op)(**options)
            with tf.control_dependencies([made] if made is not None else []):
                return tf.constant(True)

        if tf.executing_eagerly():
            if bool(wanted):
                write()
            return None
        if wanted is True:
            done = write()
        else:
            done = tf1.cond(wanted, write, lambda: tf.constant(False))
        tf1.add_to_collection(_OPS, done)
        return done


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.summary")
