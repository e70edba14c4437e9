"""Wide and deep models: DNNLinearCombinedClassifier, Regressor and Estimator.

Cheng et al., "Wide & Deep Learning for Recommender Systems", 2016
(https://arxiv.org/abs/1606.07792).
"""

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.canned import dnn, heads, linear, optimizers
from estimator_mnist.estimator.canned.dense_layers import (
    Activation,
    DenseLayers,
    summarize,
)
from estimator_mnist.estimator.canned.heads import AnyHead
from estimator_mnist.estimator.canned.input_layer import (
    Features,
    Partitioner,
    check_features,
    column_types,
    input_partitioner,
)
from estimator_mnist.estimator.canned.optimizers import OptimizerLike
from estimator_mnist.estimator.checkpoint.warm_start import WarmStartSettings
from estimator_mnist.estimator.estimator import Estimator, Path
from estimator_mnist.estimator.head.checks import NumericColumn
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1

_DEEP_RATE, _WIDE_RATE = 0.001, 0.005
_SUM = tf1.losses.Reduction.SUM

MinimizeFn = Callable[[tf.Tensor], tf.Operation]


class DNNLinearCombinedClassifier(Estimator):
    """Classifies by the sum of a linear model's logits and a deep model's.

    estimator = DNNLinearCombinedClassifier(
        linear_feature_columns=[crossed], dnn_feature_columns=[age],
        dnn_hidden_units=[100, 50])
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of the features that the columns name, and labels: class
    numbers [batch] or [batch, 1], or strings of `label_vocabulary`. Predictions are
    those of DNNClassifier.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        linear_feature_columns: Iterable[Any] | None = None,
        linear_optimizer: OptimizerLike = "Ftrl",
        dnn_feature_columns: Iterable[Any] | None = None,
        dnn_optimizer: OptimizerLike = "Adagrad",
        dnn_hidden_units: Iterable[int] | None = None,
        dnn_activation_fn: Activation | str | None = tf.nn.relu,
        dnn_dropout: float | None = None,
        n_classes: int = 2,
        weight_column: str | NumericColumn | None = None,
        label_vocabulary: list[str] | None = None,
        input_layer_partitioner: Partitioner | None = None,
        config: RunConfig | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        loss_reduction: str = _SUM,
        batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:
        """Checks classes and columns; the rest is checked when a model is built.

        Args:
          model_dir: as in Estimator.
          linear_feature_columns: columns of the linear model, of any kind.
          linear_optimizer: as in DNNClassifier; a name stands for the learning rate
            0.005, or 1 / sqrt(number of linear columns) if that is less.
          dnn_feature_columns: dense columns of the deep model.
          dnn_optimizer: as in DNNClassifier; a name stands for the learning rate 0.001.
          dnn_hidden_units: the number of units of each hidden layer.
          dnn_activation_fn: of the hidden layers; None for none.
          dnn_dropout: the share of each hidden layer's values that is dropped in
            training, 0 <= dnn_dropout < 1; None for none.
          n_classes: number of classes, 2 or more.
          weight_column: name (or numeric_column) of the feature that weighs examples.
          label_vocabulary: the labels' strings, in the order of their classes.
          input_layer_partitioner: of embeddings and linear weights; by default those of
            64 MB or more are spread over the parameter servers.
          config: as in Estimator.
          warm_start_from: as in Estimator.
          loss_reduction: one of tf.compat.v1.losses.Reduction, but not NONE.
          batch_norm: whether each hidden layer's values are normalized, after dropout.
          linear_sparse_combiner: `sum`, `mean` or `sqrtn`: how the linear weights of
            a feature of several categories make one number.

        Raises:
          ValueError: there are no columns, or n_classes or loss_reduction is out of
            range.
        """
        deep = DenseLayers(
            dnn_hidden_units,
            _columns(dnn_feature_columns),
            dnn_activation_fn,
            dnn_dropout,
            input_layer_partitioner,
            batch_norm,
        )
        wide = _Wide(_columns(linear_feature_columns), linear_sparse_combiner)
        _check_columns(deep, wide)
        head = heads.binary_or_multi_class_head(
            n_classes, weight_column, label_vocabulary, loss_reduction
        )
        model_fn = _make_model_fn(head, deep, dnn_optimizer, wide, linear_optimizer)
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


class DNNLinearCombinedRegressor(Estimator):
    """Predicts the sum of a linear model's numbers and a deep model's; squared error.

    estimator = DNNLinearCombinedRegressor(
        linear_feature_columns=[crossed], dnn_feature_columns=[age],
        dnn_hidden_units=[100, 50])
    estimator.train(input_fn, steps=1000)

    input_fn gives a dict of the features that the columns name, and labels, numbers
    [batch, label_dimension] or, where that is 1, [batch]. The prediction is
    `predictions`.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        linear_feature_columns: Iterable[Any] | None = None,
        linear_optimizer: OptimizerLike = "Ftrl",
        dnn_feature_columns: Iterable[Any] | None = None,
        dnn_optimizer: OptimizerLike = "Adagrad",
        dnn_hidden_units: Iterable[int] | None = None,
        dnn_activation_fn: Activation | str | None = tf.nn.relu,
        dnn_dropout: float | None = None,
        label_dimension: int = 1,
        weight_column: str | NumericColumn | None = None,
        input_layer_partitioner: Partitioner | None = None,
        config: RunConfig | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
        loss_reduction: str = _SUM,
        batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:
        """Checks columns and label_dimension; the rest when a model is built.

        Args:
          label_dimension: how many numbers an example has.
          Others are those of DNNLinearCombinedClassifier.

        Raises:
          ValueError: there are no columns, or label_dimension or loss_reduction is out
            of range.
        """
        deep = DenseLayers(
            dnn_hidden_units,
            _columns(dnn_feature_columns),
            dnn_activation_fn,
            dnn_dropout,
            input_layer_partitioner,
            batch_norm,
        )
        wide = _Wide(_columns(linear_feature_columns), linear_sparse_combiner)
        _check_columns(deep, wide)
        head = heads.regression_head(label_dimension, weight_column, loss_reduction)
        model_fn = _make_model_fn(head, deep, dnn_optimizer, wide, linear_optimizer)
        super().__init__(model_fn, model_dir, config, None, warm_start_from)


