"""What a model gives when it is served: its outputs, one signature each."""

import tensorflow as tf

from estimator_mnist.estimator.session.arguments import as_dict

tf1 = tf.compat.v1

_KEY_SEPARATOR = "/"

# TensorFlow gives these two names no public constant.
EVAL_METHOD_NAME = "tensorflow/supervised/eval"
TRAIN_METHOD_NAME = "tensorflow/supervised/training"


class ExportOutput:
    """One signature of an exported model; base of the classes below."""

    def as_signature_def(self, receiver_tensors: dict):
        """SignatureDef from `receiver_tensors` (dict name -> Tensor) to the outputs.

        Raises:
          ValueError: outputs of this kind cannot be computed from such inputs.
        """
        raise NotImplementedError(f"{type(self).__name__} has no as_signature_def.")


class PredictOutput(ExportOutput):
    """Any named Tensors; takes any inputs."""

    def __init__(self, outputs):
        """Args: outputs: Tensor, which is called `output`, or dict name -> Tensor.

        Raises:
          ValueError: a name is no string or a value no Tensor.
        """
        self.outputs = _named_tensors(outputs, "output", "Prediction")

    def as_signature_def(self, receiver_tensors):
        return tf1.saved_model.predict_signature_def(receiver_tensors, self.outputs)


class ClassificationOutput(ExportOutput):
    """Scores and names of classes; takes one string Tensor of tf.Examples."""

    def __init__(self, scores: tf.Tensor | None = None, classes=None):
        """Checks the types; one of the two may be left out.

        Args:
          scores: floating Tensor, [batch, classes].
          classes: string Tensor, [batch, classes] or [classes].

        Raises:
          ValueError: both are missing, or one has the wrong type.
        """
        if scores is not None and not _is_tensor(scores, lambda d: d.is_floating):
            raise ValueError(
                f"Classification scores must be a float32 Tensor; got {scores}"
            )
        if classes is not None and not _is_tensor(classes, lambda d: d == tf.string):
            raise ValueError(
                f"Classification classes must be a string Tensor; got {classes}"
            )
        if scores is None and classes is None:
            raise ValueError(
                "Cannot create a ClassificationOutput with empty arguments. At least "
                "one of `scores` and `classes` must be defined."
            )
        self.scores = scores
        self.classes = classes

    def as_signature_def(self, receiver_tensors):
        examples = _only_string_input(receiver_tensors, "Classification")
        return tf1.saved_model.classification_signature_def(
            examples, self.classes, self.scores
        )


class RegressionOutput(ExportOutput):
    """One floating Tensor; takes one string Tensor of tf.Examples."""

    def __init__(self, value: tf.Tensor):
        """Args: value: floating Tensor, first dimension the batch.

        Raises:
          ValueError: it is none.
        """
        if not _is_tensor(value, lambda d: d.is_floating):
            raise ValueError(
                f"Regression output value must be a float32 Tensor; got {value}"
            )
        self.value = value

    def as_signature_def(self, receiver_tensors):
        examples = _only_string_input(receiver_tensors, "Regression")
        return tf1.saved_model.regression_signature_def(examples, self.value)


class EvalOutput(ExportOutput):
    """Loss, predictions and metrics under prefixed names, as evaluation tools read."""

    def __init__(self, loss=None, predictions=None, metrics=None):
        """Each argument is None, a single value or a dict of them.

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

    def as_signature_def(self, receiver_tensors):
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


def _is_tensor(value, accepts):
    return isinstance(value, tf.Tensor) and accepts(value.dtype)


def _only_string_input(receiver_tensors, kind):
    """Serving parses the requests of these two kinds itself, into tf.Examples."""
    tensors = list(receiver_tensors.values())
    if len(tensors) == 1 and tensors[0].dtype == tf.string:
        return tensors[0]
    raise ValueError(
        f"{kind} signatures can only accept a single tensor input of type tf.string: "
        "use build_parsing_serving_input_receiver_fn, or a serving_input_receiver_fn "
        f"with one string placeholder. Received: {receiver_tensors}"
    )


def _output_name(key, what):
    key = _KEY_SEPARATOR.join(key) if isinstance(key, tuple) else key
    if not isinstance(key, str):
        raise ValueError(f"{what} output key must be a string; got {key!r}.")
    return key


def _named_tensors(outputs, single_name, what):
    named = {}
    for key, value in as_dict(outputs, single_name).items():
        name = _output_name(key, what)
        if not isinstance(value, tf.Tensor):
            raise ValueError(
                f"{what} output value must be a Tensor; got {value} for {name!r}."
            )
        named[name] = value
    return named


def _prefixed(outputs, prefix):
    """Names start with `prefix`, and are not prefixed twice."""
    return {
        key if key.startswith(prefix) else _KEY_SEPARATOR.join([prefix, key]): value
        for key, value in _named_tensors(outputs, prefix, prefix).items()
    }


def _metric_tensors(metrics):
    tensors = {}
    for key, metric in as_dict(metrics, "metrics").items():
        value, update = _value_and_update(metric)
        key = _output_name(key, "metrics")
        pair = {(key, "value"): value, (key, "update_op"): update}
        tensors |= _prefixed(pair, "metrics")
    return tensors


def _value_and_update(metric):
    if not isinstance(metric, tuple):
        return metric.result(), metric.updates[0]
    value, update = metric
    if isinstance(update, tf.Operation):
        # A signature names tensors only.
        with tf.control_dependencies([update]):
            update = tf.constant([], name="metric_op_wrapper")
    return value, update
