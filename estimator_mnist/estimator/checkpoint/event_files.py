"""Reads event files, and writes evaluation results to them.

All that reads events reads them here, and so sees what TensorBoard shows.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import event_writers, paths, tf_records

tf1 = tf.compat.v1

# The tag of the path of the checkpoint that was evaluated.
_CHECKPOINT_PATH = "checkpoint_path"
# The numbers that are written; others, such as a bool_, are skipped with a warning.
_SCALARS = (int, float, np.int32, np.int64, np.float32)
# The events that belong to a step; a graph is said to be of step 0, whichever it is.
_DATED = ("summary", "session_log")


def format_results(results: Mapping[str, Any]) -> str:
    """Returns `accuracy = 0.9651, global_step = 5302, loss = 0.11732`, by name."""
    # str, because formatting a float32 shows it with a float64's digits.
    return ", ".join(
        f"{key} = {value!s}"
        for key, value in sorted(results.items())
        if not isinstance(value, bytes)
    )


def summaries(folder: str) -> list[tuple[int, tf.compat.v1.Summary]]:
    """Returns (global step, Summary) of the events in `folder`, as TensorBoard does.

    A session that starts at a step voids what earlier ones wrote from this step on. A
    file that is truncated or damaged counts up to there. No such folder has no events.
    """
    found: list[tuple[int, tf.compat.v1.Summary]] = []
    for event in _events(folder):
        if event.session_log.status == tf1.SessionLog.START:
            found = [(step, one) for step, one in found if step < event.step]
        if event.HasField("summary"):
            found.append((event.step, event.summary))
    return found


def events_of(path: str) -> Iterator[tf.compat.v1.Event]:
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


def write_results(
    eval_dir: str, results: Mapping[str, Any], checkpoint_path: str | None
) -> None:
    """Adds the results of an evaluation to the events in `eval_dir`.

    Results that the events have already are not added again, so that a step has one
    point however often a run is killed and resumed. Other results of the same step are
    replaced, together with those of later steps. If `eval_dir` is read-only, or the
    disk full, a warning is logged and nothing is written.

    Args:
      results: name -> number, array, or serialized Summary; `global_step` is the step
        they belong to.
      checkpoint_path: the checkpoint that was evaluated, as text beside the results;
        None to leave it out.
    """
    step = int(results[tf1.GraphKeys.GLOBAL_STEP])
    tf1.logging.info(
        "Saving dict for global step %d: %s", step, format_results(results)
    )
    summary = _summary_of(results)
    existing = summaries(eval_dir)
    of_step = [_without_metadata(one) for at, one in existing if at == step]
    is_there = _without_metadata(summary) in of_step
    # Without a trained model, an evaluation of step 0 has no checkpoint; the next may.
    names_checkpoint = any(_names_checkpoint(one) for one in of_step)
    if is_there and (names_checkpoint or not checkpoint_path):
        return
    if not _may_write(eval_dir):
        return
    with event_writers.EventWriter(eval_dir) as writer:
        if not is_there and (of_step or not existing):
            # Voids what the events have from this step on; the first session voids
            # nothing.
            writer.add_session_log(tf1.SessionLog(status=tf1.SessionLog.START), step)
        if not is_there:
            writer.add_summary(summary, step)
        if checkpoint_path:
            tf1.logging.info(
                "Saving 'checkpoint_path' summary for global step %d: %s",
                step,
                checkpoint_path,
            )
            writer.add_summary(_text(_CHECKPOINT_PATH, checkpoint_path), step)
        writer.flush()


def _names_checkpoint(summary: tf.compat.v1.Summary) -> bool:
    return any(value.tag == _CHECKPOINT_PATH for value in summary.value)


class _File(NamedTuple):
    """The events of a file, and where they begin and end."""

    events: list[tf.compat.v1.Event]
    first: int  # the step that its first session starts at, or of its first event
    last: int  # the highest step


def _events(folder: str) -> Iterator[tf.compat.v1.Event]:
    """Yields the events in `folder` in the order in which they were written."""
    names = tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []
    names = sorted(name for name in names if ".tfevents." in name)
    files = [_file(os.path.join(folder, name)) for name in names]
    for file in _in_order([file for file in files if file]):
        yield from file.events


def _in_order(files: list[_File]) -> Iterator[_File]:
    """Yields `files`, which come in the order of the times in their names.

    A clock may have been set back in between. But a session starts at a step that an
    earlier one has reached, and voids what lies behind it. Of the files for which this
    holds the first in time is next; where it holds for none, the one that starts first.
    """
    remaining, reached = list(files), 0
    while remaining:
        possible = [file for file in remaining if file.first <= reached]
        file = possible[0] if possible else min(remaining, key=lambda one: one.first)
        # By identity, because equality would compare all events.
        remaining = [one for one in remaining if one is not file]
        reached = max(reached, file.last)
        yield file


def _file(path: str) -> _File | None:
    """Returns the file at `path` up to where it is damaged; None if it is empty."""
    events: list[tf.compat.v1.Event] = []
    with contextlib.suppress(tf.errors.DataLossError):
        events.extend(events_of(path))
    dated = [event for event in events if event.WhichOneof("what") in _DATED]
    if not dated:
        return None
    starts = [e.step for e in dated if e.session_log.status == tf1.SessionLog.START]
    first = starts[0] if starts else dated[0].step
    return _File(events, first, max(event.step for event in dated))


def _parsed(message: Any, serialized: bytes) -> Any:
    """Returns an instance of the class `message`; None if the bytes are none."""
    try:
        return message.FromString(serialized)
    except Exception:  # the decoder's error class differs between protobuf versions
        return None


def _without_metadata(summary: tf.compat.v1.Summary) -> tf.compat.v1.Summary:
    """Returns a copy without what a FileWriter leaves out after the first time."""
    copy = tf1.Summary()
    copy.CopyFrom(summary)
    for value in copy.value:
        value.ClearField("metadata")
    return copy


def _may_write(eval_dir: str) -> bool:
    """Returns whether the folder may be written to; logs a warning where it is not."""
    # In an existing folder the writer would fail silently.
    existing = eval_dir
    while paths.is_local(existing) and not os.path.exists(existing or "."):
        existing = os.path.dirname(existing)
    if not paths.is_local(existing) or os.access(existing or ".", os.W_OK):
        return True
    tf1.logging.warning("%s cannot be written to: no events of this.", eval_dir)
    return False


def _summary_of(results: Mapping[str, Any]) -> tf.compat.v1.Summary:
    summary = tf1.Summary()
    for key, value in results.items():
        if key != tf1.GraphKeys.GLOBAL_STEP and value is not None:
            _add_value(summary, key, value)
    return summary


def _text(tag: str, text: str) -> tf.compat.v1.Summary:
    summary = tf1.Summary()
    summary.value.add(tag=tag, tensor=tf.make_tensor_proto(text, tf.string))
    return summary


def _add_value(summary: tf.compat.v1.Summary, key: str, value: Any) -> None:
    if isinstance(value, _SCALARS):
        summary.value.add(tag=key, simple_value=float(value))
    elif isinstance(value, bytes):
        _add_summary_proto(summary, key, value)
    elif isinstance(value, np.ndarray):
        summary.value.add(tag=key, tensor=tf.make_tensor_proto(value))
        tf1.logging.info(
            "Summary for np.ndarray is not visible in Tensorboard by default. Consider "
            "using a Tensorboard plugin for visualization (see https://github.com/"
            "tensorflow/tensorboard-plugin-example/blob/master/README.md for more "
            "information)."
        )
    else:
        tf1.logging.warning(
            "Skipping summary for %s, must be a float, np.float32, np.int64, np.int32 "
            "or int or np.ndarray or a serialized string of Summary.",
            key,
        )


def _add_summary_proto(
    summary: tf.compat.v1.Summary, key: str, serialized: bytes
) -> None:
    """Adds the values of a metric that is a serialized Summary, as of images."""
    parsed = _parsed(tf1.Summary, serialized)
    if parsed is None:
        tf1.logging.warning(
            "Skipping summary for %s, cannot parse string to Summary.", key
        )
        return
    for index, value in enumerate(parsed.value):
        value.tag = f"{key}/{index}"
        summary.value.add().CopyFrom(value)
