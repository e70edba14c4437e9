"""MultiLabelHead: any number of classes at once."""

from collections.abc import Sequence

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.export.export_output import (
    ClassificationOutput,
    ExportOutput,
)
from estimator_mnist.estimator.head import checks, metrics
from estimator_mnist.estimator.head.base_head import MEAN, Head, LossFn, selected
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY

tf1 = tf.compat.v1


class MultiLabelHead(Head):
    """Says of each class whether an example has it; sigmoid cross entropy.

    An example's loss is the mean over its classes.

    labels: numbers 0 or 1, [batch, ..., n_classes]; or a SparseTensor [batch, ..., n]
    of class numbers or, with a vocabulary, of its strings.
    """

    def __init__(
        self,
        n_classes: int,
        weight_column: str | checks.NumericColumn | None = None,
        thresholds: Sequence[float] | None = None,
        label_vocabulary: list[str] | None = None,
        loss_reduction: str = MEAN,
        loss_fn: LossFn | None = None,
        classes_for_class_based_metrics: Sequence[int | str] | None = None,
        name: str | None = None,
    ) -> None:
        """Initializes the head; see Head.__init__ for arguments not listed.

        Args:
          n_classes: number of classes, 2 or more.
          thresholds: probabilities in (0, 1) above which an example counts as one of
            the class, in additional accuracy, precision and recall.
          label_vocabulary: the classes' strings, in their order.
          loss_fn: as in Head, but returns [batch, ..., 1]; labels are 0 or 1, of the
            dtype that they were given in, or int64, [batch, ..., n_classes].
          classes_for_class_based_metrics: numbers of classes, or their strings, that
            have metrics of their own: `auc/NAME`, `probability_mean/NAME` and others.

        Raises:
          ValueError: an argument is out of range.
        """
        if n_classes is None or n_classes < 2:
            raise ValueError(
                "n_classes must be > 1 for multi-label classification. "
                f"Given: {n_classes}"
            )
        self._thresholds = _checked_thresholds(thresholds)
        self._vocabulary = _checked_vocabulary(label_vocabulary, n_classes)
        self._own_metrics = _checked_classes(
            classes_for_class_based_metrics, self._vocabulary, n_classes
        )
        super().__init__(n_classes, weight_column, loss_reduction, loss_fn, name)

    def predictions(
        self, logits: tf.Tensor, keys: list[str] | None = None
    ) -> dict[str, tf.Tensor]:
        """Returns `logits`, `probabilities` and `classes`, the names of all classes."""
        logits = checks.checked_logits(logits, self.logits_dimension)
        with tf1.name_scope(f"{self.name or 'head'}/predictions"):
            probabilities = tf.sigmoid(logits, name="probabilities")
            names = tf.constant(self._vocabulary or self._numbers())
            classes = tf.broadcast_to(names, tf.shape(probabilities), name="classes")
        found = {"logits": logits, "probabilities": probabilities, "classes": classes}
        return selected(found, keys)

    def _numbers(self) -> list[str]:
        return [str(number) for number in range(self.logits_dimension)]

    def _processed_labels(
        self, labels: tf.Tensor | tf.SparseTensor | None, logits: tf.Tensor
    ) -> tf.Tensor:
        checks.check_given(labels)
        if isinstance(labels, tf1.SparseTensorValue):
            labels = tf.SparseTensor(*labels)
        if isinstance(labels, tf.SparseTensor):
            labels = _indicators(labels, self._vocabulary, self.logits_dimension)
        else:
            labels = _checked_indicators(tf.convert_to_tensor(labels))
        return checks.checked_labels(labels, logits, self.logits_dimension)

    def _default_losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        losses = tf.nn.sigmoid_cross_entropy_with_logits(
            labels=tf.cast(labels, tf.float32), logits=logits
        )
        return tf.reduce_mean(losses, -1, keepdims=True)

    def _losses_like(self, labels: tf.Tensor) -> tf.Tensor:
        return labels[..., :1]

    def _metrics(self) -> dict[str, metrics.Metric]:
        key = "probabilities"
        found = {
            "auc": metrics.auc(key),
            "auc_precision_recall": metrics.auc_precision_recall(key),
        }
        for threshold in self._thresholds:
            for kind in ("accuracy", "precision", "recall"):
                found[f"{kind}/positive_threshold_{threshold}"] = (
                    metrics.above_threshold(kind, key, threshold)
                )
        for index in self._own_metrics:
            name = self._vocabulary[index] if self._vocabulary else f"class{index}"
            found[f"probability_mean/{name}"] = metrics.probability_mean(key, index)
            found[f"auc/{name}"] = metrics.auc(key, index)
            found[f"auc_precision_recall/{name}"] = metrics.auc_precision_recall(
                key, index
            )
        return found

    def _export_outputs(
        self, predictions: dict[str, tf.Tensor]
    ) -> dict[str, ExportOutput]:
        output = ClassificationOutput(
            predictions["probabilities"], predictions["classes"]
        )
        return {DEFAULT_SERVING_KEY: output, "classification": output}


