"""PoissonRegressionHead: one or more counts."""

import tensorflow as tf

from estimator_mnist.estimator.head import checks
from estimator_mnist.estimator.head.base_head import MEAN
from estimator_mnist.estimator.head.regression_head import RegressionHead


class PoissonRegressionHead(RegressionHead):
    """Predicts the mean of counts, exp(logits); negative log-likelihood of Poisson's.

    labels: numbers, 0 or more, [batch, ..., label_dimension], or [batch, ...] where
    that is 1.
    """

    def __init__(
        self,
        label_dimension: int = 1,
        weight_column: str | checks.NumericColumn | None = None,
        loss_reduction: str = MEAN,
        compute_full_loss: bool = True,
        name: str | None = None,
    ) -> None:
        """Initializes the head; see RegressionHead for arguments not listed.

        Args:
          compute_full_loss: the loss includes Stirling's approximation of
            log(label!), which does not depend on the model.

        Raises:
          ValueError: an argument is out of range.
        """

        def losses(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
            return tf.nn.log_poisson_loss(labels, logits, compute_full_loss)

        super().__init__(
            label_dimension, weight_column, loss_reduction, losses, tf.exp, name
        )
