"""MultiClassHead: one of three or more classes."""

import tensorflow as tf

from estimator_mnist.estimator.export.export_output import ExportOutput
from estimator_mnist.estimator.head import checks, metrics
from estimator_mnist.estimator.head.base_head import MEAN, Head, LossFn, selected
from estimator_mnist.estimator.head.class_predictions import (
    class_predictions,
    classification_outputs,
)

tf1 = tf.compat.v1


class MultiClassHead(Head):
    """Classifies into three or more classes; softmax cross entropy.

    labels: integer [batch, ...] or [batch, ..., 1], from 0 to n_classes - 1; with a
    vocabulary, strings of it.
    """

    def __init__(
        self,
        n_classes: int | tf.Tensor,
        weight_column: str | checks.NumericColumn | None = None,
        label_vocabulary: list[str] | None = None,
        loss_reduction: str = MEAN,
        loss_fn: LossFn | None = None,
        name: str | None = None,
    ) -> None:
        """Initializes the head; see Head.__init__ for arguments not listed.

        Args:
          n_classes: number of classes, 3 or more. As a Tensor, int [], it is compared
            with neither the logits nor the vocabulary, which must be None in a graph.
          label_vocabulary: the labels' strings, in the order of their classes.
          loss_fn: as in Head; labels are class numbers [batch, ..., 1].

        Raises:
          ValueError: an argument is out of range.
        """
        if n_classes is None:
            raise ValueError("n_classes cannot be None")
        if isinstance(n_classes, tf.Tensor):
            n_classes = _checked_number(n_classes)
        elif n_classes <= 2:
            raise ValueError(
                f"n_classes must be > 2: {n_classes}. See BinaryClassHead."
            )
        self._vocabulary = checks.checked_vocabulary(label_vocabulary, n_classes)
        super().__init__(n_classes, weight_column, loss_reduction, loss_fn, name)

    def predictions(
        self, logits: tf.Tensor, keys: list[str] | None = None
    ) -> dict[str, tf.Tensor]:
        """Returns `logits` and what class_predictions makes of their softmax."""
        logits = checks.checked_logits(logits, self.logits_dimension)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            probabilities = tf.nn.softmax(logits, name="probabilities")
            classes = class_predictions(
                probabilities, self._vocabulary, self.logits_dimension
            )
        return selected({"logits": logits, **classes}, keys)

    def _processed_labels(
        self, labels: tf.Tensor | None, logits: tf.Tensor
    ) -> tf.Tensor:
        labels = checks.checked_labels(labels, logits, 1)
        if not self._vocabulary and not labels.dtype.is_integer:
            raise ValueError(
                f"Labels dtype should be integer. Instead got {labels.dtype}."
            )
        return checks.class_ids(labels, self._vocabulary, self.logits_dimension)

    def _default_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.squeeze(labels, -1), logits=logits
        )
        return losses[..., None]

    def _metrics(self) -> dict[str, metrics.Metric]:
        return {"accuracy": metrics.ACCURACY}

    def _export_outputs(
        self, predictions: dict[str, tf.Tensor]
    ) -> dict[str, ExportOutput]:
        return classification_outputs(predictions)


def _checked_number(n_classes: tf.Tensor) -> tf.Tensor:
    """Raises InvalidArgumentError, at the latest when a graph runs, for 2 or fewer."""
    check = tf1.assert_greater(
        n_classes,
        tf.constant(2, n_classes.dtype),
        message="n_classes must be greater than 2",
    )
    with tf.control_dependencies([] if tf.executing_eagerly() else [check]):
        return tf.identity(n_classes)
