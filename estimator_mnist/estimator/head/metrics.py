"""Metrics of heads: functions from a batch to a value and the op that updates it."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

tf1 = tf.compat.v1


class Batch(NamedTuple):
    """Tensors of a batch that its loss and metrics are computed from.

    Attributes:
      labels: [batch, ..., width], as the head's `_processed_labels` returns them.
      losses: float32 [batch, ..., width], neither weighted nor reduced.
      weights: float32 [batch, ..., 1], or None where all examples weigh the same.
      predictions: what Head.predictions returns.
      penalty: float32 [], the sum of the regularization losses, or None without any.
    """

    labels: tf.Tensor
    losses: tf.Tensor
    weights: tf.Tensor | None
    predictions: dict[str, tf.Tensor]
    penalty: tf.Tensor | None


# Returns (value Tensor, update op), as the functions of tf.compat.v1.metrics do.
Metric = Callable[[Batch], tuple[tf.Tensor, tf.Tensor]]


def average_loss(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the metric of the weighted mean of the examples' losses."""
    return tf1.metrics.mean(batch.losses, batch.weights)


def regularization_loss(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the metric of the sum of the regularization losses."""
    return tf1.metrics.mean(batch.penalty)


def accuracy(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the metric of the share of examples whose class is predicted."""
    ids = tf.cast(batch.predictions["class_ids"], batch.labels.dtype)
    return tf1.metrics.accuracy(batch.labels, ids, batch.weights)


def label_mean(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the metric of the weighted mean of the labels."""
    return tf1.metrics.mean(batch.labels, batch.weights)


def prediction_mean(key: str) -> Metric:
    """Returns the metric function for the weighted mean of the prediction `key`."""
    return lambda batch: tf1.metrics.mean(batch.predictions[key], batch.weights)


def above_threshold(
    metric: Callable[..., tuple[tf.Tensor, tf.Tensor]], key: str, threshold: float = 0
) -> Metric:
    """Returns `metric` of the labels and of whether a prediction is above `threshold`.

    Args:
      metric: (labels, predictions, weights) -> (value, update op), both of them 0 or 1.
      key: the prediction's key.
      threshold: what the prediction has to exceed to count as 1.
    """

    def metric_of(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        above = tf.cast(batch.predictions[key] > threshold, batch.labels.dtype)
        return metric(batch.labels, above, batch.weights)

    return metric_of


def accuracy_baseline(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the accuracy of always predicting the more frequent of two classes."""
    mean, update = label_mean(batch)
    return tf.maximum(mean, 1 - mean), tf.maximum(update, 1 - update)


def auc_precision_recall(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the metric of the area under the precision-recall curve."""
    return tf1.metrics.auc(
        batch.labels,
        batch.predictions["logistic"],
        batch.weights,
        curve="PR",
        summation_method="careful_interpolation",
    )


def auc(batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the metric of the area under the ROC curve.

    Computed here because tf.compat.v1.metrics.auc is 1e-6 off for a few examples.
    """
    inner = [i / 199 for i in range(1, 199)]
    counts = [
        count(
            batch.labels,
            batch.predictions["logistic"],
            [-1e-7, *inner, 1 + 1e-7],
            batch.weights,
        )
        for count in (
            tf1.metrics.true_positives_at_thresholds,
            tf1.metrics.false_negatives_at_thresholds,
            tf1.metrics.false_positives_at_thresholds,
            tf1.metrics.true_negatives_at_thresholds,
        )
    ]
    values, updates = zip(*counts, strict=True)
    return _roc_area(*values), _roc_area(*updates)


def _roc_area(tp: tf.Tensor, fn: tf.Tensor, fp: tf.Tensor, tn: tf.Tensor) -> tf.Tensor:
    hits = tf.math.divide_no_nan(tp, tp + fn)
    false_alarms = tf.math.divide_no_nan(fp, fp + tn)
    heights = (hits[:-1] + hits[1:]) / 2
    return tf.reduce_sum((false_alarms[:-1] - false_alarms[1:]) * heights)