def _checked_thresholds(thresholds: Sequence[float] | None) -> tuple[float, ...]:
    for threshold in thresholds or ():
        if not 0 < threshold < 1:
            raise ValueError(f"thresholds must be in (0, 1) range. Given: {threshold}")
    return tuple(thresholds or ())


def _checked_vocabulary(
    vocabulary: Sequence[str] | None, n_classes: int
) -> list[str] | None:
    if vocabulary is None:
        return None
    if not isinstance(vocabulary, (list, tuple)):
        raise ValueError(
            f"label_vocabulary must be a list or tuple. Given type: {type(vocabulary)}"
        )
    if len(vocabulary) != n_classes:
        raise ValueError(
            f"Length of label_vocabulary must be n_classes ({n_classes}). "
            f"Given: {len(vocabulary)}"
        )
    return list(vocabulary)


def _checked_classes(
    classes: Sequence[int | str] | None, vocabulary: list[str] | None, n_classes: int
) -> tuple[int, ...]:
    """Returns the numbers of the classes that have metrics of their own."""
    numbers = []
    for name in () if classes is None else classes:
        if isinstance(name, str):
            numbers.append(_number(name, vocabulary))
        elif 0 <= name < n_classes:
            numbers.append(int(name))
        else:
            raise ValueError(
                "All classes_for_class_based_metrics must be in range "
                f"[0, {n_classes - 1}]. Given: {name}"
            )
    return tuple(numbers)


def _number(name: str, vocabulary: list[str] | None) -> int:
    if not vocabulary:
        raise ValueError(
            "label_vocabulary must be provided when classes_for_class_based_metrics "
            f"are strings. Given: {name!r}"
        )
    if name not in vocabulary:
        raise ValueError(
            f"{name!r} is not in list: classes_for_class_based_metrics must be of "
            f"label_vocabulary, {errors.sample(vocabulary)}"
        )
    return vocabulary.index(name)


def _indicators(
    labels: tf.SparseTensor, vocabulary: list[str] | None, n_classes: int
) -> tf.Tensor:
    """Returns 0 or 1 for each class, int64 [batch, ..., n_classes].

    Args:
      labels: class numbers or strings, [batch, ..., n].
    """
    values = labels.values
    if values.dtype == tf.string:
        if not vocabulary:
            raise ValueError(
                "label_vocabulary must be provided when labels are strings."
            )
        values = checks.looked_up(values, vocabulary)
    if not values.dtype.is_integer:
        raise ValueError(f"Labels dtype should be integer. Instead got {values.dtype}.")
    message = f"labels must be an integer SparseTensor with values in [0, {n_classes})"
    ids = checks.in_range(tf.cast(values, tf.int64), n_classes - 1, message, message)
    sparse = tf.SparseTensor(labels.indices, ids, labels.dense_shape)
    return tf.cast(tf1.sparse_to_indicator(sparse, n_classes), tf.int64)


def _checked_indicators(labels: tf.Tensor) -> tf.Tensor:
    if labels.dtype == tf.string:
        raise TypeError(
            "labels must be an integer indicator Tensor. Instead got strings: give "
            "them as a SparseTensor, and the head a label_vocabulary."
        )
    if labels.dtype == tf.bool:
        labels = tf.cast(labels, tf.int64)
    message = "labels must be an integer indicator Tensor with values in [0, 1]"
    return checks.in_range(labels, 1, message, message)
