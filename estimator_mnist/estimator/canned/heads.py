"""Heads as TF 1.x had them, and as tf.compat.v1.estimator's canned estimators have."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

from estimator_mnist.estimator.export.export_output import PredictOutput
from estimator_mnist.estimator.head import checks, metrics
from estimator_mnist.estimator.head.base_head import (
    Features,
    Head,
    write_scalar,
    write_summaries,
)
from estimator_mnist.estimator.head.binary_class_head import BinaryClassHead
from estimator_mnist.estimator.head.multi_class_head import MultiClassHead
from estimator_mnist.estimator.head.regression_head import RegressionHead
from estimator_mnist.estimator.head.train_op import TrainOpFn, make_train_op
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec

tf1 = tf.compat.v1

_Reduction = tf1.losses.Reduction
_REDUCTIONS = sorted({*_Reduction.all()} - {_Reduction.NONE})


class AnyHead(Protocol):
    """What a canned estimator asks of its head."""

    @property
    def logits_dimension(self) -> Any:
        """Returns the logits' last dimension."""

    @property
    def create_estimator_spec(self) -> Callable[..., EstimatorSpec]:
        """Returns a method: features, mode, labels, logits, optimizer -> the spec."""


class LossSpec(NamedTuple):
    """What `V1Head.create_loss` returns.

    Attributes:
      training_loss: float32 [], weighted and reduced, without regularization losses.
      unreduced_loss: float32 [batch, ..., width].
      weights: float32 that can be broadcast to it; 1.0 where all weigh the same.
      processed_labels: [batch, ..., width], as the metrics take them.

    The last three are dicts by the heads' names where there are several heads.
    """

    training_loss: tf.Tensor
    unreduced_loss: tf.Tensor | dict[str, tf.Tensor]
    weights: tf.Tensor | float | dict[str, tf.Tensor | float]
    processed_labels: tf.Tensor | dict[str, tf.Tensor]


