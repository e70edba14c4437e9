"""tf.contrib.metrics: tf.metrics with predictions before labels."""

import functools

import tensorflow as tf

from estimator_mnist.tf1 import removed

tf1 = tf.compat.v1

_SWAPPED = (
    "accuracy",
    "auc",
    "mean_absolute_error",
    "mean_squared_error",
    "precision",
    "recall",
    "root_mean_squared_error",
)
__all__ = [
    "accuracy",
    "aggregate_metric_map",
    "aggregate_metrics",
    "confusion_matrix",
    "streaming_mean",
    *(f"streaming_{name}" for name in _SWAPPED),
]

confusion_matrix = tf1.confusion_matrix
streaming_mean = tf1.metrics.mean


def accuracy(
    predictions: tf.Tensor,
    labels: tf.Tensor,
    weights: tf.Tensor | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """The share of equal elements in this batch, float32, weighted if so told.

    Raises ValueError where the two dtypes differ.
    """
    predictions, labels = map(tf.convert_to_tensor, (predictions, labels))
    if predictions.dtype != labels.dtype:
        raise ValueError(
            f"Cannot compare {predictions} with {labels}: cast one of them."
        )
    with tf.name_scope(name or "accuracy"):
        correct = tf.cast(tf.equal(predictions, labels), tf.float32)
        if weights is None:
            return tf.reduce_mean(correct)
        weights = tf.cast(weights, tf.float32) * tf.ones_like(correct)
        return tf.reduce_sum(correct * weights) / tf.reduce_sum(weights)


def aggregate_metrics(*value_update_tuples) -> tuple[list, list]:
    """The values of (value, update_op) pairs, and their update ops."""
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


def aggregate_metric_map(names_to_tuples: dict) -> tuple[dict, dict]:
    """The same for a dict of name -> pair: a dict of values and a dict of updates."""
    both = aggregate_metrics(*names_to_tuples.values())
    return tuple(dict(zip(names_to_tuples, part, strict=True)) for part in both)


def _streaming(metric):
    @functools.wraps(metric)
    def streaming(predictions, labels, *args, **kwargs):
        return metric(labels, predictions, *args, **kwargs)

    return streaming


globals().update(
    {f"streaming_{name}": _streaming(getattr(tf1.metrics, name)) for name in _SWAPPED}
)

__path__ = []
__getattr__ = removed.explainer("tf.contrib.metrics")
