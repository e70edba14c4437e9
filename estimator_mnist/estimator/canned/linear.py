"""Linear models: LinearClassifier, LinearRegressor and LinearEstimator."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.canned import heads, linear_model, optimizers
from estimator_mnist.estimator.canned.heads import AnyHead, spec_of
from estimator_mnist.estimator.canned.input_layer import (
    Features,
    Partitioner,
    check_features,
    input_partitioner,
)
from estimator_mnist.estimator.canned.optimizers import OptimizerLike
from estimator_mnist.estimator.checkpoint.warm_start import WarmStartSettings
from estimator_mnist.estimator.estimator import Estimator, Path
from estimator_mnist.estimator.head.checks import NumericColumn
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1

LEARNING_RATE = 0.2
_SUM = tf1.losses.Reduction.SUM


class LinearClassifier(Estimator):
    """Classifies by weighted sums of the features.

    estimator = LinearClassifier(
        [tf.feature_column.numeric_column("x")], n_classes=3)
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of the features that the columns name, and labels: class
    numbers [batch] or [batch, 1], or strings of `label_vocabulary`. Predictions are
    `logits`, `probabilities`, `class_ids`, `classes`, `all_class_ids`, `all_classes`
    and, of two classes, `logistic`.
    """

    def __init__(
        self,
        feature_columns: Iterable[Any],
        model_dir: Path | None = None,
        n_classes: int = 2,
        weight_column: str | NumericColumn | None = None,
        label_vocabulary: list[str] | None = None,
        optimizer: OptimizerLike | None = "Ftrl",
        config: RunConfig | None = None,
        partitioner: Partitioner | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        loss_reduction: str = _SUM,
        sparse_combiner: str = "sum",
    ) -> None:
        """Checks the classes; other arguments are checked when the model is built.

        Args:
          feature_columns: columns of `tf.feature_column`, of any kind.
          model_dir: as in Estimator.
          n_classes: number of classes, 2 or more.
          weight_column: name (or numeric_column) of the feature that weighs examples.
          label_vocabulary: the labels' strings, in the order of their classes.
          optimizer: `Adagrad`, `Adam`, `Ftrl`, `RMSProp` or `SGD`, at the learning
            rate 0.2; an optimizer of tf.compat.v1.train; a function that returns one,
            called whenever a model is built; or None for Ftrl at the learning rate
            1 / sqrt(number of columns), at most 0.2.
          config: as in Estimator.
          partitioner: of the weights; by default those of 64 MB or more are spread
            over the parameter servers.
          warm_start_from: as in Estimator.
          loss_reduction: one of tf.compat.v1.losses.Reduction, but not NONE: how the
            examples' losses make the loss.
          sparse_combiner: `sum`, `mean` or `sqrtn`: how the weights of a column's
            words in an example become one number.

        Raises:
          ValueError: n_classes or loss_reduction is out of range.
        """
        head = heads.binary_or_multi_class_head(
            n_classes, weight_column, label_vocabulary, loss_reduction
        )
        model_fn = make_model_fn(
            head, feature_columns, optimizer, partitioner, sparse_combiner
        )
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


class LinearRegressor(Estimator):
    """Predicts numbers by weighted sums of the features; squared error.

    estimator = LinearRegressor([tf.feature_column.numeric_column("x")])
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of the features that the columns name, and labels, numbers
    [batch, label_dimension] or, where that is 1, [batch]. The prediction is
    `predictions`.
    """

    def __init__(
        self,
        feature_columns: Iterable[Any],
        model_dir: Path | None = None,
        label_dimension: int = 1,
        weight_column: str | NumericColumn | None = None,
        optimizer: OptimizerLike | None = "Ftrl",
        config: RunConfig | None = None,
        partitioner: Partitioner | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        loss_reduction: str = _SUM,
        sparse_combiner: str = "sum",
    ) -> None:
        """Checks label_dimension; other arguments are checked when a model is built.

        Args:
          label_dimension: how many numbers an example has.
          Others are those of LinearClassifier.

        Raises:
          ValueError: label_dimension or loss_reduction is out of range.
        """
        head = heads.regression_head(label_dimension, weight_column, loss_reduction)
        model_fn = make_model_fn(
            head, feature_columns, optimizer, partitioner, sparse_combiner
        )
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


class LinearEstimator(Estimator):
    """Predicts by weighted sums of the features what a head makes of them.

    estimator = LinearEstimator(
        MultiLabelHead(n_classes=3), [tf.feature_column.numeric_column("x")])
    estimator.train(input_fn, steps=1000)
    """

    def __init__(
        self,
        head: AnyHead,
        feature_columns: Iterable[Any],
        model_dir: Path | None = None,
        optimizer: OptimizerLike | None = "Ftrl",
        config: RunConfig | None = None,
        partitioner: Partitioner | None = None,
        sparse_combiner: str = "sum",
        warm_start_from: str | WarmStartSettings | None = None,
    ) -> None:
        """Checks nothing beside what Estimator does until a model is built.

        Args:
          head: a Head of this runtime, or one that has its `logits_dimension` and
            `create_estimator_spec`.
          Others are those of LinearClassifier.
        """
        model_fn = make_model_fn(
            head, feature_columns, optimizer, partitioner, sparse_combiner
        )
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


def make_model_fn(
    head: AnyHead,
    feature_columns: Iterable[Any],
    optimizer: OptimizerLike | None,
    partitioner: Partitioner | None,
    sparse_combiner: str,
) -> Callable[..., EstimatorSpec]:
    """Returns the model_fn of a linear model."""
    columns = tuple(feature_columns or ())

    def model_fn(
        features: Features, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        check_features(features)
        spread = partitioner or input_partitioner(config)
        logit_fn = linear_logit_fn_builder(
            head.logits_dimension, columns, sparse_combiner
        )
        with tf1.variable_scope("linear", partitioner=spread):
            logits = logit_fn(features)
            trainer = _trainer(optimizer, columns)
            return spec_of(head, features, labels, mode, logits, optimizer=trainer)

    return model_fn


def linear_logit_fn_builder(
    units: int, feature_columns: Iterable[Any], sparse_combiner: str = "sum"
) -> Callable[[Features], tf.Tensor]:
    """Returns a function features -> logits, float32 [batch, units].

    It makes the variables below `linear_model` in the present scope, and the summaries
    `bias` and `fraction_of_zero_weights`.

    Args:
      units: the logits' last dimension.
      feature_columns, sparse_combiner: those of LinearClassifier.
    """
    columns = tuple(feature_columns or ())

    def linear_logit_fn(features: Features) -> tf.Tensor:
        made = linear_model.linear_model(features, columns, units, sparse_combiner)
        _summarize_bias(made.bias, units)
        tf1.summary.scalar("fraction_of_zero_weights", _share_of_zeros(made.weights))
        return made.logits

    return linear_logit_fn


def _trainer(
    optimizer: OptimizerLike | None, columns: Sequence[Any]
) -> tf.compat.v1.train.Optimizer:
    if optimizer:
        return optimizers.get_optimizer_instance(optimizer, LEARNING_RATE)
    return tf1.train.FtrlOptimizer(min(LEARNING_RATE, 1 / math.sqrt(len(columns))))


def _summarize_bias(bias: Any, units: int) -> None:
    values = tf.convert_to_tensor(bias)
    if units > 1:
        tf1.summary.histogram("bias", values)
    else:
        tf1.summary.scalar("bias", values[0])


def _share_of_zeros(weights: Sequence[Any]) -> tf.Tensor:
    """Returns the share of zeros in all weights together, float32 []."""
    with tf1.name_scope("zero_fraction"):
        flat = [tf.reshape(one, [-1]) for one in map(tf.convert_to_tensor, weights)]
        zeros = [tf.reduce_sum(tf.cast(tf.equal(one, 0), tf.float32)) for one in flat]
        sizes = [tf.size(one, tf.int64) for one in flat]
        return tf.add_n(zeros) / tf.cast(tf.add_n(sizes), tf.float32)
