"""What heads check: constructor arguments, logits, labels and weights."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.head import shapes
from estimator_mnist.estimator.session.arguments import check_arguments

tf1 = tf.compat.v1

_LOGITS_SHAPE = "logits shape must be [D0, D1, ... DN, logits_dimension]"
_LABELS_SHAPE = (
    "labels shape must be [D0, D1, ... DN, {}]: labels.shape does not fit logits.shape."
)
_WEIGHTS_SHAPE = "weights shape must be [D0, D1, ... DN] or [D0, D1, ... DN, 1]"
_WIDE_WEIGHTS_SHAPE = (
    "weights shape must be [D0, D1, ... DN], [D0, D1, ... DN, 1] or "
    "[D0, D1, ... DN, logits_dimension]"
)
_LOSSES_SHAPE = "loss_fn must return Tensor of shape [D0, D1, ... DN, 1]."


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
    vocabulary: Sequence[str] | None, n_classes: int | tf.Tensor
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
    # The number of classes is not known while it is a Tensor of a graph.
    symbolic = isinstance(n_classes, tf.Tensor) and not tf.executing_eagerly()
    if symbolic or len(vocabulary) != n_classes:
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


def checked_logits(logits: tf.Tensor, dimension: int | tf.Tensor) -> tf.Tensor:
    """Returns the logits as float32 [batch, ..., dimension].

    Dimensions that are unknown when the graph is built are checked when it runs. A
    `dimension` that is a Tensor is not compared.

    Raises:
      ValueError: they have another last dimension, or no dimension before it.
    """
    logits = tf.cast(tf.convert_to_tensor(logits), tf.float32)
    wanted = None if isinstance(dimension, tf.Tensor) else dimension
    rank = logits.shape.rank
    if rank is None:
        return _checked_when_run(logits, wanted)
    if rank < 2 or not logits.shape[-1:].is_compatible_with([wanted]):
        raise ValueError(
            f"{_LOGITS_SHAPE}, got {logits.shape}; logits_dimension is {dimension}."
        )
    if logits.shape.as_list()[-1] is None and wanted is not None:
        leading = [None for _ in range(rank - 1)]
        logits = tf.ensure_shape(logits, [*leading, wanted])
    return logits


def _checked_when_run(logits: tf.Tensor, dimension: int | None) -> tf.Tensor:
    shape = tf.shape(logits)
    fits = tf.size(shape) >= 2
    if dimension is not None:
        fits = tf.logical_and(fits, tf.equal(shape[-1], dimension))
    return shapes.require(logits, fits, _LOGITS_SHAPE, {"logits_shape": shape})


def check_given(labels: object) -> None:
    """Raises ValueError where there are no labels."""
    if labels is None:
        raise ValueError(
            "You must provide a labels Tensor. Given: None. "
            "Check that your input_fn returns (features, labels)."
        )


def checked_labels(
    labels: tf.Tensor | None, logits: tf.Tensor, width: int
) -> tf.Tensor:
    """Returns the labels as a Tensor [batch, ..., width].

    Dimensions that are unknown when the graph is built are checked when it runs.

    Raises:
      ValueError: there are no labels, or they do not fit the logits.
    """
    check_given(labels)
    if isinstance(labels, (tf.SparseTensor, tf1.SparseTensorValue)):
        raise ValueError(
            "SparseTensor labels are not supported. Labels must be a Tensor of shape "
            f"[D0, D1, ..., DN, {width}]: make them one in input_fn with "
            "tf.sparse.to_dense."
        )
    tensor = tf.convert_to_tensor(labels)
    if tensor.shape.rank is not None and logits.shape.rank is not None:
        tensor = shapes.with_rank_of(tensor, logits)
    _check_label_shape(tensor.shape, logits.shape, width)
    # One label would be taken for a whole batch, silently.
    expected = tf.concat([tf.shape(logits)[:-1], [width]], 0)
    if tensor.shape.rank is None or logits.shape.rank is None:
        return _fitting_labels(tensor, expected, width)
    check = tf1.assert_equal(
        tf.shape(tensor), expected, message=_LABELS_SHAPE.format(width)
    )
    with tf.control_dependencies([check]):
        return tf.identity(tensor)


def _fitting_labels(labels: tf.Tensor, expected: tf.Tensor, width: int) -> tf.Tensor:
    shape = tf.shape(labels)
    return shapes.require(
        labels,
        shapes.equal(shape, expected),
        _LABELS_SHAPE.format(width),
        {"expected_labels_shape": expected, "labels_shape": shape},
    )


def checked_weights(
    column: str | NumericColumn | None,
    features: dict[str, tf.Tensor] | None,
    logits: tf.Tensor,
    width: int | None = None,
) -> tf.Tensor | None:
    """Returns float32 weights from the feature of `column`; None for None.

    Dimensions that are unknown when the graph is built are checked when it runs, and
    so are those by which weights could be broadcast, though they must not be.

    Args:
      column: the feature's name, or its numeric_column.
      features: dict name -> Tensor.
      logits: float32 [batch, ..., logits_dimension].
      width: None for one weight per example, [batch, ...] or [batch, ..., 1]; else
        there may be as many as this, [batch, ..., width].

    Raises:
      TypeError: `column` is neither a name nor a numeric_column.
      ValueError: there is no such feature, or it does not fit the logits.
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
    if weights.shape.rank == 0:
        raise ValueError(f"Feature (key: {key}) cannot have rank 0. Given: {weights}")
    return _fitting_weights(shapes.with_rank_of(weights, logits), logits, width)


