"""Heads: from logits and labels to the EstimatorSpec of a usual kind of model."""

import abc
import collections
from collections.abc import Callable

import tensorflow as tf

from estimator_mnist.estimator.export.receivers import (
    ClassificationOutput,
    PredictOutput,
    RegressionOutput,
)
from estimator_mnist.estimator.head import checks
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY, EstimatorSpec
from estimator_mnist.estimator.session.arguments import argument_names

tf1 = tf.compat.v1

_MEAN = "sum_over_batch_size"
_REDUCTIONS = (_MEAN, "sum", "auto")

# What loss and metrics are made of: labels and losses [batch, ..., width], weights
# None or broadcasting to them, predictions as Head.predictions gives them.
_Batch = collections.namedtuple("_Batch", "labels losses weights predictions penalty")


class Head(abc.ABC):
    """Makes loss, predictions, metrics and train_op from logits.

    head = MultiClassHead(n_classes=10)
    return head.create_estimator_spec(
        features, mode, logits, labels,
        optimizer=tf.compat.v1.train.AdamOptimizer(1e-4))

    Below, [batch, ...] stands for any number of leading dimensions, at least one.
    """

    @property
    def name(self) -> str | None:
        """Ending of the names of metrics and summaries, as in `accuracy/NAME`."""
        return self._name

    @property
    def logits_dimension(self) -> int:
        """The logits' last dimension."""
        return self._logits_dimension

    @property
    def loss_reduction(self) -> str:
        """How examples' losses become one: `sum_over_batch_size` (mean) or `sum`."""
        return self._loss_reduction

    @abc.abstractmethod
    def predictions(self, logits: tf.Tensor, keys: list[str] | None = None) -> dict:
        """dict key -> Tensor [batch, ..., n]; only those of `keys` where given."""

    def loss(
        self,
        labels: tf.Tensor,
        logits: tf.Tensor,
        features: dict | None = None,
        mode: str | None = None,
        regularization_losses: list | None = None,
    ) -> tf.Tensor:
        """The training loss, float32 []: weighted, reduced, plus regularization."""
        batch = self._batch(features, logits, labels, regularization_losses)
        losses = batch.losses if batch.weights is None else batch.losses * batch.weights
        reduce = tf.reduce_sum if self.loss_reduction == "sum" else tf.reduce_mean
        loss = reduce(losses)
        return loss if batch.penalty is None else loss + batch.penalty

    def metrics(self, regularization_losses: list | None = None) -> dict:
        """dict name -> metric, to hand to update_metrics, the unwanted ones removed."""
        metrics = {
            "average_loss": lambda b: tf1.metrics.mean(b.losses, b.weights),
            **self._metrics(),
        }
        if regularization_losses:
            metrics["regularization_loss"] = lambda b: tf1.metrics.mean(b.penalty)
        return {_named(key, self.name): metric for key, metric in metrics.items()}

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
        batch = self._batch(features, logits, labels, regularization_losses)
        for name, metric in eval_metrics.items():
            eval_metrics[name] = metric(batch)
        return eval_metrics

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
            exports = self._export_outputs(predictions)
            exports["predict"] = PredictOutput(predictions)
            return EstimatorSpec(mode, predictions, export_outputs=exports)
        more = {"regularization_losses": regularization_losses}
        loss = self.loss(labels, logits, features, mode, **more)
        if mode == ModeKeys.EVAL:
            metrics = self.update_metrics(
                self.metrics(**more), features, logits, labels, **more
            )
            return EstimatorSpec(mode, predictions, loss, eval_metric_ops=metrics)
        train_op = _train_op(
            loss, optimizer, trainable_variables, train_op_fn, update_ops
        )
        tf1.summary.scalar(_named("loss", self.name), loss)
        if regularization_losses:
            penalty = tf.add_n(regularization_losses)
            tf1.summary.scalar(_named("regularization_loss", self.name), penalty)
        return EstimatorSpec(mode, predictions, loss, train_op)

    def _configure(self, dimension, weight_column, loss_reduction, loss_fn, name):
        if loss_reduction not in _REDUCTIONS:
            raise ValueError(
                f"Invalid loss_reduction: {loss_reduction}. Use one of {_REDUCTIONS}."
            )
        self._logits_dimension = dimension
        self._weight_column = weight_column
        self._loss_reduction = loss_reduction
        self._loss_fn = loss_fn and checks.checked_loss_fn(loss_fn)
        self._name = name

    def _batch(self, features, logits, labels, regularization_losses):
        logits = checks.checked_logits(logits, self.logits_dimension)
        labels = self._processed_labels(labels, logits)
        return _Batch(
            labels,
            self._example_losses(labels, logits, features),
            checks.checked_weights(self._weight_column, features, logits),
            self.predictions(logits),
            tf.add_n(regularization_losses) if regularization_losses else None,
        )

    def _example_losses(self, labels, logits, features):
        if not self._loss_fn:
            return self._default_losses(labels, logits)
        arguments = {"labels": labels, "logits": logits}
        if "features" in argument_names(self._loss_fn):
            arguments["features"] = features
        losses = self._loss_fn(**arguments)
        expected = logits.shape[:-1].concatenate([None])
        if not losses.shape.is_compatible_with(expected):
            raise ValueError(
                f"loss_fn must return losses of shape {expected}, unreduced, "
                f"but returned {losses.shape}."
            )
        return losses

    def _export_outputs(self, predictions):
        return {DEFAULT_SERVING_KEY: PredictOutput(predictions)}