class DNNLinearCombinedEstimator(Estimator):
    """Predicts what a head makes of a linear model's logits plus a deep model's.

    estimator = DNNLinearCombinedEstimator(
        head=MultiLabelHead(n_classes=3), linear_feature_columns=[crossed],
        dnn_feature_columns=[age], dnn_hidden_units=[100, 50])
    estimator.train(input_fn, steps=1000)
    """

    def __init__(
        self,
        head: AnyHead,
        model_dir: Path | None = None,
        linear_feature_columns: Iterable[Any] | None = None,
        linear_optimizer: OptimizerLike = "Ftrl",
        dnn_feature_columns: Iterable[Any] | None = None,
        dnn_optimizer: OptimizerLike = "Adagrad",
        dnn_hidden_units: Iterable[int] | None = None,
        dnn_activation_fn: Activation | str | None = tf.nn.relu,
        dnn_dropout: float | None = None,
        input_layer_partitioner: Partitioner | None = None,
        config: RunConfig | None = None,
        batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:
        """Checks that there are columns; the rest when a model is built.

        Args:
          head: as in DNNEstimator.
          Others are those of DNNLinearCombinedClassifier.

        Raises:
          ValueError: there are no columns.
        """
        deep = DenseLayers(
            dnn_hidden_units,
            _columns(dnn_feature_columns),
            dnn_activation_fn,
            dnn_dropout,
            input_layer_partitioner,
            batch_norm,
        )
        wide = _Wide(_columns(linear_feature_columns), linear_sparse_combiner)
        _check_columns(deep, wide)
        model_fn = _make_model_fn(head, deep, dnn_optimizer, wide, linear_optimizer)
        super().__init__(model_fn, model_dir, config)


@dataclasses.dataclass(frozen=True)
class _Wide:
    """Settings of the linear model."""

    feature_columns: tuple
    sparse_combiner: str

    @property
    def learning_rate(self) -> float:
        return min(_WIDE_RATE, 1 / math.sqrt(len(self.feature_columns)))


@dataclasses.dataclass(frozen=True)
class _Part:
    """One of the two models, in a graph.

    Attributes:
      logits: float32 [batch, logits_dimension].
      optimizer: of the variables below `scope`, and no others.
    """

    logits: tf.Tensor
    scope: str
    optimizer: tf.compat.v1.train.Optimizer

    def minimize(self, loss: tf.Tensor) -> tf.Operation:
        variables = tf1.trainable_variables(f"{self.scope}/")
        return self.optimizer.minimize(loss, var_list=variables)


def _columns(given: Iterable[Any] | None) -> tuple:
    """Returns columns as a tuple; a column, itself one, stands for itself alone."""
    is_column = isinstance(given, column_types.FeatureColumn)
    return (given,) if is_column else tuple(given or ())


def _check_columns(deep: DenseLayers, wide: _Wide) -> None:
    if not deep.feature_columns and not wide.feature_columns:
        raise ValueError(
            "Either linear_feature_columns or dnn_feature_columns must be defined. "
            "Give a list of columns that functions of tf.feature_column return."
        )


def _make_model_fn(
    head: AnyHead,
    deep: DenseLayers,
    deep_optimizer: OptimizerLike,
    wide: _Wide,
    wide_optimizer: OptimizerLike,
) -> Callable[..., EstimatorSpec]:
    """Returns the model_fn of a linear model, a deep model, or both."""

    def model_fn(
        features: Features, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        check_features(features)
        layers = deep.with_partitioner(input_partitioner(config))
        units, parts = head.logits_dimension, []
        if deep.feature_columns:
            optimizer = optimizers.get_optimizer_instance(deep_optimizer, _DEEP_RATE)
            with tf1.variable_scope("dnn", partitioner=dnn.hidden_partitioner(config)):
                logits = _deep_logits(layers, features, mode, units)
            parts.append(_Part(logits, "dnn", optimizer))
        if wide.feature_columns:
            optimizer = optimizers.get_optimizer_instance(
                wide_optimizer, wide.learning_rate
            )
            partitioner = layers.input_layer_partitioner
            with tf1.variable_scope("linear", partitioner=partitioner) as scope:
                logits = _wide_logits(wide, features, units)
                summarize(logits, scope.name)
            parts.append(_Part(logits, "linear", optimizer))
        return heads.spec_of(
            head,
            features,
            labels,
            mode,
            _sum([part.logits for part in parts]),
            train_op_fn=_train_op_fn([part.minimize for part in parts]),
        )

    return model_fn


def _deep_logits(
    layers: DenseLayers, features: Features, mode: str, units: int
) -> tf.Tensor:
    if not layers.hidden_units:
        raise ValueError(
            "dnn_hidden_units must be defined when dnn_feature_columns is specified. "
            "Give the number of units of each hidden layer, as [100, 50]."
        )
    return layers.logits(features, mode, units)


def _wide_logits(wide: _Wide, features: Features, units: int) -> tf.Tensor:
    logit_fn = linear.linear_logit_fn_builder(
        units, wide.feature_columns, wide.sparse_combiner
    )
    return logit_fn(features)


def _sum(logits: list[tf.Tensor]) -> tf.Tensor:
    first, *others = logits
    return first + others[0] if others else first


def _train_op_fn(minimize_fns: list[MinimizeFn]) -> Callable[..., tf.Operation]:
    """Returns loss -> the op of a step, which counts when all have been made."""

    def train_op_fn(loss: tf.Tensor) -> tf.Operation:
        made = tf.group(*[minimize(loss) for minimize in minimize_fns])
        with tf.control_dependencies([made]):
            return tf1.assign_add(tf1.train.get_global_step(), 1).op

    return train_op_fn
