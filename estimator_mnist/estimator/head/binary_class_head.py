"""BinaryClassHead: one of two classes."""

from collections.abc import Sequence

import tensorflow as tf

from estimator_mnist.estimator.export.export_output import (
    ExportOutput,
    RegressionOutput,
)
from estimator_mnist.estimator.head import checks, metrics
from estimator_mnist.estimator.head.base_head import MEAN, Head, LossFn, selected
from estimator_mnist.estimator.head.class_predictions import (
    class_predictions,
    classification_outputs,
)

tf1 = tf.compat.v1


class BinaryClassHead(Head):
    """Classifies into two classes by one logit; sigmoid cross entropy.

    labels: numbers 0 or 1, [batch, ...] or [batch, ..., 1]; with a vocabulary, its two
    strings.
    """

    def __init__(
        self,
        weight_column: str | checks.NumericColumn | None = None,
        thresholds: Sequence[float] | None = None,
        label_vocabulary: list[str] | None = None,
        loss_reduction: str = MEAN,
        loss_fn: LossFn | None = None,
        name: str | None = None,
    ) -> None:
        """Initializes the head; see Head.__init__ for arguments not listed.

        Args:
          thresholds: probabilities in (0, 1) above which an example counts as class
            1, in additional accuracy, precision and recall.
          label_vocabulary: the labels' two strings, in the order of their classes.
          loss_fn: as in Head; labels are float32 0 or 1, [batch, ..., 1].

        Raises:
          ValueError: an argument is out of range.
        """
        self._thresholds = tuple(thresholds or ())
        if not all(0 < threshold < 1 for threshold in self._thresholds):
            raise ValueError(f"thresholds not in (0, 1): {self._thresholds}.")
        self._vocabulary = checks.checked_vocabulary(label_vocabulary, 2)
        super().__init__(1, weight_column, loss_reduction, loss_fn, name)

    def predictions(
        self, logits: tf.Tensor, keys: list[str] | None = None
    ) -> dict[str, tf.Tensor]:
        """Returns `logits`, `logistic` (the probability of class 1) and the classes."""
        logits = checks.checked_logits(logits, 1)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            two = tf.concat([tf.zeros_like(logits), logits], -1)
            logistic = tf.sigmoid(logits, name="logistic")
            probabilities = tf.nn.softmax(two, name="probabilities")
            classes = class_predictions(probabilities, self._vocabulary, 2)
        return selected({"logits": logits, "logistic": logistic, **classes}, keys)

    def _processed_labels(
        self, labels: tf.Tensor | None, logits: tf.Tensor
    ) -> tf.Tensor:
        labels = checks.checked_labels(labels, logits, 1)
        if not self._vocabulary and labels.dtype == tf.string:
            raise ValueError(
                "Labels dtype should be numeric without a label_vocabulary. "
                f"Instead got {labels.dtype}."
            )
        return tf.cast(checks.class_ids(labels, self._vocabulary, 2), tf.float32)

    def _default_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)

    def _metrics(self) -> dict[str, metrics.Metric]:
        found = {
            "accuracy": metrics.ACCURACY,
            "precision": metrics.above_threshold("precision", "class_ids"),
            "recall": metrics.above_threshold("recall", "class_ids"),
            "prediction/mean": metrics.prediction_mean("logistic"),
            "label/mean": metrics.LABEL_MEAN,
            "accuracy_baseline": metrics.ACCURACY_BASELINE,
            "auc": metrics.auc("logistic"),
            "auc_precision_recall": metrics.auc_precision_recall("logistic"),
        }
        for threshold in self._thresholds:
            for kind in ("accuracy", "precision", "recall"):
                found[f"{kind}/positive_threshold_{threshold}"] = (
                    metrics.above_threshold(kind, "logistic", threshold)
                )
        return found

    def _export_outputs(
        self, predictions: dict[str, tf.Tensor]
    ) -> dict[str, ExportOutput]:
        outputs = classification_outputs(predictions)
        outputs["regression"] = RegressionOutput(predictions["logistic"])
        return outputs
