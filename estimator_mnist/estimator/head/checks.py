"""What heads check: constructor arguments, logits, labels and weights."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.session.arguments import check_arguments

tf1 = tf.compat.v1


@runtime_checkable
class NumericColumn(Protocol):
    """What tf.feature_column.numeric_column returns.

    Attributes:
      key: the feature's name.
      normalizer_fn: Tensor -> Tensor, applied to the feature; None to take it as given.
    """

    key: str
    normalizer_fn: Callable[[tf.Tensor], tf.Tensor] | None


def checked_vocabulary(
    vocabulary: Sequence[str] | None, n_classes: int
) -> list[str] | None:
    """Returns `vocabulary` as a list, and None for None.

    Raises:
      ValueError: it is no list or tuple, or has not one string per class.
    """
    if vocabulary is None:
        return None
    if not isinstance(vocabulary, (list, tuple)):
        raise ValueError(
            "label_vocabulary should be a list or a tuple. "
            f"Given type: {type(vocabulary)}"
        )
    if len(vocabulary) != n_classes:
        raise ValueError(
            '"label_vocabulary" does not have "n_classes" items. '
            f"len(label_vocabulary)={len(vocabulary)}, n_classes={n_classes}, "
            f"label_vocabulary={errors.sample(vocabulary)}"
        )
    return list(vocabulary)


def check_loss_fn(loss_fn: Callable[..., tf.Tensor]) -> None:
    """Raises ValueError unless loss_fn takes labels, logits and maybe features."""
    check_arguments(
        loss_fn,
        "loss_fn",
        required=("labels", "logits"),
        allowed=("labels", "logits", "features"),
        missing="{what} must contain argument: {argument}. Given arguments: {given}",
        unexpected="{what} has unexpected args: {unexpected}",
    )


def checked_logits(logits: tf.Tensor, dimension: int) -> tf.Tensor:
    """Returns the logits as float32 [batch, ..., dimension].

    Raises:
      ValueError: they have another last dimension, or no dimension before it.
    """
    logits = tf.cast(tf.convert_to_tensor(logits), tf.float32)
    rank = logits.shape.rank
    if rank is None:
        return logits
    fits = rank >= 2 and logits.shape[-1] in (None, dimension)
    if not fits:
        raise ValueError(
            "logits shape must be [D0, D1, ... DN, logits_dimension], "
            f"got {logits.shape}; logits_dimension is {dimension}."
        )
    if logits.shape[-1] is None:
        leading = [None for _ in range(rank - 1)]
        logits = tf.ensure_shape(logits, [*leading, dimension])
    return logits


def checked_labels(
    labels: tf.Tensor | None, logits: tf.Tensor, width: int
) -> tf.Tensor:
    """Returns the labels as a Tensor [batch, ..., width].

    Dimensions that are unknown when the graph is built are checked when it runs.

    Raises:
      ValueError: there are no labels, or they do not fit the logits.
    """
    if labels is None:
        raise ValueError(
            "You must provide a labels Tensor. Given: None. "
            "Check that your input_fn returns (features, labels)."
        )
    tensor = _with_last_dimension(tf.convert_to_tensor(labels), logits)
    _check_label_shape(tensor.shape, logits.shape, width)
    # One label would be taken for a whole batch, silently.
    expected = tf.concat([tf.shape(logits)[:-1], [width]], 0)
    check = tf1.assert_equal(
        tf.shape(tensor), expected, message="labels.shape does not fit logits.shape."
    )
    with tf.control_dependencies([check]):
        return tf.identity(tensor)


def checked_weights(
    column: str | NumericColumn | None,
    features: dict[str, tf.Tensor] | None,
    logits: tf.Tensor,
) -> tf.Tensor | None:
    """Returns float32 [batch, ..., 1] from the feature of `column`; None for None.

    Raises:
      TypeError: `column` is neither a name nor a numeric_column.
      ValueError: there is no such feature, or it has not one number per example.
    """
    if column is None:
        return None
    key, normalizer_fn = column, None
    if isinstance(column, NumericColumn):
        key, normalizer_fn = column.key, column.normalizer_fn
    if not isinstance(key, str):
        raise TypeError(
            "Weight column must be either a string or NumericColumn. "
            f"Given type: {type(column)}."
        )
    if not isinstance(features, dict) or key not in features:
        raise ValueError(f"Feature {key} is not in features dictionary.")
    weights = tf.cast(tf.convert_to_tensor(features[key]), tf.float32)
    if normalizer_fn:
        weights = normalizer_fn(weights)
    weights = _with_last_dimension(weights, logits)
    if not weights.shape.is_compatible_with([*logits.shape[:-1], 1]):
        raise ValueError(
            f"The weights {key} must have one number per example, shape "
            f"{logits.shape[:-1]}, but have {weights.shape}."
        )
    return weights


def class_ids(
    labels: tf.Tensor, vocabulary: list[str] | None, n_classes: int
) -> tf.Tensor:
    """Returns class numbers, int64 or, from labels that are no integers, float32.

    A class that is out of range raises InvalidArgumentError when the graph runs.

    Args:
      labels: numbers or, with a vocabulary, strings of any shape.
      vocabulary: the classes' strings; None where labels are class numbers.
      n_classes: number of classes.

    Raises:
      ValueError: there is a vocabulary, and labels are no strings.
    """
    if vocabulary:
        labels = _looked_up(labels, vocabulary)
    # Bytes cannot hold the number of many classes, nor can bools be compared.
    labels = tf.cast(labels, tf.int64 if labels.dtype.is_integer else tf.float32)
    last = tf.cast(n_classes - 1, labels.dtype)
    checks = [
        tf1.assert_less_equal(labels, last, message="Labels must be <= n_classes - 1"),
        tf1.assert_non_negative(labels, message="Labels must be >= 0"),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(labels)


def _looked_up(labels: tf.Tensor, vocabulary: list[str]) -> tf.Tensor:
    """Returns positions in the vocabulary, int64; -1 where it lacks a label."""
    if labels.dtype != tf.string:
        raise ValueError(
            "Labels dtype should be string if there is a vocabulary. "
            f"Instead got {labels.dtype}"
        )
    ids = tf.range(len(vocabulary), dtype=tf.int64)
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(vocabulary), ids), -1
    )
    return table.lookup(labels)


def _check_label_shape(
    labels: tf.TensorShape, logits: tf.TensorShape, width: int
) -> None:
    if labels.rank and labels[-1] not in (None, width):
        raise ValueError(
            f"Mismatched label shape. Expected labels dimension={width}. "
            f"Received {labels[-1]}. Labels are not one-hot here: check your label's "
            "shape, and the head's n_classes or label_dimension."
        )
    if not labels[:-1].is_compatible_with(logits[:-1]):
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. "
            f"Received: labels.shape={labels} and logits.shape={logits}"
        )


def _with_last_dimension(tensor: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Returns [batch, ...] as [batch, ..., 1], and other shapes unchanged."""
    ranks = tensor.shape.rank, logits.shape.rank
    if None not in ranks and ranks[0] == ranks[1] - 1:
        return tensor[..., None]
    return tensor
