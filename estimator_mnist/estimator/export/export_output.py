"""What a model gives when it is served: its outputs, one signature each."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.session.arguments import as_dict

tf1 = tf.compat.v1

Tensors = dict[str, tf.Tensor]
# TensorFlow gives this protocol buffer no public name.
SignatureDef: TypeAlias = Any

_KEY_SEPARATOR = "/"

# (value, update op).
Metric = tuple[tf.Tensor, tf.Tensor | tf.Operation]

# TensorFlow gives these two names no public constant.
EVAL_METHOD_NAME = "tensorflow/supervised/eval"
TRAIN_METHOD_NAME = "tensorflow/supervised/training"


class KerasMetric(Protocol):
    """A metric of Keras 2 that has been called in a graph."""

    updates: list[tf.Operation]

    def result(self) -> tf.Tensor:
        """Returns the metric's value."""


class ExportOutput:
    """Describes one signature of an exported model; base of the classes below."""

    def as_signature_def(self, receiver_tensors: Tensors) -> SignatureDef:
        """Returns the SignatureDef from `receiver_tensors` to the outputs.

        Args:
          receiver_tensors: dict name -> Tensor that a request feeds.

        Raises:
          ValueError: outputs of this kind cannot be computed from such inputs.
        """
        raise NotImplementedError(f"{type(self).__name__} has no as_signature_def.")


class PredictOutput(ExportOutput):
    """Gives any named Tensors; takes any inputs."""

    def __init__(self, outputs: tf.Tensor | Tensors) -> None:
        """Initializes the outputs.

        Args:
          outputs: dict name -> Tensor, or one Tensor, which is called `output`.

        Raises:
          ValueError: a name is no string or a value no Tensor.
        """
        self.outputs = _named_tensors(outputs, "output", "Prediction")

    def as_signature_def(self, receiver_tensors: Tensors) -> SignatureDef:
        return tf1.saved_model.predict_signature_def(receiver_tensors, self.outputs)


class ClassificationOutput(ExportOutput):
    """Gives scores and names of classes; takes one string Tensor of tf.Examples."""

    def __init__(
        self, scores: tf.Tensor | None = None, classes: tf.Tensor | None = None
    ) -> None:
        """Initializes the output; one of the two arguments may be None.

        Args:
          scores: floating Tensor, [batch, classes].
          classes: string Tensor, [batch, classes] or [classes].

        Raises:
          ValueError: both are missing, or one has the wrong type.
        """
        if scores is not None and not _is_tensor(scores, lambda d: d.is_floating):
            raise ValueError(
                f"Classification scores must be a float32 Tensor; got "
                f"{errors.sample(scores)}"
            )
        if classes is not None and not _is_tensor(classes, lambda d: d == tf.string):
            raise ValueError(
                f"Classification classes must be a string Tensor; got "
                f"{errors.sample(classes)}"
            )
        if scores is None and classes is None:
            raise ValueError(
                "Cannot create a ClassificationOutput with empty arguments. At least "
                "one of `scores` and `classes` must be defined."
            )
        self.scores = scores
        self.classes = classes

    def as_signature_def(self, receiver_tensors: Tensors) -> SignatureDef:
        examples = _only_string_input(receiver_tensors, "Classification")
        return tf1.saved_model.classification_signature_def(
            examples, self.classes, self.scores
        )


class RegressionOutput(ExportOutput):
    """Gives one floating Tensor; takes one string Tensor of tf.Examples."""

    def __init__(self, value: tf.Tensor) -> None:
        """Initializes the output.

        Args:
          value: floating Tensor, [batch, ...].

        Raises:
          ValueError: it is no floating Tensor.
        """
        if not _is_tensor(value, lambda d: d.is_floating):
            raise ValueError(
                f"Regression output value must be a float32 Tensor; got "
                f"{errors.sample(value)}"
            )
        self.value = value

    def as_signature_def(self, receiver_tensors: Tensors) -> SignatureDef:
        examples = _only_string_input(receiver_tensors, "Regression")
        return tf1.saved_model.regression_signature_def(examples, self.value)


