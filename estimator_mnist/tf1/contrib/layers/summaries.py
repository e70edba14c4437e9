"""Summaries of tensors and of collections."""

import re
from collections.abc import Callable, Iterable

import tensorflow as tf

tf1 = tf.compat.v1

Summarizer = Callable[[tf.Tensor], tf.Tensor]


def summarize_tensor(tensor: tf.Tensor, tag: str | None = None) -> tf.Tensor:
    """Returns a summary: of a scalar its value, else a histogram."""
    name = tag or f"{tensor.op.name}_summary"
    if tensor.shape.rank == 0:
        return tf1.summary.scalar(name, tensor)
    return tf1.summary.histogram(name, tensor)


def summarize_activation(op: tf.Tensor) -> tf.Tensor:
    """Returns a histogram of activations; of ReLU, also adds the share of zeros."""
    name = op.op.name
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        share = tf.nn.zero_fraction(op)
        tf1.summary.scalar(f"{name}/zeros", share)
    if op.op.type == "Relu6":
        tf1.summary.scalar(f"{name}/sixes", tf.reduce_mean(_is_six(op)))
    return tf1.summary.histogram(f"{name}/activation", op)


def summarize_tensors(
    tensors: Iterable[tf.Tensor], summarizer: Summarizer = summarize_tensor
) -> list[tf.Tensor]:
    """Returns the summaries of tensors."""
    return [summarizer(tensor) for tensor in tensors]


def summarize_collection(
    collection: str,
    name_filter: str | None = None,
    summarizer: Summarizer = summarize_tensor,
) -> list[tf.Tensor]:
    """Returns the summaries of a collection.

    Args:
      collection: its name.
      name_filter: a regular expression that names begin with; None takes all.
      summarizer: makes a summary.
    """
    tensors = tf1.get_collection(collection)
    if name_filter is not None:
        tensors = [each for each in tensors if re.match(name_filter, each.op.name)]
    return summarize_tensors(tensors, summarizer)


def summarize_activations(
    name_filter: str | None = None, summarizer: Summarizer = summarize_activation
) -> list[tf.Tensor]:
    """Returns `summarize_collection` of tf.GraphKeys.ACTIVATIONS."""
    return summarize_collection(tf1.GraphKeys.ACTIVATIONS, name_filter, summarizer)


def _is_six(op: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.equal(op, 6), tf.float32)
