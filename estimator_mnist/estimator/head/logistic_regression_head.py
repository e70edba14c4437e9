"""LogisticRegressionHead: a probability."""

import tensorflow as tf

from estimator_mnist.estimator.head import checks
from estimator_mnist.estimator.head.base_head import MEAN
from estimator_mnist.estimator.head.regression_head import RegressionHead

_RANGE = "Labels must be in range [0, 1]"


class LogisticRegressionHead(RegressionHead):
    """Predicts a probability, sigmoid(logits); sigmoid cross entropy.

    Unlike BinaryClassHead it takes labels between 0 and 1, and its metrics and exports
    are those of a regression.

    labels: numbers from 0 to 1, [batch, ...] or [batch, ..., 1].
    """

    def __init__(
        self,
        weight_column: str | checks.NumericColumn | None = None,
        loss_reduction: str = MEAN,
        name: str | None = None,
    ) -> None:
        """Initializes the head; see RegressionHead for the arguments.

        Raises:
          ValueError: an argument is out of range.
        """
        super().__init__(1, weight_column, loss_reduction, _losses, tf.sigmoid, name)


def _losses(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    labels = checks.in_range(labels, 1, _RANGE, _RANGE)
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
