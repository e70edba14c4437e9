"""RegressionHead: one or more real numbers."""

from collections.abc import Callable

import tensorflow as tf

from estimator_mnist.estimator.export.export_output import (
    ExportOutput,
    RegressionOutput,
)
from estimator_mnist.estimator.head import checks, metrics
from estimator_mnist.estimator.head.base_head import MEAN, Head, LossFn, selected
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY

tf1 = tf.compat.v1


class RegressionHead(Head):
    """Predicts one or more real numbers; squared error.

    labels: numbers [batch, ..., label_dimension], or [batch, ...] where that is 1.
    """

    def __init__(
        self,
        label_dimension: int = 1,
        weight_column: str | checks.NumericColumn | None = None,
        loss_reduction: str = MEAN,
        loss_fn: LossFn | None = None,
        inverse_link_fn: Callable[[tf.Tensor], tf.Tensor] | None = None,
        name: str | None = None,
    ) -> None:
        """Initializes the head; see Head.__init__ for arguments not listed.

        Args:
          label_dimension: how many numbers an example has.
          weight_column: as in Head, or with a weight for each of these numbers,
            [batch, ..., label_dimension].
          loss_fn: as in Head; labels are float32 [batch, ..., label_dimension].
          inverse_link_fn: logits -> predictions; None where they are the same. The
            loss is always that of the logits.

        Raises:
          ValueError: an argument is out of range.
        """
        if label_dimension < 1:
            raise ValueError(f"Invalid label_dimension {label_dimension}.")
        self._inverse_link_fn = inverse_link_fn
        super().__init__(label_dimension, weight_column, loss_reduction, loss_fn, name)

    @property
    def _weight_dimension(self) -> int | None:
        return self._logits_dimension

    def predictions(
        self, logits: tf.Tensor, keys: list[str] | None = None
    ) -> dict[str, tf.Tensor]:
        """Returns `predictions`, and `logits` where there is an inverse_link_fn."""
        logits = checks.checked_logits(logits, self.logits_dimension)
        if not self._inverse_link_fn:
            return selected({"predictions": logits}, keys)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            found = {"predictions": self._inverse_link_fn(logits), "logits": logits}
        return selected(found, keys)

    def _processed_labels(
        self, labels: tf.Tensor | None, logits: tf.Tensor
    ) -> tf.Tensor:
        labels = checks.checked_labels(labels, logits, self.logits_dimension)
        return tf.cast(labels, tf.float32)

    def _default_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        return tf.math.squared_difference(labels, logits)

    def _metrics(self) -> dict[str, metrics.Metric]:
        return {
            "prediction/mean": metrics.prediction_mean("predictions"),
            "label/mean": metrics.LABEL_MEAN,
        }

    def _export_outputs(
        self, predictions: dict[str, tf.Tensor]
    ) -> dict[str, ExportOutput]:
        output = RegressionOutput(predictions["predictions"])
        return {DEFAULT_SERVING_KEY: output, "regression": output}