def _fitting_weights(
    weights: tf.Tensor, logits: tf.Tensor, width: int | None
) -> tf.Tensor:
    widths = [1] if width is None else [1, width]
    allowed = [logits.shape[:-1].concatenate([wide]) for wide in widths]
    if weights.shape.is_fully_defined() and weights.shape in allowed:
        return weights
    message = _WEIGHTS_SHAPE if width is None else _WIDE_WEIGHTS_SHAPE
    if not shapes.can_be_multiplied(weights.shape, [allowed[-1]]):
        raise ValueError(
            f"{message}, logits_shape: {logits.shape}. weights_shape: {weights.shape}."
        )
    shape = tf.shape(weights)
    fits = [
        shapes.equal(shape, shapes.with_last_dimension(logits, wide)) for wide in widths
    ]
    named = {"logits_shape": tf.shape(logits), "weights_shape": shape}
    return shapes.require(weights, tf.reduce_any(fits), message, named)


def checked_losses(losses: tf.Tensor, like: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Returns what loss_fn returned, which must have the shape of `like`.

    Raises:
      ValueError: the losses are reduced, or have more dimensions than `like`. Any
        other shape raises InvalidArgumentError when the graph runs.
    """
    losses = tf.convert_to_tensor(losses)
    if like.shape.is_fully_defined() and losses.shape == like.shape:
        return losses
    ranks = like.shape.rank, losses.shape.rank
    if None not in ranks and ranks[0] != ranks[1] != 1:
        raise ValueError(
            f"{_LOSSES_SHAPE} logits_shape: {logits.shape} loss_shape: {losses.shape}"
        )
    shape = tf.shape(losses)
    return shapes.require(
        losses,
        shapes.equal(shape, tf.shape(like)),
        _LOSSES_SHAPE,
        {"logits_shape": tf.shape(logits), "loss_shape": shape},
    )


def class_ids(
    labels: tf.Tensor, vocabulary: list[str] | None, n_classes: int | tf.Tensor
) -> tf.Tensor:
    """Returns class numbers, int64 or, from labels that are no integers, float32.

    A class that is out of range raises InvalidArgumentError when a graph runs, in the
    words of TF 1.x, which everybody knows, and ValueError eagerly.

    Args:
      labels: numbers or, with a vocabulary, strings of any shape.
      vocabulary: the classes' strings; None where labels are class numbers.
      n_classes: number of classes.

    Raises:
      ValueError: there is a vocabulary, and labels are no strings.
    """
    if vocabulary:
        labels = looked_up(labels, vocabulary)
    # Bytes cannot hold the number of many classes, nor can bools be compared.
    labels = tf.cast(labels, tf.int64 if labels.dtype.is_integer else tf.float32)
    too_high, negative = "Labels must <= n_classes - 1", "Labels must >= 0"
    if tf.executing_eagerly():
        too_high, negative = f"Labels must be <= {n_classes} - 1", "Labels must be >= 0"
    return in_range(labels, n_classes - 1, too_high, negative)


def in_range(
    labels: tf.Tensor, last: float | tf.Tensor, too_high: str, negative: str
) -> tf.Tensor:
    """Returns the labels, numbers of any shape, if they are from 0 to `last`.

    Others raise InvalidArgumentError when a graph runs, and ValueError eagerly.

    Args:
      labels: int or float, of any shape.
      last: the highest label, []; is cast to the labels' dtype.
      too_high: message for labels that are higher.
      negative: message for labels below 0.
    """
    last = tf.cast(last, labels.dtype)
    if tf.executing_eagerly():
        for wrong, message in ((labels > last, too_high), (labels < 0, negative)):
            if tf.reduce_any(wrong):
                raise ValueError(f"{message}. Given: {labels}")
        return labels
    checks = [
        tf1.assert_less_equal(labels, last, message=too_high),
        tf1.assert_non_negative(labels, message=negative),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(labels)


def looked_up(labels: tf.Tensor, vocabulary: list[str]) -> tf.Tensor:
    """Returns positions in the vocabulary, int64; -1 where it lacks a label.

    Raises:
      ValueError: the labels are no strings.
    """
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
    if labels.rank is not None and labels.rank < 2 and logits.rank is None:
        raise ValueError(
            f"labels shape must be [D0, D1, ... DN, {width}], with a rank of at least "
            f"2. Received: labels.shape={labels}. Check the shape of your label, and "
            "the head's n_classes or label_dimension."
        )
    if labels.rank and labels.as_list()[-1] not in (None, width):
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
