"""Models that see no feature: BaselineClassifier, BaselineRegressor, BaselineEstimator.

They learn the mean of the labels, or how frequent each class is: what another model has
to be better than.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.canned import heads, optimizers
from estimator_mnist.estimator.canned.heads import AnyHead, spec_of
from estimator_mnist.estimator.canned.input_layer import Features, check_features
from estimator_mnist.estimator.canned.optimizers import OptimizerLike
from estimator_mnist.estimator.estimator import Estimator, Path
from estimator_mnist.estimator.head.checks import NumericColumn
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1

LEARNING_RATE = 0.3
_SUM = tf1.losses.Reduction.SUM


class BaselineClassifier(Estimator):
    """Predicts for each example how frequent the classes are.

    estimator = BaselineClassifier(n_classes=3)
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of features, of which only the number of examples counts, and
    labels: class numbers [batch] or [batch, 1], or strings of `label_vocabulary`.
    Predictions are those of LinearClassifier.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        n_classes: int = 2,
        weight_column: str | NumericColumn | None = None,
        label_vocabulary: list[str] | None = None,
        optimizer: OptimizerLike = "Ftrl",
        config: RunConfig | None = None,
        loss_reduction: str = _SUM,
    ) -> None:
        """Checks the classes; other arguments are checked when the model is built.

        Args:
          model_dir: as in Estimator.
          n_classes: number of classes, 2 or more.
          weight_column: name (or numeric_column) of the feature that weighs examples.
          label_vocabulary: the labels' strings, in the order of their classes.
          optimizer: `Adagrad`, `Adam`, `Ftrl`, `RMSProp` or `SGD`, at the learning
            rate 0.3; an optimizer of tf.compat.v1.train; or a function that returns
            one, called whenever a training begins.
          config: as in Estimator.
          loss_reduction: one of tf.compat.v1.losses.Reduction, but not NONE.

        Raises:
          ValueError: n_classes or loss_reduction is out of range.
        """
        head = heads.binary_or_multi_class_head(
            n_classes, weight_column, label_vocabulary, loss_reduction
        )
        super().__init__(make_model_fn(head, optimizer), model_dir, config)


class BaselineRegressor(Estimator):
    """Predicts for each example the mean of the labels; squared error.

    estimator = BaselineRegressor()
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of features, of which only the number of examples counts, and
    labels, numbers [batch, label_dimension] or, where that is 1, [batch]. The
    prediction is `predictions`.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        label_dimension: int = 1,
        weight_column: str | NumericColumn | None = None,
        optimizer: OptimizerLike = "Ftrl",
        config: RunConfig | None = None,
        loss_reduction: str = _SUM,
    ) -> None:
        """Checks label_dimension; other arguments are checked when a model is built.

        Args:
          label_dimension: how many numbers an example has.
          Others are those of BaselineClassifier.

        Raises:
          ValueError: label_dimension or loss_reduction is out of range.
        """
        head = heads.regression_head(label_dimension, weight_column, loss_reduction)
        super().__init__(make_model_fn(head, optimizer), model_dir, config)


class BaselineEstimator(Estimator):
    """Predicts what a head makes of the same logits for each example.

    estimator = BaselineEstimator(MultiLabelHead(n_classes=3))
    estimator.train(input_fn, steps=1000)
    """

    def __init__(
        self,
        head: AnyHead,
        model_dir: Path | None = None,
        optimizer: OptimizerLike = "Ftrl",
        config: RunConfig | None = None,
    ) -> None:
        """Checks nothing beside what Estimator does until a model is built.

        Args:
          head: a Head of this runtime, or one that has its `logits_dimension` and
            `create_estimator_spec`.
          Others are those of BaselineClassifier.
        """
        super().__init__(make_model_fn(head, optimizer), model_dir, config)


def make_model_fn(
    head: AnyHead, optimizer: OptimizerLike
) -> Callable[..., EstimatorSpec]:
    """Returns the model_fn of a baseline."""

    def train_op_fn(loss: tf.Tensor) -> tf.Operation:
        trainer = optimizers.get_optimizer_instance(optimizer, LEARNING_RATE)
        return trainer.minimize(loss, tf1.train.get_global_step())

    def model_fn(
        features: Features, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        del config
        logits = _logits(features, head.logits_dimension)
        return spec_of(head, features, labels, mode, logits, train_op_fn=train_op_fn)

    return model_fn


def _logits(features: Features, dimension: int) -> tf.Tensor:
    """Returns the same logits for each example, float32 [batch, dimension]."""
    count = _batch_size(features)
    with tf1.variable_scope("baseline"):
        zeros = tf1.zeros_initializer()
        bias = tf1.get_variable("bias", [dimension], initializer=zeros)
        return tf.ones([count, dimension]) * bias


def _batch_size(features: Features) -> tf.Tensor:
    """Returns the number of examples, int32 [], which all features have.

    Raises:
      ValueError: there are no features, or they are no dict.
      tf.errors.InvalidArgumentError: when it runs, if they have different numbers.
    """
    check_features(features)
    if not features:
        raise ValueError(
            "features is an empty dictionary, so that the number of examples is not "
            "known. Give any feature."
        )
    count, *others = [tf.shape(feature)[0] for feature in features.values()]
    equal = [tf1.assert_equal(count, other) for other in others]
    with tf.control_dependencies(equal):
        return tf.identity(count)
