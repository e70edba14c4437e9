"""Head: from logits and labels to the EstimatorSpec of a usual kind of model."""

import abc
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.export.export_output import ExportOutput, PredictOutput
from estimator_mnist.estimator.head import checks
from estimator_mnist.estimator.head.metrics import (
    AVERAGE_LOSS,
    REGULARIZATION_LOSS,
    Batch,
    Metric,
)
from estimator_mnist.estimator.head.train_op import (
    LegacyKerasOptimizer,
    TrainOpFn,
    make_train_op,
    training_scope,
)
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY, EstimatorSpec
from estimator_mnist.estimator.session.arguments import argument_names

tf1 = tf.compat.v1

MEAN = "sum_over_batch_size"
_REDUCTIONS = (MEAN, "sum", "auto")

Features = dict[str, tf.Tensor]
LossFn = Callable[..., tf.Tensor]


class Head(abc.ABC):
    """Makes loss, predictions, metrics and train_op from logits.

    head = MultiClassHead(n_classes=10)
    return head.create_estimator_spec(
        features, mode, logits, labels,
        optimizer=tf.compat.v1.train.AdamOptimizer(1e-4))

    Below, [batch, ...] stands for any number of leading dimensions, at least one.

    A subclass passes what all heads take to `__init__`, and defines:
      predictions: what the model predicts, by key.
      _processed_labels: the labels, checked, as loss and metrics take them.
      _default_losses: the examples' losses where no loss_fn is given.
      _metrics: its metrics beside the average loss.
      _export_outputs: optional; what it exports beside its predictions.
    One that overrides `loss`, `metrics` and `update_metrics`, as subclasses of
    tf.estimator.Head do, needs `predictions` alone.
    """

    def __init__(
        self,
        logits_dimension: int | tf.Tensor = 1,
        weight_column: str | checks.NumericColumn | None = None,
        loss_reduction: str = MEAN,
        loss_fn: LossFn | None = None,
        name: str | None = None,
    ) -> None:
        """Initializes what all heads have.

        Args:
          logits_dimension: the logits' last dimension.
          weight_column: name (or numeric_column) of the feature, [batch, ...] or
            [batch, ..., 1], that weighs examples in loss and metrics.
          loss_reduction: `sum_over_batch_size` or `sum`.
          loss_fn: (labels, logits[, features]) -> losses [batch, ..., 1], in place of
            the head's own; labels are those of `_processed_labels`.
          name: ending of the names of metrics and summaries.

        Raises:
          ValueError: `loss_reduction` is another, or `loss_fn` has other arguments.
        """
        if loss_reduction not in _REDUCTIONS:
            raise ValueError(
                f"Invalid loss_reduction: {loss_reduction}. Use one of {_REDUCTIONS}."
            )
        if loss_fn:
            checks.check_loss_fn(loss_fn)
        self._logits_dimension = logits_dimension
        self._weight_column = weight_column
        self._loss_reduction = loss_reduction
        self._loss_fn = loss_fn
        self._name = name

    @property
    def name(self) -> str | None:
        """Returns the ending of names of metrics and summaries: `accuracy/NAME`."""
        return self._name

    @property
    def logits_dimension(self) -> int | tf.Tensor:
        """Returns the logits' last dimension."""
        return self._logits_dimension

    @property
    def loss_reduction(self) -> str:
        """Returns how losses are reduced: `sum_over_batch_size` (the mean) or `sum`."""
        return self._loss_reduction

    @property
    def _weight_dimension(self) -> int | None:
        """Returns how many weights an example may have; None for a single one."""
        return None

    @abc.abstractmethod
    def predictions(
        self, logits: tf.Tensor, keys: list[str] | None = None
    ) -> dict[str, tf.Tensor]:
        """Returns the predictions, a dict key -> Tensor [batch, ..., n].

        Args:
          logits: float [batch, ..., logits_dimension].
          keys: those to return; None for all.

        Raises:
          ValueError: a key is unknown, or the logits have another dimension.
        """

    def _processed_labels(
        self, labels: tf.Tensor | None, logits: tf.Tensor
    ) -> tf.Tensor:
        """Returns the labels, [batch, ..., width], as loss and metrics take them.

        Args:
          labels: what the user gave: a Tensor or array of any shape, or None.
          logits: float32 [batch, ..., logits_dimension].

        Raises:
          ValueError: the labels do not fit the head or the logits.
        """
        raise NotImplementedError(f"{type(self).__name__} lacks _processed_labels.")

    def _default_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns losses, float32 [batch, ..., width], where no loss_fn is given."""
        raise NotImplementedError(f"{type(self).__name__} lacks _default_losses.")

    def _metrics(self) -> dict[str, Metric]:
        """Returns the metrics of this kind of head, beside the average loss."""
        raise NotImplementedError(f"{type(self).__name__} lacks _metrics.")

    def _export_outputs(
        self, predictions: dict[str, tf.Tensor]
    ) -> dict[str, ExportOutput]:
        """Returns the outputs of an exported model, beside the output `predict`."""
        return {DEFAULT_SERVING_KEY: PredictOutput(predictions)}

    def loss(
        self,
        labels: tf.Tensor,
        logits: tf.Tensor,
        features: Features | None = None,
        mode: str | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> tf.Tensor:
        """Returns the training loss, float32 []: weighted, reduced, regularized."""
        batch = self.batch(features, logits, labels, regularization_losses)
        losses = batch.losses if batch.weights is None else batch.losses * batch.weights
        reduce = tf.reduce_sum if self.loss_reduction == "sum" else tf.reduce_mean
        loss = reduce(losses)
        return loss if batch.penalty is None else loss + batch.penalty

    def batch(
        self,
        features: Features | None,
        logits: tf.Tensor,
        labels: tf.Tensor | None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> Batch:
        """Returns what loss and metrics are computed from; see create_estimator_spec.

        Raises:
          ValueError: labels, logits or weights do not fit the head or each other.
        """
        logits = checks.checked_logits(logits, self.logits_dimension)
        labels = self._processed_labels(labels, logits)
        return Batch(
            labels,
            self._example_losses(labels, logits, features),
            checks.checked_weights(
                self._weight_column, features, logits, self._weight_dimension
            ),
            self.predictions(logits),
            tf.add_n(regularization_losses) if regularization_losses else None,
        )

    def metrics(
        self, regularization_losses: list[tf.Tensor] | None = None
    ) -> dict[str, Any]:
        """Returns metrics by name, for update_metrics; unwanted ones may be removed.

        Returns:
          dict name -> Metric where a graph is built, and eagerly Keras metrics, whose
          `result()` is that of all batches that update_metrics was called with.
        """
        found = self._named_metrics(regularization_losses)
        if not tf.executing_eagerly():
            return found
        return {name: metric.eager(name) for name, metric in found.items()}

    def _named_metrics(
        self, regularization_losses: list[tf.Tensor] | None
    ) -> dict[str, Metric]:
        found = {"average_loss": AVERAGE_LOSS, **self._metrics()}
        if regularization_losses:
            found["regularization_loss"] = REGULARIZATION_LOSS
        return {_named(key, self.name): metric for key, metric in found.items()}

    def update_metrics(
        self,
        eval_metrics: dict,
        features: Features | None,
        logits: tf.Tensor,
        labels: tf.Tensor,
        mode: str | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> dict[str, Any]:
        """Replaces each Metric, in place, by its (value, update op).

        Keras metrics are updated with the batch instead, and stay in the dict.

        Returns:
          `eval_metrics`, which is then what EstimatorSpec takes as eval_metric_ops.
        """
        batch = self.batch(features, logits, labels, regularization_losses)
        known = self._named_metrics(regularization_losses)
        for name, metric in eval_metrics.items():
            if isinstance(metric, Metric):
                eval_metrics[name] = metric(batch)
            elif name in known:
                known[name].update(metric, batch)
        return eval_metrics

    def create_estimator_spec(
        self,
        features: Features | None,
        mode: str,
        logits: tf.Tensor,
        labels: tf.Tensor | None = None,
        optimizer: tf.compat.v1.train.Optimizer | LegacyKerasOptimizer | None = None,
        trainable_variables: list[tf.Variable] | None = None,
        train_op_fn: TrainOpFn | None = None,
        update_ops: list[tf.Operation] | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> EstimatorSpec:
        """Returns the EstimatorSpec for a model_fn to return.

        Args:
          features: dict name -> Tensor; read for the weights and by loss_fn only.
          mode: one of ModeKeys.
          logits: float [batch, ..., logits_dimension].
          labels: as the head's class says; None for PREDICT.
          optimizer: tf.compat.v1.train.Optimizer that minimizes the loss, or a legacy
            Keras one whose `iterations` the model_fn has set to the global step.
          trainable_variables: list of what it changes; None for all (a Keras one
            needs the list).
          train_op_fn: loss -> train_op, in the optimizer's place.
          update_ops: ops to run with each step, as of batch normalization.
          regularization_losses: list of scalar Tensors to add to the loss.

        Raises:
          ValueError: labels or logits do not fit the head, or for TRAIN not exactly
            one of `optimizer` and `train_op_fn` is given.
        """
        predictions = self.predictions(logits)
        if mode == ModeKeys.PREDICT:
            outputs = self._export_outputs(predictions)
            outputs["predict"] = PredictOutput(predictions)
            return EstimatorSpec(mode, predictions, export_outputs=outputs)
        loss = self.loss(
            labels, logits, features, mode, regularization_losses=regularization_losses
        )
        if mode == ModeKeys.EVAL:
            metrics = self.update_metrics(
                self.metrics(regularization_losses=regularization_losses),
                features,
                logits,
                labels,
                regularization_losses=regularization_losses,
            )
            return EstimatorSpec(mode, predictions, loss, eval_metric_ops=metrics)
        with training_scope(optimizer):
            train_op = make_train_op(
                loss, optimizer, trainable_variables, train_op_fn, update_ops
            )
        write_summaries(loss, regularization_losses, self.name)
        return EstimatorSpec(ModeKeys.TRAIN, predictions, loss, train_op)

    def _example_losses(
        self, labels: tf.Tensor, logits: tf.Tensor, features: Features | None
    ) -> tf.Tensor:
        if not self._loss_fn:
            return self._default_losses(labels, logits)
        arguments: dict[str, object] = {"labels": labels, "logits": logits}
        if "features" in argument_names(self._loss_fn):
            arguments["features"] = features
        losses = self._loss_fn(**arguments)
        return checks.checked_losses(losses, self._losses_like(labels), logits)

    def _losses_like(self, labels: tf.Tensor) -> tf.Tensor:
        """Returns a Tensor of the shape that losses have: by default the labels'."""
        return labels


