"""What heads check: constructor arguments, logits, labels and weights."""

import tensorflow as tf

from estimator_mnist.estimator.session.arguments import argument_names

tf1 = tf.compat.v1


def checked_vocabulary(vocabulary, n_classes: int) -> list[str] | None:
    """`vocabulary` as a list; ValueError unless it has a string for each class."""
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
            f"label_vocabulary={vocabulary}"
        )
    return list(vocabulary)


def checked_loss_fn(loss_fn):
    """`loss_fn`; ValueError unless it takes labels, logits and maybe features."""
    names = argument_names(loss_fn)
    for argument in ("labels", "logits"):
        if argument not in names:
            raise ValueError(
                f"loss_fn must contain argument: {argument}. "
                f"Given arguments: {sorted(names)}"
            )
    unknown = sorted(names - {"self", "labels", "logits", "features"})
    if unknown:
        raise ValueError(f"loss_fn has unexpected args: {unknown}")
    return loss_fn


def checked_logits(logits, dimension: int) -> tf.Tensor:
    """Float32 [batch, ..., dimension]; ValueError where that cannot be."""
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
        logits = tf.ensure_shape(logits, [None] * (rank - 1) + [dimension])
    return logits


def checked_labels(labels, logits: tf.Tensor, width: int) -> tf.Tensor:
    """Labels [batch, ..., width]; ValueError where they do not fit the logits.

    What is not known before is checked when the graph runs.
    """
    if labels is None:
        raise ValueError(
            "You must provide a labels Tensor. Given: None. "
            "Check that your input_fn returns (features, labels)."
        )
    labels = _with_last_dimension(tf.convert_to_tensor(labels), logits)
    shape = labels.shape
    if shape.rank and shape[-1] not in (None, width):
        raise ValueError(
            f"Mismatched label shape. Expected labels dimension={width}. "
            f"Received {shape[-1]}. Labels are not one-hot here: check your label's "
            "shape, and the head's n_classes or label_dimension."
        )
    if not shape[:-1].is_compatible_with(logits.shape[:-1]):
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. "
            f"Received: labels.shape={shape} and logits.shape={logits.shape}"
        )
    # One label would be taken for a whole batch, silently.
    expected = tf.concat([tf.shape(logits)[:-1], [width]], 0)
    check = tf1.assert_equal(
        tf.shape(labels), expected, message="labels.shape does not fit logits.shape."
    )
    with tf.control_dependencies([check]):
        return tf.identity(labels)


def checked_weights(column, features, logits: tf.Tensor) -> tf.Tensor | None:
    """Float32 [batch, ..., 1] from the feature that `column` names; None for None.

    Raises:
      TypeError: `column` is neither a name nor a numeric_column.
      ValueError: there is no such feature, or it has not one number per example.
    """
    if column is None:
        return None
    key = column.key if hasattr(column, "normalizer_fn") else column
    if not isinstance(key, str):
        raise TypeError(
            "Weight column must be either a string or NumericColumn. "
            f"Given type: {type(column)}."
        )
    if not isinstance(features, dict) or key not in features:
        raise ValueError(f"Feature {key} is not in features dictionary.")
    weights = tf.cast(tf.convert_to_tensor(features[key]), tf.float32)
    if getattr(column, "normalizer_fn", None):
        weights = column.normalizer_fn(weights)
    weights = _with_last_dimension(weights, logits)
    if not weights.shape.is_compatible_with([*logits.shape[:-1], 1]):
        raise ValueError(
            f"The weights {key} must have one number per example, shape "
            f"{logits.shape[:-1]}, but have {weights.shape}."
        )
    return weights


def class_ids(labels: tf.Tensor, vocabulary, n_classes: int) -> tf.Tensor:
    """Class numbers, int64 or, from other numbers, float32.

    One that is out of range raises InvalidArgumentError when the graph runs.
    """
    if vocabulary:
        if labels.dtype != tf.string:
            raise ValueError(
                "Labels dtype should be string if there is a vocabulary. "
                f"Instead got {labels.dtype}"
            )
        ids = tf.range(n_classes, dtype=tf.int64)
        table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(vocabulary), ids), -1
        )
        labels = table.lookup(labels)
    # Bytes cannot hold the number of many classes, nor can bools be compared.
    labels = tf.cast(labels, tf.int64 if labels.dtype.is_integer else tf.float32)
    last = tf.cast(n_classes - 1, labels.dtype)
    checks = [
        tf1.assert_less_equal(labels, last, message="Labels must be <= n_classes - 1"),
        tf1.assert_non_negative(labels, message="Labels must be >= 0"),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(labels)


def _with_last_dimension(tensor, logits):
    ranks = tensor.shape.rank, logits.shape.rank
    if None not in ranks and ranks[0] == ranks[1] - 1:
        return tensor[..., None]
    return tensor