class MultiClassHead(Head):
    """One of three or more classes; softmax cross entropy.

    labels: integer [batch, ...] or [batch, ..., 1], from 0 to n_classes - 1; with a
    vocabulary, strings of it.
    """

    def __init__(
        self,
        n_classes: int,
        weight_column=None,
        label_vocabulary: list[str] | None = None,
        loss_reduction: str = _MEAN,
        loss_fn: Callable | None = None,
        name: str | None = None,
    ):
        """Checks its arguments.

        Args:
          n_classes: number of classes, 3 or more.
          weight_column: name (or numeric_column) of the feature, [batch, ...] or
            [batch, ..., 1], that weighs examples in loss and metrics.
          label_vocabulary: the labels' strings, in the order of their classes.
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
            raise ValueError(
                f"n_classes must be > 2: {n_classes}. See BinaryClassHead."
            )
        self._vocabulary = checks.checked_vocabulary(label_vocabulary, n_classes)
        self._configure(n_classes, weight_column, loss_reduction, loss_fn, name)

    def predictions(self, logits, keys=None):
        logits = checks.checked_logits(logits, self.logits_dimension)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            probabilities = tf.nn.softmax(logits, name="probabilities")
            found = {"logits": logits, **_classes(probabilities, self._vocabulary)}
        return _selected(found, keys)

    def _processed_labels(self, labels, logits):
        labels = checks.checked_labels(labels, logits, 1)
        if not self._vocabulary and not labels.dtype.is_integer:
            raise ValueError(
                f"Labels dtype should be integer. Instead got {labels.dtype}."
            )
        return checks.class_ids(labels, self._vocabulary, self.logits_dimension)

    def _default_losses(self, labels, logits):
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.squeeze(labels, -1), logits=logits
        )
        return losses[..., None]

    def _metrics(self):
        return {"accuracy": _accuracy}

    def _export_outputs(self, predictions):
        return _classification_outputs(predictions)


class BinaryClassHead(Head):
    """One of two classes by one logit; sigmoid cross entropy.

    labels: numbers 0 or 1, [batch, ...] or [batch, ..., 1]; with a vocabulary, its two
    strings.
    """

    def __init__(
        self,
        weight_column=None,
        thresholds: list[float] | None = None,
        label_vocabulary: list[str] | None = None,
        loss_reduction: str = _MEAN,
        loss_fn: Callable | None = None,
        name: str | None = None,
    ):
        """Checks its arguments, most of them MultiClassHead's.

        Args:
          thresholds: probabilities in (0, 1) above which an example counts as class
            1, in additional accuracy, precision and recall.

        Raises:
          ValueError: an argument is out of range.
        """
        self._thresholds = tuple(thresholds or ())
        if not all(0 < threshold < 1 for threshold in self._thresholds):
            raise ValueError(f"thresholds not in (0, 1): {self._thresholds}.")
        self._vocabulary = checks.checked_vocabulary(label_vocabulary, 2)
        self._configure(1, weight_column, loss_reduction, loss_fn, name)

    def predictions(self, logits, keys=None):
        logits = checks.checked_logits(logits, 1)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            two = tf.concat([tf.zeros_like(logits), logits], -1)
            found = {
                "logits": logits,
                "logistic": tf.sigmoid(logits, name="logistic"),
                **_classes(tf.nn.softmax(two, name="probabilities"), self._vocabulary),
            }
        return _selected(found, keys)

    def _processed_labels(self, labels, logits):
        labels = checks.checked_labels(labels, logits, 1)
        if not self._vocabulary and labels.dtype == tf.string:
            raise ValueError(
                "Labels dtype should be numeric without a label_vocabulary. "
                f"Instead got {labels.dtype}."
            )
        return tf.cast(checks.class_ids(labels, self._vocabulary, 2), tf.float32)

    def _default_losses(self, labels, logits):
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)

    def _metrics(self):
        metrics = {
            "accuracy": _accuracy,
            "precision": _predicted(tf1.metrics.precision, "class_ids"),
            "recall": _predicted(tf1.metrics.recall, "class_ids"),
            "prediction/mean": _prediction_mean("logistic"),
            "label/mean": _label_mean,
            "accuracy_baseline": _accuracy_baseline,
            "auc": _auc,
            "auc_precision_recall": _auc_precision_recall,
        }
        for threshold in self._thresholds:
            for name in ("accuracy", "precision", "recall"):
                metrics[f"{name}/positive_threshold_{threshold}"] = _predicted(
                    getattr(tf1.metrics, name), "logistic", threshold
                )
        return metrics

    def _export_outputs(self, predictions):
        outputs = _classification_outputs(predictions)
        outputs["regression"] = RegressionOutput(predictions["logistic"])
        return outputs


class RegressionHead(Head):
    """One or more real numbers; squared error.

    labels: numbers [batch, ..., label_dimension], or [batch, ...] where that is 1.
    """

    def __init__(
        self,
        label_dimension: int = 1,
        weight_column=None,
        loss_reduction: str = _MEAN,
        loss_fn: Callable | None = None,
        inverse_link_fn: Callable[[tf.Tensor], tf.Tensor] | None = None,
        name: str | None = None,
    ):
        """Checks its arguments, most of them MultiClassHead's.

        Args:
          label_dimension: how many numbers an example has.
          inverse_link_fn: logits -> predictions; None where they are the same. The
            loss is always that of the logits.

        Raises:
          ValueError: an argument is out of range.
        """
        if label_dimension < 1:
            raise ValueError(f"Invalid label_dimension {label_dimension}.")
        self._inverse_link_fn = inverse_link_fn
        self._configure(label_dimension, weight_column, loss_reduction, loss_fn, name)

    def predictions(self, logits, keys=None):
        logits = checks.checked_logits(logits, self.logits_dimension)
        if not self._inverse_link_fn:
            return _selected({"predictions": logits}, keys)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            found = {"predictions": self._inverse_link_fn(logits), "logits": logits}
        return _selected(found, keys)

    def _processed_labels(self, labels, logits):
        labels = checks.checked_labels(labels, logits, self.logits_dimension)
        return tf.cast(labels, tf.float32)

    def _default_losses(self, labels, logits):
        return tf.math.squared_difference(labels, logits)

    def _metrics(self):
        return {
            "prediction/mean": _prediction_mean("predictions"),
            "label/mean": _label_mean,
        }

    def _export_outputs(self, predictions):
        output = RegressionOutput(predictions["predictions"])
        return {DEFAULT_SERVING_KEY: output, "regression": output}


def _named(key, name):
    return f"{key}/{name}" if name else key


def _selected(predictions, keys):
    unknown = [key for key in keys or [] if key not in predictions]
    if unknown:
        raise ValueError(
            f"Prediction key must be in PredictionKeys, given: {unknown[0]}. "
            f"Valid prediction keys include {list(predictions)}."
        )
    return {key: predictions[key] for key in keys or predictions}


def _classes(probabilities, vocabulary):
    class_ids = tf.argmax(probabilities, -1)[..., None]
    n_classes = probabilities.shape[-1]
    all_ids = tf.broadcast_to(tf.range(n_classes), tf.shape(probabilities))
    names = tf.constant(vocabulary or [str(i) for i in range(n_classes)])
    return {
        "probabilities": probabilities,
        "class_ids": class_ids,
        "classes": tf.gather(names, class_ids, name="str_classes"),
        "all_class_ids": all_ids,
        "all_classes": tf.gather(names, all_ids),
    }


def _classification_outputs(predictions):
    output = ClassificationOutput(
        predictions["probabilities"], predictions["all_classes"]
    )
    return {DEFAULT_SERVING_KEY: output, "classification": output}


def _train_op(loss, optimizer, trainable_variables, train_op_fn, update_ops):
    if train_op_fn is not None and optimizer is not None:
        raise ValueError("train_op_fn and optimizer cannot both be set.")
    if train_op_fn is None and optimizer is None:
        raise ValueError("train_op_fn and optimizer cannot both be None.")
    if train_op_fn is not None:
        train_op = train_op_fn(loss)
    elif isinstance(optimizer, tf1.train.Optimizer):
        step = tf1.train.get_global_step()
        train_op = optimizer.minimize(loss, step, trainable_variables)
    else:
        train_op = _keras_train_op(loss, optimizer, trainable_variables)
    if train_op is None or not update_ops:
        return train_op
    return tf.group(train_op, *update_ops)


def _keras_train_op(loss, optimizer, trainable_variables):
    if not hasattr(optimizer, "get_updates"):
        raise ValueError(
            "optimizer must be of tf.compat.v1.train, e.g. AdamOptimizer(1e-4), since "
            f"an Estimator trains in a graph. Given: {type(optimizer)}"
        )
    if not isinstance(trainable_variables, (list, tuple)):
        raise ValueError(
            "trainable_variables should be a list or a tuple for a Keras optimizer, "
            f"as tf.compat.v1.trainable_variables(). Given: {trainable_variables}"
        )
    return tf.group(*optimizer.get_updates(loss, trainable_variables))


def _accuracy(batch):
    ids = tf.cast(batch.predictions["class_ids"], batch.labels.dtype)
    return tf1.metrics.accuracy(batch.labels, ids, batch.weights)


def _label_mean(batch):
    return tf1.metrics.mean(batch.labels, batch.weights)


def _prediction_mean(key):
    return lambda b: tf1.metrics.mean(b.predictions[key], b.weights)


def _predicted(metric, key, threshold=0):
    """A metric of labels and of whether the prediction is above `threshold`."""

    def metric_of(batch):
        above = tf.cast(batch.predictions[key] > threshold, batch.labels.dtype)
        return metric(batch.labels, above, batch.weights)

    return metric_of


def _accuracy_baseline(batch):
    """Accuracy of always guessing the more frequent class."""
    return tuple(tf.maximum(mean, 1 - mean) for mean in _label_mean(batch))


def _auc_precision_recall(batch):
    return tf1.metrics.auc(
        batch.labels,
        batch.predictions["logistic"],
        batch.weights,
        curve="PR",
        summation_method="careful_interpolation",
    )


def _auc(batch):
    """Area under the ROC curve; tf1.metrics.auc is 1e-6 off for a few examples."""
    inner = [i / 199 for i in range(1, 199)]
    counts = [
        count(
            batch.labels,
            batch.predictions["logistic"],
            [-1e-7, *inner, 1 + 1e-7],
            batch.weights,
        )
        for count in (
            tf1.metrics.true_positives_at_thresholds,
            tf1.metrics.false_negatives_at_thresholds,
            tf1.metrics.false_positives_at_thresholds,
            tf1.metrics.true_negatives_at_thresholds,
        )
    ]
    return tuple(_roc_area(*counted) for counted in zip(*counts, strict=True))


def _roc_area(tp, fn, fp, tn):
    hits = tf.math.divide_no_nan(tp, tp + fn)
    false_alarms = tf.math.divide_no_nan(fp, fp + tn)
    heights = (hits[:-1] + hits[1:]) / 2
    return tf.reduce_sum((false_alarms[:-1] - false_alarms[1:]) * heights)
