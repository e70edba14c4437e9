"""Heads: from logits and labels to the EstimatorSpec of a usual kind of model."""

import abc
import dataclasses
from collections.abc import Callable

import tensorflow as tf

from estimator_mnist.estimator.calls import argument_names
from estimator_mnist.estimator.export import (
    ClassificationOutput,
    PredictOutput,
    RegressionOutput,
)
from estimator_mnist.estimator.spec import DEFAULT_SERVING_KEY, EstimatorSpec, ModeKeys

tf1 = tf.compat.v1

_REDUCTIONS = ("sum_over_batch_size", "sum", "auto")


class Head(abc.ABC):
    """Makes loss, predictions, metrics and train_op from logits.

    head = MultiClassHead(n_classes=10)
    return head.create_estimator_spec(
        features, mode, logits, labels,
        optimizer=tf.compat.v1.train.AdamOptimizer(1e-4))

    Below, [batch, ...] stands for any number of leading dimensions, at least one.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str | None:
        """Ending of the names of metrics and summaries: `accuracy/NAME`."""

    @property
    @abc.abstractmethod
    def logits_dimension(self) -> int:
        """The logits' last dimension."""

    @property
    @abc.abstractmethod
    def loss_reduction(self) -> str:
        """How examples' losses become one: `sum_over_batch_size` (mean) or `sum`."""

    @abc.abstractmethod
    def loss(
        self,
        labels: tf.Tensor,
        logits: tf.Tensor,
        features: dict | None = None,
        mode: str | None = None,
        regularization_losses: list | None = None,
    ) -> tf.Tensor:
        """The training loss, float32 []: weighted, reduced, plus regularization."""

    @abc.abstractmethod
    def predictions(self, logits: tf.Tensor, keys: list[str] | None = None) -> dict:
        """dict key -> Tensor; only those of `keys` where given."""

    @abc.abstractmethod
    def metrics(self, regularization_losses: list | None = None) -> dict:
        """dict name -> metric, to hand to update_metrics."""

    @abc.abstractmethod
    def update_metrics(
        self,
        eval_metrics: dict,
        features: dict,
        logits: tf.Tensor,
        labels: tf.Tensor,
        mode: str | None = None,
        regularization_losses: list | None = None,
    ) -> dict:
        """Makes what `metrics` gave into eval_metric_ops, in place; returns it."""

    def create_estimator_spec(
        self,
        features: dict,
        mode: str,
        logits: tf.Tensor,
        labels: tf.Tensor | None = None,
        optimizer: tf1.train.Optimizer | None = None,
        trainable_variables: list | None = None,
        train_op_fn: Callable[[tf.Tensor], object] | None = None,
        update_ops: list | None = None,
        regularization_losses: list | None = None,
    ) -> EstimatorSpec:
        """What a model_fn returns.

        Args:
          features: dict name -> Tensor; read for the weights only.
          mode: one of ModeKeys.
          logits: float [batch, ..., logits_dimension].
          labels: as the head's class says; None for PREDICT.
          optimizer: tf.compat.v1.train.Optimizer that minimizes the loss, or a
            legacy Keras one whose `iterations` are the global step.
          trainable_variables: what it changes; None for all (not for a Keras one).
          train_op_fn: loss -> train_op, in the optimizer's place.
          update_ops: ops to run with each step, as of batch normalization.
          regularization_losses: list of scalar Tensors to add to the loss.

        Raises:
          ValueError: labels or logits do not fit the head, or for TRAIN not exactly
            one of `optimizer` and `train_op_fn` is given.
        """
        predictions = self.predictions(logits)
        if mode == ModeKeys.PREDICT:
            return EstimatorSpec(
                mode, predictions, export_outputs=self._export_outputs(predictions)
            )
        loss = self.loss(labels, logits, features, mode, regularization_losses)
        if mode == ModeKeys.EVAL:
            metrics = self.update_metrics(
                self.metrics(regularization_losses=regularization_losses),
                features=features,
                logits=logits,
                labels=labels,
                regularization_losses=regularization_losses,
            )
            return EstimatorSpec(mode, predictions, loss, eval_metric_ops=metrics)
        train_op = _train_op(
            loss, optimizer, trainable_variables, train_op_fn, update_ops
        )
        tf1.summary.scalar(_named("loss", self.name), loss)
        if regularization_losses:
            total = tf.add_n(regularization_losses)
            tf1.summary.scalar(_named("regularization_loss", self.name), total)
        return EstimatorSpec(mode, predictions, loss, train_op)

    def _export_outputs(self, predictions):
        return {DEFAULT_SERVING_KEY: PredictOutput(predictions)}


class MultiClassHead(Head):
    """One of more than two classes; softmax cross entropy.

    labels: integer [batch, ...] or [batch, ..., 1], from 0 to n_classes - 1; with a
    vocabulary, strings of it.
    """

    name = logits_dimension = loss_reduction = None

    def __init__(
        self,
        n_classes: int,
        weight_column=None,
        label_vocabulary: list[str] | None = None,
        loss_reduction: str = "sum_over_batch_size",
        loss_fn: Callable | None = None,
        name: str | None = None,
    ):
        """Checks its arguments.

        Args:
          n_classes: number of classes, 3 or more.
          weight_column: name (or numeric_column) of the feature, [batch, ...] or
            [batch, ..., 1], that weighs examples in loss and metrics.
          label_vocabulary: the labels' strings, in order of their classes.
          loss_reduction: `sum_over_batch_size` or `sum`.
          loss_fn: (labels, logits[, features]) -> losses [batch, ..., 1], in place of
            cross entropy; labels are class numbers [batch, ..., 1].
          name: see Head.name.

        Raises:
          ValueError: an argument is out of range.
        """
        if n_classes is None:
            raise ValueError("n_classes cannot be None")
        if n_classes <= 2:
            raise ValueError(f"n_classes must be > 2: {n_classes}. See BinaryClassHead.")
        self._vocabulary = _checked_vocabulary(label_vocabulary, n_classes)
        self._loss = _WeightedLoss(weight_column, loss_reduction, loss_fn)
        self.name = name
        self.logits_dimension = n_classes
        self.loss_reduction = loss_reduction

    def loss(
        self,
        labels,
        logits,
        features=None,
        mode=None,
        regularization_losses=None,
    ):
        batch = self._batch(labels, logits, features)
        return self._loss.reduced(batch, regularization_losses)

    def predictions(self, logits, keys=None):
        logits = _checked_logits(logits, self.logits_dimension)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            probabilities = tf.nn.softmax(logits, name="probabilities")
            found = {
                "logits": logits,
                "probabilities": probabilities,
                **_classes(probabilities, self._vocabulary),
            }
        return _selected(found, keys)

    def metrics(self, regularization_losses=None):
        metrics = {"accuracy": _accuracy}
        return _metrics(metrics, self.name, regularization_losses)

    def update_metrics(
        self,
        eval_metrics,
        features,
        logits,
        labels,
        mode=None,
        regularization_losses=None,
    ):
        batch = self._batch(labels, logits, features, regularization_losses)
        return _updated(eval_metrics, batch)

    def _batch(self, labels, logits, features, regularization_losses=None):
        logits = _checked_logits(logits, self.logits_dimension)
        labels = _checked_labels(labels, logits, 1)
        if not self._vocabulary and not labels.dtype.is_integer:
            raise ValueError(
                f"Labels dtype should be integer. Instead got {labels.dtype}."
            )
        labels = _class_ids(labels, self._vocabulary, self.logits_dimension, tf.int64)
        return self._loss.batch(
            labels, logits, features, _softmax_losses, self.predictions(logits)
        )
