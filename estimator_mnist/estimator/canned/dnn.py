"""Deep models: DNNClassifier, DNNRegressor and DNNEstimator."""

from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.canned import heads, optimizers
from estimator_mnist.estimator.canned.dense_layers import Activation, DenseLayers
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

LEARNING_RATE = 0.05
_SUM = tf1.losses.Reduction.SUM


class DNNClassifier(Estimator):
    """Classifies with dense layers.

    estimator = DNNClassifier(
        hidden_units=[10, 10], feature_columns=[tf.feature_column.numeric_column("x")],
        n_classes=3)
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of the features that the columns name, and labels: class
    numbers [batch] or [batch, 1], or strings of `label_vocabulary`. Predictions are
    `logits`, `probabilities`, `class_ids`, `classes`, `all_class_ids`, `all_classes`
    and, of two classes, `logistic`.
    """

    def __init__(
        self,
        hidden_units: Iterable[int],
        feature_columns: Iterable[Any],
        model_dir: Path | None = None,
        n_classes: int = 2,
        weight_column: str | NumericColumn | None = None,
        label_vocabulary: list[str] | None = None,
        optimizer: OptimizerLike = "Adagrad",
        activation_fn: Activation | str | None = tf.nn.relu,
        dropout: float | None = None,
        input_layer_partitioner: Partitioner | None = None,
        config: RunConfig | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        loss_reduction: str = _SUM,
        batch_norm: bool = False,
    ) -> None:
        """Checks the classes; other arguments are checked when the model is built.

        Args:
          hidden_units: the number of units of each hidden layer, from the features on.
          feature_columns: dense columns of `tf.feature_column`: numeric, bucketized,
            embedding and indicator columns.
          model_dir: as in Estimator.
          n_classes: number of classes, 2 or more.
          weight_column: name (or numeric_column) of the feature that weighs examples.
          label_vocabulary: the labels' strings, in the order of their classes.
          optimizer: `Adagrad`, `Adam`, `Ftrl`, `RMSProp` or `SGD`, at the learning
            rate 0.05; an optimizer of tf.compat.v1.train; or a function that returns
            one, called whenever a model is built.
          activation_fn: of the hidden layers; None for none.
          dropout: the share of each hidden layer's values that is dropped in training,
            0 <= dropout < 1; None for none.
          input_layer_partitioner: of the embeddings; by default those of 64 MB or more
            are spread over the parameter servers.
          config: as in Estimator.
          warm_start_from: as in Estimator.
          loss_reduction: one of tf.compat.v1.losses.Reduction, but not NONE: how the
            examples' losses make the loss.
          batch_norm: whether each hidden layer's values are normalized, after dropout.

        Raises:
          ValueError: n_classes or loss_reduction is out of range.
        """
        head = heads.binary_or_multi_class_head(
            n_classes, weight_column, label_vocabulary, loss_reduction
        )
        layers = DenseLayers(
            hidden_units,
            feature_columns,
            activation_fn,
            dropout,
            input_layer_partitioner,
            batch_norm,
        )
        model_fn = make_model_fn(head, layers, optimizer)
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


class DNNRegressor(Estimator):
    """Predicts numbers with dense layers; squared error.

    estimator = DNNRegressor(
        hidden_units=[10, 10], feature_columns=[tf.feature_column.numeric_column("x")])
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of the features that the columns name, and labels, numbers
    [batch, label_dimension] or, where that is 1, [batch]. The prediction is
    `predictions`.
    """

    def __init__(
        self,
        hidden_units: Iterable[int],
        feature_columns: Iterable[Any],
        model_dir: Path | None = None,
        label_dimension: int = 1,
        weight_column: str | NumericColumn | None = None,
        optimizer: OptimizerLike = "Adagrad",
        activation_fn: Activation | str | None = tf.nn.relu,
        dropout: float | None = None,
        input_layer_partitioner: Partitioner | None = None,
        config: RunConfig | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        loss_reduction: str = _SUM,
        batch_norm: bool = False,
    ) -> None:
        """Checks label_dimension; other arguments are checked when a model is built.

        Args:
          label_dimension: how many numbers an example has.
          Others are those of DNNClassifier.

        Raises:
          ValueError: label_dimension or loss_reduction is out of range.
        """
        head = heads.regression_head(label_dimension, weight_column, loss_reduction)
        layers = DenseLayers(
            hidden_units,
            feature_columns,
            activation_fn,
            dropout,
            input_layer_partitioner,
            batch_norm,
        )
        model_fn = make_model_fn(head, layers, optimizer)
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


class DNNEstimator(Estimator):
    """Predicts with dense layers what a head makes of their logits.

    estimator = DNNEstimator(
        head=MultiLabelHead(n_classes=3), hidden_units=[10, 10],
        feature_columns=[tf.feature_column.numeric_column("x")])
    estimator.train(input_fn, steps=1000)
    """

    def __init__(
        self,
        head: AnyHead,
        hidden_units: Iterable[int],
        feature_columns: Iterable[Any],
        model_dir: Path | None = None,
        optimizer: OptimizerLike = "Adagrad",
        activation_fn: Activation | str | None = tf.nn.relu,
        dropout: float | None = None,
        input_layer_partitioner: Partitioner | None = None,
        config: RunConfig | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        batch_norm: bool = False,
    ) -> None:
        """Checks nothing beside what Estimator does until a model is built.

        Args:
          head: a Head of this runtime, or one that has its `logits_dimension` and
            `create_estimator_spec`.
          Others are those of DNNClassifier.
        """
        layers = DenseLayers(
            hidden_units,
            feature_columns,
            activation_fn,
            dropout,
            input_layer_partitioner,
            batch_norm,
        )
        model_fn = make_model_fn(head, layers, optimizer)
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


def make_model_fn(
    head: AnyHead, layers: DenseLayers, optimizer: OptimizerLike
) -> Callable[..., EstimatorSpec]:
    """Returns the model_fn of a deep model."""

    def model_fn(
        features: Features, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        check_features(features)
        trainer = optimizers.get_optimizer_instance(optimizer, LEARNING_RATE)
        with tf1.variable_scope("dnn", partitioner=hidden_partitioner(config)):
            logits = layers.with_partitioner(input_partitioner(config)).logits(
                features, mode, head.logits_dimension
            )
            return spec_of(head, features, labels, mode, logits, optimizer=trainer)

    return model_fn


def dnn_logit_fn_builder(
    units: int,
    hidden_units: Iterable[int],
    feature_columns: Iterable[Any],
    activation_fn: Activation | str | None,
    dropout: float | None,
    input_layer_partitioner: Partitioner | None,
    batch_norm: bool,
) -> Callable[..., tf.Tensor]:
    """Returns a function (features, mode) -> logits, float32 [batch, units].

    Args:
      units: the logits' last dimension.
      Others are those of DNNClassifier.

    Raises:
      ValueError: `units` is no int.
    """
    if not isinstance(units, int):
        raise ValueError(f"units must be an int.  Given type: {type(units)}")
    layers = DenseLayers(
        hidden_units,
        feature_columns,
        activation_fn,
        dropout,
        input_layer_partitioner,
        batch_norm,
    )

    def logit_fn(features: Features, mode: str) -> tf.Tensor:
        return layers.logits(features, mode, units)

    return logit_fn


def hidden_partitioner(config: RunConfig) -> Partitioner:
    """Returns what spreads kernels over the parameter servers."""
    return tf1.min_max_variable_partitioner(max_partitions=config.num_ps_replicas)