def write_summaries(
    loss: tf.Tensor,
    regularization_losses: list[tf.Tensor] | None,
    name: str | None,
) -> None:
    """Writes `loss`, and `regularization_loss` where there are some, as `loss/NAME`."""
    write_scalar("loss", loss, name)
    if regularization_losses:
        write_scalar("regularization_loss", tf.add_n(regularization_losses), name)


def write_scalar(key: str, value: tf.Tensor, name: str | None) -> None:
    """Writes the summary KEY, or KEY/NAME, of a float32 [].

    The tag does not begin with the scope in which a model_fn calls its head.
    """
    with tf1.name_scope(None):
        tf1.summary.scalar(_named(key, name), value)


def selected(
    predictions: dict[str, tf.Tensor], keys: Sequence[str] | None
) -> dict[str, tf.Tensor]:
    """Returns those of `predictions` that `keys` names; all where it is None or empty.

    Raises:
      ValueError: a key is unknown.
    """
    unknown = [key for key in keys or [] if key not in predictions]
    if unknown:
        raise ValueError(
            f"Prediction key must be in PredictionKeys, given: {unknown[0]}. "
            f"Valid prediction keys include {list(predictions)}."
        )
    return {key: predictions[key] for key in keys or predictions}


def _named(key: str, name: str | None) -> str:
    return f"{key}/{name}" if name else key
