"""Metrics of heads: ops in a graph, and Keras metrics eagerly."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

tf1 = tf.compat.v1


class Batch(NamedTuple):
    """Tensors of a batch that its loss and metrics are computed from.

    Attributes:
      labels: [batch, ..., width], as the head's `_processed_labels` returns them.
      losses: float32 [batch, ..., width], neither weighted nor reduced.
      weights: float32 [batch, ..., 1] or [batch, ..., width], or None where all
        examples weigh the same.
      predictions: what Head.predictions returns.
      penalty: float32 [], the sum of the regularization losses, or None without any.
    """

    labels: tf.Tensor
    losses: tf.Tensor
    weights: tf.Tensor | None
    predictions: dict[str, tf.Tensor]
    penalty: tf.Tensor | None


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric, as an op of a graph or, eagerly, as a Keras metric.

    Attributes:
      function: (*arguments) -> (value Tensor, update op), as the functions of
        tf.compat.v1.metrics.
      eager: name -> Keras metric whose update_state takes the same arguments.
      arguments: batch (of `scalar`: its dict) -> tuple of Tensors of equal shape and,
        as the last, weights that can be broadcast to it, or None.
      v1_function: what heads of TF 1.x call instead of `function`; None for the same.

    Heads give an Operation as update op, as with Keras metrics, those of TF 1.x a
    Tensor: an exported EVAL graph shows it by an empty tensor, or a scalar.
    """

    function: Callable[..., tuple[tf.Tensor, tf.Tensor]]
    eager: Callable[[str], Any]
    arguments: Callable[[Any], tuple[tf.Tensor | None, ...]]
    v1_function: Callable[..., tuple[tf.Tensor, tf.Tensor]] | None = None

    def __call__(self, batch: Any) -> tuple[tf.Tensor, tf.Operation]:
        """Returns the metric's value and the op that adds the batch to it."""
        value, update = self.function(*self.arguments(batch))
        return value, update.op

    def v1(self, batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the same as heads of TF 1.x have it."""
        return (self.v1_function or self.function)(*self.arguments(batch))

    def update(self, metric: Any, batch: Any) -> None:
        """Adds the batch to `metric`, which `eager` has made."""
        *tensors, weights = self.arguments(batch)
        if weights is not None:
            # Keras 3 would count weights that it broadcasts only once.
            weights = tf.broadcast_to(weights, tf.shape(tensors[0]))
            weights = tf.reshape(weights, [-1])
        flat = [tf.reshape(tensor, [-1]) for tensor in tensors]
        metric.update_state(*flat, sample_weight=weights)


def mean(values: Callable[[Batch], tf.Tensor]) -> Metric:
    """Returns the metric of the weighted mean of what `values` takes from a batch."""
    return Metric(
        tf1.metrics.mean, _keras("Mean"), lambda batch: (values(batch), batch.weights)
    )


def scalar(key: str) -> Metric:
    """Returns the metric of the mean over batches of a scalar, `key` of a dict."""
    return Metric(
        tf1.metrics.mean, _keras("Mean"), lambda scalars: (scalars[key], None)
    )


def prediction_mean(key: str) -> Metric:
    """Returns the metric of the weighted mean of the prediction `key`."""
    return mean(lambda batch: batch.predictions[key])


def above_threshold(kind: str, key: str, threshold: float = 0) -> Metric:
    """Returns the metric of the labels and of whether a prediction is above a number.

    Args:
      kind: `accuracy`, `precision` or `recall`; labels are 0 or 1.
      key: the prediction's key.
      threshold: what the prediction has to exceed to count as 1.
    """
    function, keras_class = _OF_CLASSES[kind]

    def arguments(batch: Batch) -> tuple[tf.Tensor | None, ...]:
        above = tf.cast(batch.predictions[key] > threshold, batch.labels.dtype)
        return batch.labels, above, batch.weights

    return Metric(function, _keras(keras_class), arguments)


def auc(key: str, index: int | None = None) -> Metric:
    """Returns the metric of the area under the ROC curve; see `_scores`."""
    return Metric(_auc, _keras("AUC"), _scores(key, index), tf1.metrics.auc)


def auc_precision_recall(key: str, index: int | None = None) -> Metric:
    """Returns the metric of the area under the precision-recall curve."""
    return Metric(
        _auc_precision_recall,
        _keras("AUC", curve="PR"),
        _scores(key, index),
        functools.partial(tf1.metrics.auc, curve="PR"),
    )


def probability_mean(key: str, index: int) -> Metric:
    """Returns the metric of the weighted mean of one column of the prediction `key`."""
    return mean(lambda batch: batch.predictions[key][..., index : index + 1])


def _scores(
    key: str, index: int | None
) -> Callable[[Batch], tuple[tf.Tensor | None, ...]]:
    """Returns a function batch -> labels, the prediction `key` and weights.

    Labels and prediction, [batch, ..., width], are reduced to the column `index`,
    [batch, ..., 1], unless it is None.
    """
    columns = slice(None) if index is None else slice(index, index + 1)

    def arguments(batch: Batch) -> tuple[tf.Tensor | None, ...]:
        scores = batch.predictions[key][..., columns]
        return batch.labels[..., columns], scores, batch.weights

    return arguments


def _keras(class_name: str, **options: Any) -> Callable[[str], Any]:
    """Returns a function name -> Keras metric, which imports Keras when called."""
    return lambda name: getattr(tf.keras.metrics, class_name)(name=name, **options)


def _labels_and_classes(batch: Batch) -> tuple[tf.Tensor | None, ...]:
    ids = tf.cast(batch.predictions["class_ids"], batch.labels.dtype)
    return batch.labels, ids, batch.weights


def _accuracy_baseline(
    labels: tf.Tensor, weights: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the value, 0 as long as nothing has a weight, and the update op."""
    value, update = _v1_accuracy_baseline(labels, weights)
    seen, see = tf1.metrics.mean(tf.ones_like(labels), weights)  # 0 or 1
    return value * seen, update * see


def _v1_accuracy_baseline(
    labels: tf.Tensor, weights: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor]:
    value, update = tf1.metrics.mean(labels, weights)
    return tf.maximum(value, 1 - value), tf.maximum(update, 1 - update)


def _eager_accuracy_baseline(name: str) -> Any:
    class AccuracyBaseline(tf.keras.metrics.Mean):
        def result(self) -> tf.Tensor:
            value = super().result()
            seen = tf.math.divide_no_nan(self.count, self.count)
            return tf.maximum(value, 1 - value) * seen

    return AccuracyBaseline(name=name)


def _auc_precision_recall(
    labels: tf.Tensor, predictions: tf.Tensor, weights: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor]:
    return tf1.metrics.auc(
        labels,
        predictions,
        weights,
        curve="PR",
        summation_method="careful_interpolation",
    )


def _auc(
    labels: tf.Tensor, predictions: tf.Tensor, weights: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the value and the update op of the area under the ROC curve.

    Computed here because tf.compat.v1.metrics.auc is 1e-6 off for a few examples.
    """
    inner = [i / 199 for i in range(1, 199)]
    counts = [
        count(
            labels,
            predictions,
            [-1e-7, *inner, 1 + 1e-7],
            weights,
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


_OF_CLASSES = {
    "accuracy": (tf1.metrics.accuracy, "Accuracy"),
    "precision": (tf1.metrics.precision, "Precision"),
    "recall": (tf1.metrics.recall, "Recall"),
}

# The weighted mean of the examples' losses.
AVERAGE_LOSS = mean(lambda batch: batch.losses)
# The sum of the regularization losses.
REGULARIZATION_LOSS = Metric(
    tf1.metrics.mean, _keras("Mean"), lambda batch: (batch.penalty, None)
)
# The share of examples whose class is predicted.
ACCURACY = Metric(tf1.metrics.accuracy, _keras("Accuracy"), _labels_and_classes)
# The weighted mean of the labels.
LABEL_MEAN = mean(lambda batch: batch.labels)
# The accuracy of always predicting the more frequent of two classes.
ACCURACY_BASELINE = Metric(
    _accuracy_baseline,
    _eager_accuracy_baseline,
    lambda batch: (batch.labels, batch.weights),
    _v1_accuracy_baseline,
)
