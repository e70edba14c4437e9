"""Writes evaluation results where TensorBoard and early stopping read them."""

import numbers
import os

import numpy as np
import tensorflow as tf

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

    Where `eval_dir` may not be written to, it says so and lets the results pass.
    """
    step = int(results[tf1.GraphKeys.GLOBAL_STEP])
    tf1.logging.info(
        "Saving dict for global step %d: %s", step, format_results(results)
    )
    summary = tf1.Summary()
    for key, value in results.items():
        if key != tf1.GraphKeys.GLOBAL_STEP and value is not None:
            _add_value(summary, key, value)
    writer = _writer(eval_dir)
    if writer is None:
        return
    writer.add_summary(summary, step)
    if checkpoint_path:
        tf1.logging.info(
            "Saving 'checkpoint_path' summary for global step %d: %s",
            step,
            checkpoint_path,
        )
        writer.add_summary(_text("checkpoint_path", checkpoint_path), step)
    writer.flush()


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
    try:
        parsed = tf1.Summary.FromString(serialized)
    except Exception:  # the decoder's error class differs between protobuf versions
        tf1.logging.warning("Skipping summary for %s, cannot parse it.", key)
        return
    for index, value in enumerate(parsed.value):
        value.tag = f"{key}/{index}" if len(parsed.value) > 1 else key
        summary.value.add().CopyFrom(value)
