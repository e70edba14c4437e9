"""Reads event files, and writes evaluation results to them.

All that reads events reads them here, and so sees what TensorBoard shows.
"""

import contextlib
import numbers
import os
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import tf_records

tf1 = tf.compat.v1


def format_results(results: dict) -> str:
    """`accuracy = 0.9651, global_step = 5302, loss = 0.11732`, in order of names."""
    # str, because formatting a float32 shows it with a float64's digits.
    return ", ".join(
        f"{key} = {value!s}"
        for key, value in sorted(results.items())
        if not isinstance(value, bytes)
    )


def write_results(eval_dir: str, results: dict, checkpoint_path: str | None) -> None:
    """Adds one event per evaluation at the step `results['global_step']`.

    What the events have for this step already is replaced, and what they have for later
    ones; unless it is the same, so that a step has one point however often a run is
    killed and resumed. Where `eval_dir` may not be written to, it says so and lets the
    results pass.
    """
    step = int(results[tf1.GraphKeys.GLOBAL_STEP])
    tf1.logging.info(
        "Saving dict for global step %d: %s", step, format_results(results)
    )
    summary = tf1.Summary()
    for key, value in results.items():
        if key != tf1.GraphKeys.GLOBAL_STEP and value is not None:
            _add_value(summary, key, value)
    there = points(eval_dir)
    of_step = [_bare(old) for old_step, old in there if old_step == step]
    if _bare(summary) in of_step:
        return
    writer = _writer(eval_dir)
    if writer is None:
        return
    if of_step or not there:
        # TensorBoard forgets what it has from this step on, unless it is the first.
        writer.add_session_log(tf1.SessionLog(status=tf1.SessionLog.START), step)
    writer.add_summary(summary, step)
    if checkpoint_path:
        tf1.logging.info(
            "Saving 'checkpoint_path' summary for global step %d: %s",
            step,
            checkpoint_path,
        )
        writer.add_summary(_text("checkpoint_path", checkpoint_path), step)
    writer.flush()


def points(folder: str) -> list[tuple]:
    """Returns (step, Summary) of the events in `folder`, as TensorBoard shows them.

    A session that starts at a step voids what earlier ones wrote from this step on. A
    file that is truncated or damaged counts up to there. No such folder has no events.
    """
    found = []
    for event in _events(folder):
        if event.session_log.status == tf1.SessionLog.START:
            found = [point for point in found if point[0] < event.step]
        if event.HasField("summary"):
            found.append((event.step, event.summary))
    return found


def _bare(summary):
    """Without metadata, which a FileWriter leaves out where it has told them before."""
    bare = tf1.Summary()
    bare.CopyFrom(summary)
    for value in bare.value:
        value.ClearField("metadata")
    return bare


def events_of(path: str) -> Iterator[tf1.Event]:
    """Yields the events of the file at `path`, also those that are void.

    Raises:
      tf.errors.DataLossError: the file is truncated or damaged; the events before that
        have been yielded.
    """
    for record in tf_records.read(path):
        event = _parsed(tf1.Event, record)
        if event is None:
            raise tf.errors.DataLossError(None, None, "a record is no event")
        yield event


def _events(folder):
    """In the order of their writing: the files' names begin with the time."""
    names = tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []
    for name in sorted(name for name in names if ".tfevents." in name):
        with contextlib.suppress(tf.errors.DataLossError):
            yield from events_of(os.path.join(folder, name))


def _parsed(kind, serialized):
    """A message of this kind; None where it is none."""
    try:
        return kind.FromString(serialized)
    except Exception:  # the decoder's error class differs between protobuf versions
        return None


def _writer(eval_dir):
    """The folder's FileWriter, None where it may not be written to."""
    # In a folder that is there the writer would fail without a word.
    if not os.path.isdir(eval_dir) or os.access(eval_dir, os.W_OK):
        try:
            with tf.Graph().as_default():  # the writer refuses eager mode
                return tf1.summary.FileWriterCache.get(eval_dir)
        except tf.errors.PermissionDeniedError:
            pass
    tf1.logging.warning("%s cannot be written to: no events of this.", eval_dir)
    return None


def _text(tag, text):
    summary = tf1.Summary()
    summary.value.add(tag=tag, tensor=tf.make_tensor_proto(text, tf.string))
    return summary


def _add_value(summary, key, value):
    if isinstance(value, (numbers.Number, np.number, np.bool_)):
        summary.value.add(tag=key, simple_value=float(value))
    elif isinstance(value, bytes):
        _add_summary_proto(summary, key, value)
    elif isinstance(value, np.ndarray):
        summary.value.add(tag=key, tensor=tf.make_tensor_proto(value))
    else:
        tf1.logging.warning("Skipping summary for %s of type %s.", key, type(value))


def _add_summary_proto(summary, key, serialized):
    """A metric may be a serialized Summary, for instance of images."""
    parsed = _parsed(tf1.Summary, serialized)
    if parsed is None:
        tf1.logging.warning("Skipping summary for %s, cannot parse it.", key)
        return
    for index, value in enumerate(parsed.value):
        value.tag = f"{key}/{index}" if len(parsed.value) > 1 else key
        summary.value.add().CopyFrom(value)
