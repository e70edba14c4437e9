"""tf.contrib.metrics: tf.metrics with predictions before labels."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

__all__ = [
    "accuracy",
    "aggregate_metric_map",
    "aggregate_metrics",
    "confusion_matrix",
    "streaming_accuracy",
    "streaming_auc",
    "streaming_mean",
    "streaming_mean_absolute_error",
    "streaming_mean_squared_error",
    "streaming_precision",
    "streaming_recall",
    "streaming_recall_at_k",
    "streaming_root_mean_squared_error",
]

# (value, update_op)
Metric = tuple[tf.Tensor, tf.Operation]

confusion_matrix = tf1.confusion_matrix
streaming_mean = tf1.metrics.mean
# Same arguments.
_SAME = {
    "set_difference": "sets.difference",
    "set_intersection": "sets.intersection",
    "set_size": "sets.size",
    "set_union": "sets.union",
    "streaming_mean_tensor": "metrics.mean_tensor",
    "streaming_percentage_less": "metrics.percentage_below",
}


def accuracy(
    predictions: tf.Tensor,
    labels: tf.Tensor,
    weights: tf.Tensor | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns the share of equal elements in this batch, a float32 scalar.

    Args:
      predictions, labels: of the same dtype and shape.
      weights: of the elements, broadcast to their shape; None weighs all the same.
      name: of the op's name scope.

    Raises:
      ValueError: the two dtypes differ.
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


def aggregate_metrics(
    *value_update_tuples: Metric,
) -> tuple[list[tf.Tensor], list[tf.Operation]]:
    """Returns the values of (value, update_op) pairs, and their update ops."""
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


def aggregate_metric_map(
    names_to_tuples: dict[str, Metric],
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Operation]]:
    """Returns a dict of the values and a dict of the update ops of named pairs."""
    values, updates = aggregate_metrics(*names_to_tuples.values())
    return (
        dict(zip(names_to_tuples, values, strict=True)),
        dict(zip(names_to_tuples, updates, strict=True)),
    )


def _predictions_first(metric: Callable[..., Metric]) -> Callable[..., Metric]:
    @functools.wraps(metric)
    def streaming(
        predictions: tf.Tensor, labels: tf.Tensor, *args: Any, **kwargs: Any
    ) -> Metric:
        return metric(labels, predictions, *args, **kwargs)

    return streaming


def streaming_recall_at_k(
    predictions: tf.Tensor,
    labels: tf.Tensor,
    k: int,
    weights: tf.Tensor | None = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> Metric:
    """Returns the share of labels [batch] among the k greatest of [batch, classes]."""
    with tf1.variable_scope(name, "recall_at_k", [predictions, labels]):
        found = tf.cast(tf.nn.in_top_k(labels, predictions, k), tf.float32)
        return tf1.metrics.mean(
            found, weights, metrics_collections, updates_collections
        )


streaming_accuracy = _predictions_first(tf1.metrics.accuracy)
streaming_auc = _predictions_first(tf1.metrics.auc)
streaming_mean_absolute_error = _predictions_first(tf1.metrics.mean_absolute_error)
streaming_mean_squared_error = _predictions_first(tf1.metrics.mean_squared_error)
streaming_precision = _predictions_first(tf1.metrics.precision)
streaming_recall = _predictions_first(tf1.metrics.recall)
streaming_root_mean_squared_error = _predictions_first(
    tf1.metrics.root_mean_squared_error
)
# Name -> that of tf.metrics, whose labels come first.
_FLIPPED = {
    "streaming_false_negatives": "false_negatives",
    "streaming_false_negatives_at_thresholds": "false_negatives_at_thresholds",
    "streaming_false_positives": "false_positives",
    "streaming_false_positives_at_thresholds": "false_positives_at_thresholds",
    "streaming_mean_cosine_distance": "mean_cosine_distance",
    "streaming_mean_iou": "mean_iou",
    "streaming_mean_relative_error": "mean_relative_error",
    "streaming_precision_at_thresholds": "precision_at_thresholds",
    "streaming_recall_at_thresholds": "recall_at_thresholds",
    "streaming_sensitivity_at_specificity": "sensitivity_at_specificity",
    "streaming_sparse_average_precision_at_k": "average_precision_at_k",
    "streaming_sparse_precision_at_k": "precision_at_k",
    "streaming_sparse_recall_at_k": "recall_at_k",
    "streaming_specificity_at_sensitivity": "specificity_at_sensitivity",
    "streaming_true_negatives": "true_negatives",
    "streaming_true_negatives_at_thresholds": "true_negatives_at_thresholds",
    "streaming_true_positives": "true_positives",
    "streaming_true_positives_at_thresholds": "true_positives_at_thresholds",
}
__all__ += [*_SAME, *_FLIPPED]

__path__: list[str] = []  # imports of modules below it are explained, too
_other = replacements.module_getattr("tf.contrib.metrics", names=_SAME)


@functools.cache
def __getattr__(name: str) -> Any:
    if name in _FLIPPED:
        return _predictions_first(getattr(tf1.metrics, _FLIPPED[name]))
    return _other(name)