class EvalOutput(ExportOutput):
    """Gives loss, predictions and metrics by the prefixed names of evaluation tools."""

    def __init__(
        self,
        loss: tf.Tensor | Tensors | None = None,
        predictions: tf.Tensor | Tensors | None = None,
        metrics: Metric | KerasMetric | dict[str, Metric | KerasMetric] | None = None,
    ) -> None:
        """Initializes the outputs; each argument is None, one value or a dict of them.

        Args:
          loss: scalar Tensor; becomes `loss`.
          predictions: Tensor(s); become `predictions` or `predictions/NAME`.
          metrics: (value Tensor, update op) or Keras metric(s); become
            `metrics/NAME/value` and `metrics/NAME/update_op`.

        Raises:
          ValueError: a name is no string or a value no Tensor.
        """
        self.loss = None if loss is None else _prefixed(loss, "loss")
        self.predictions = (
            None if predictions is None else _prefixed(predictions, "predictions")
        )
        self.metrics = None if metrics is None else _metric_tensors(metrics)

    def as_signature_def(self, receiver_tensors: Tensors) -> SignatureDef:
        outputs = {
            **(self.loss or {}),
            **(self.predictions or {}),
            **(self.metrics or {}),
        }
        build = tf1.saved_model.build_tensor_info
        return tf1.saved_model.build_signature_def(
            {key: build(value) for key, value in receiver_tensors.items()},
            {key: build(value) for key, value in outputs.items()},
            EVAL_METHOD_NAME,
        )


def _is_tensor(value: object, accepts: Callable[[tf.DType], bool]) -> bool:
    return isinstance(value, tf.Tensor) and accepts(value.dtype)


def _only_string_input(receiver_tensors: Tensors, kind: str) -> tf.Tensor:
    """Returns the one input of kinds whose requests serving makes into tf.Examples."""
    tensors = list(receiver_tensors.values())
    if len(tensors) == 1 and tensors[0].dtype == tf.string:
        return tensors[0]
    raise ValueError(
        f"{kind} signatures can only accept a single tensor input of type tf.string: "
        "use build_parsing_serving_input_receiver_fn, or a serving_input_receiver_fn "
        f"with one string placeholder. Received: {errors.sample(receiver_tensors)}"
    )


def _output_name(key: str | tuple[str, ...], what: str) -> str:
    key = _KEY_SEPARATOR.join(key) if isinstance(key, tuple) else key
    if not isinstance(key, str):
        raise ValueError(
            f"{what} output key must be a string; got {errors.sample(key)}."
        )
    return key


def _named_tensors(outputs: tf.Tensor | dict, single_name: str, what: str) -> Tensors:
    named = {}
    for key, value in as_dict(outputs, single_name).items():
        name = _output_name(key, what)
        if not isinstance(value, tf.Tensor):
            raise ValueError(
                f"{what} output value must be a Tensor; got {errors.sample(value)} "
                f"for {name!r}."
            )
        named[name] = value
    return named


def _prefixed(outputs: tf.Tensor | dict, prefix: str) -> Tensors:
    """Returns the outputs by names that start with `prefix`, which is not repeated."""
    return {
        key if key.startswith(prefix) else _KEY_SEPARATOR.join([prefix, key]): value
        for key, value in _named_tensors(outputs, prefix, prefix).items()
    }


def _metric_tensors(
    metrics: Metric | KerasMetric | dict[str, Metric | KerasMetric],
) -> Tensors:
    tensors: Tensors = {}
    for key, metric in as_dict(metrics, "metrics").items():
        value, update = _value_and_update(metric)
        name = _output_name(key, "metrics")
        pair = {(name, "value"): value, (name, "update_op"): update}
        tensors |= _prefixed(pair, "metrics")
    return tensors


def _value_and_update(metric: Metric | KerasMetric) -> tuple[tf.Tensor, tf.Tensor]:
    if isinstance(metric, tuple):
        value, update = metric
    else:
        value, update = metric.result(), metric.updates[0]
    if isinstance(update, tf.Operation):
        # A signature names tensors only.
        with tf.control_dependencies([update]):
            update = tf.constant([], name="metric_op_wrapper")
    return value, update