class V1Head:
    """A head whose losses are reduced as tf.compat.v1.losses does, by default a sum.

    head = V1Head(MultiClassHead(3))
    return head.create_estimator_spec(features, mode, logits, labels, optimizer)

    Predictions, examples' losses, metrics and exports are those of the head that it is
    made from. It runs the ops of the collection UPDATE_OPS with each step, and where
    the loss is a sum it also writes the summary `average_loss`.
    """

    def __init__(
        self,
        head: Head,
        loss_reduction: str = _Reduction.SUM,
        prediction_keys: Collection[str] | None = None,
    ) -> None:
        """Initializes the head.

        Args:
          head: knows the examples' losses; its own loss_reduction is not used.
          loss_reduction: one of tf.compat.v1.losses.Reduction, but not NONE.
          prediction_keys: of the head's predictions to give; None for all.

        Raises:
          ValueError: `loss_reduction` is another.
        """
        if loss_reduction not in _REDUCTIONS:
            raise ValueError(
                f"Invalid loss_reduction: {loss_reduction}. Use one of {_REDUCTIONS}."
            )
        self._head = head
        self._loss_reduction = loss_reduction
        self._prediction_keys = prediction_keys

    @property
    def name(self) -> str | None:
        """Returns the ending of names of metrics and summaries: `accuracy/NAME`."""
        return self._head.name

    @property
    def logits_dimension(self) -> int | tf.Tensor:
        """Returns the logits' last dimension."""
        return self._head.logits_dimension

    def create_loss(
        self, features: Features, mode: str, logits: tf.Tensor, labels: tf.Tensor
    ) -> LossSpec:
        """Returns the loss and what it is made from; see create_estimator_spec."""
        return self._reduced(self._head.batch(features, logits, labels))

    def create_estimator_spec(
        self,
        features: Features,
        mode: str,
        logits: tf.Tensor,
        labels: tf.Tensor | None = None,
        optimizer: tf.compat.v1.train.Optimizer | None = None,
        train_op_fn: TrainOpFn | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> EstimatorSpec:
        """Returns the EstimatorSpec for a model_fn to return.

        Args:
          features: dict name -> Tensor; read for the weights and by loss_fn only.
          mode: one of ModeKeys.
          logits: float [batch, ..., logits_dimension].
          labels: as the head's class says; None for PREDICT.
          optimizer: minimizes the loss.
          train_op_fn: loss -> train_op, in the optimizer's place.
          regularization_losses: list of scalar Tensors to add to the loss.

        Raises:
          ValueError: labels or logits do not fit the head, or for TRAIN not exactly
            one of `optimizer` and `train_op_fn` is given.
        """
        if mode == ModeKeys.PREDICT:
            return self._predict_spec(features, logits)
        batch = self._head.batch(features, logits, labels, regularization_losses)
        # The scope of variables that an optimizer makes, as of head/beta1_power.
        with tf1.name_scope(self.name or "head"):
            reduced = self._reduced(batch)
            loss = reduced.training_loss
            if batch.penalty is not None:
                loss += batch.penalty
            if mode != ModeKeys.EVAL:
                updates = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
                train_op = make_train_op(loss, optimizer, None, train_op_fn, updates)
                write_summaries(loss, regularization_losses, self.name)
                self._write_average(reduced)
        predictions = self._given(batch.predictions)
        if mode != ModeKeys.EVAL:
            return EstimatorSpec(mode, predictions, loss, train_op)
        found = self._metric_ops(batch, regularization_losses)
        return EstimatorSpec(mode, predictions, loss, eval_metric_ops=found)

    def _predict_spec(self, features: Features, logits: tf.Tensor) -> EstimatorSpec:
        spec = self._head.create_estimator_spec(features, ModeKeys.PREDICT, logits)
        predictions = self._given(spec.predictions)
        outputs = {**spec.export_outputs, "predict": PredictOutput(predictions)}
        return EstimatorSpec(spec.mode, predictions, export_outputs=outputs)

    def _given(self, predictions: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        if self._prediction_keys is None:
            return predictions
        return {key: predictions[key] for key in self._prediction_keys}

    def _reduced(self, batch: metrics.Batch) -> LossSpec:
        weights = 1.0 if batch.weights is None else batch.weights
        loss = tf1.losses.compute_weighted_loss(
            batch.losses, weights, reduction=self._loss_reduction
        )
        return LossSpec(loss, batch.losses, weights, batch.labels)

    def _metric_ops(
        self, batch: metrics.Batch, regularization_losses: list[tf.Tensor] | None
    ) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
        found = self._head.metrics(regularization_losses)
        return {name: metric.v1(batch) for name, metric in found.items()}

    def _write_average(self, reduced: LossSpec) -> None:
        if self._loss_reduction != _Reduction.SUM:
            return
        ones = tf.ones_like(reduced.unreduced_loss)
        # Programs log it by the name that it has here, head/truediv.
        average = reduced.training_loss / tf.reduce_sum(ones * reduced.weights)
        write_scalar("average_loss", average, self.name)


def spec_of(
    head: AnyHead,
    features: Mapping[str, Any],
    labels: Any,
    mode: str,
    logits: tf.Tensor,
    **trainer: Any,
) -> EstimatorSpec:
    """Returns the spec that `head` makes.

    Args:
      trainer: `optimizer` or `train_op_fn`.
    """
    if isinstance(head, Head):
        # It runs the updates of moving averages that it is given; others look for them.
        trainer["update_ops"] = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
    return head.create_estimator_spec(
        features=features, mode=mode, labels=labels, logits=logits, **trainer
    )


def binary_or_multi_class_head(
    n_classes: int,
    weight_column: str | checks.NumericColumn | None,
    label_vocabulary: list[str] | None,
    loss_reduction: str,
) -> V1Head:
    """Returns the head of a canned classifier: of one logit where n_classes is 2.

    Raises:
      ValueError: an argument is out of range.
      TypeError: of two classes, label_vocabulary is no list or tuple.
    """
    if n_classes == 2:
        if not isinstance(label_vocabulary, (list, tuple, type(None))):
            raise TypeError(
                "label_vocabulary should be a list or tuple. "
                f"Given type: {type(label_vocabulary)}"
            )
        head: Head = BinaryClassHead(weight_column, label_vocabulary=label_vocabulary)
    else:
        head = MultiClassHead(n_classes, weight_column, label_vocabulary)
    return V1Head(head, loss_reduction)


def regression_head(
    label_dimension: int,
    weight_column: str | checks.NumericColumn | None,
    loss_reduction: str,
) -> V1Head:
    """Returns the head of a canned regressor.

    Raises:
      ValueError: an argument is out of range.
    """
    return V1Head(RegressionHead(label_dimension, weight_column), loss_reduction)
