"""What a model takes and gives when it is served: receivers and export outputs."""

import collections
from collections.abc import Callable

import tensorflow as tf

tf1 = tf.compat.v1

_TENSORS = (tf.Tensor, tf.SparseTensor, tf.RaggedTensor)
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


class ServingInputReceiver(
    collections.namedtuple(
        "ServingInputReceiver",
        ["features", "receiver_tensors", "receiver_tensors_alternatives"],
    )
):
    """What a serving_input_receiver_fn returns: placeholders and features from them.

    Fields: `features`, dict name -> Tensor for the model_fn; `receiver_tensors`, dict
    name -> Tensor that a request feeds; `receiver_tensors_alternatives`, None or dict
    name -> such a dict that a request may feed instead.
    """

    __slots__ = ()

    def __new__(cls, features, receiver_tensors, receiver_tensors_alternatives=None):
        """A single Tensor is wrapped: features as `feature`, receivers as `input`.

        Raises:
          ValueError: an argument is missing, of the wrong type or has a bad key.
        """
        if features is None:
            raise ValueError("features must be defined.")
        named = features if isinstance(features, dict) else {"feature": features}
        for key, value in named.items():
            if not isinstance(key, (str, int)):
                raise ValueError(f"feature keys must be strings or ints: {key}.")
            _check_tensor(value, f"feature {key}")
        return super().__new__(
            cls,
            named,
            _checked_receivers(receiver_tensors),
            _checked_alternatives(receiver_tensors_alternatives),
        )


class TensorServingInputReceiver(
    collections.namedtuple(
        "TensorServingInputReceiver",
        ["features", "receiver_tensors", "receiver_tensors_alternatives"],
    )
):
    """As ServingInputReceiver, for a model_fn whose `features` is one bare Tensor."""

    __slots__ = ()

    def __new__(cls, features, receiver_tensors, receiver_tensors_alternatives=None):
        """Raises ValueError where `features` is no Tensor, or a receiver is bad."""
        if features is None:
            raise ValueError("features must be defined.")
        _check_tensor(features, "feature")
        return super().__new__(
            cls,
            features,
            _checked_receivers(receiver_tensors),
            _checked_alternatives(receiver_tensors_alternatives),
        )


class SupervisedInputReceiver(
    collections.namedtuple(
        "SupervisedInputReceiver", ["features", "labels", "receiver_tensors"]
    )
):
    """Features and labels, each a Tensor or a dict, to export TRAIN and EVAL graphs."""

    __slots__ = ()

    def __new__(cls, features, labels, receiver_tensors):
        """Raises ValueError where an argument is missing or is no Tensor."""
        for argument, value in (("features", features), ("labels", labels)):
            if value is None:
                raise ValueError(f"{argument} must be defined.")
            for key, tensor in _as_dict(value, argument).items():
                _check_tensor(tensor, f"{argument} {key}")
        receivers = _checked_receivers(receiver_tensors)
        return super().__new__(cls, features, labels, receivers)


def build_parsing_serving_input_receiver_fn(
    feature_spec: dict, default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """A receiver that parses tf.Examples, string [batch], fed as `examples`.

    Args:
      feature_spec: dict name -> tf.io.FixedLenFeature or VarLenFeature.
      default_batch_size: the batch dimension; None leaves it open.
    """

    def serving_input_receiver_fn():
        examples = tf1.placeholder(
            tf.string, [default_batch_size], name="input_example_tensor"
        )
        features = tf.io.parse_example(examples, feature_spec)
        return ServingInputReceiver(features, {"examples": examples})

    return serving_input_receiver_fn


def build_raw_serving_input_receiver_fn(
    features: dict, default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """A receiver fed with the features themselves.

    Args:
      features: dict name -> Tensor whose dtype, shape and name the placeholders get.
      default_batch_size: replaces the first dimension; None leaves it open.
    """

    def serving_input_receiver_fn():
        placeholders = _placeholders(features, "features", default_batch_size)
        return ServingInputReceiver(placeholders, placeholders)

    return serving_input_receiver_fn


def build_raw_supervised_input_receiver_fn(
    features, labels, default_batch_size: int | None = None
) -> Callable[[], SupervisedInputReceiver]:
    """A receiver fed with features and labels, each a Tensor or a dict of them.

    A single Tensor is fed as `input` (features) or `label` (labels).

    Raises (both at once and when called):
      ValueError: features and labels share a name, or one is missing.
    """
    named_features = _as_dict(features, "input")
    named_labels = _as_dict(labels, "label")
    shared = set(named_features) & set(named_labels)
    if shared:
        raise ValueError(
            "Features and labels must have distinct keys. "
            f"Found overlapping keys: {shared}"
        )

    def supervised_input_receiver_fn():
        fed = _placeholders(named_features, "features", default_batch_size)
        fed_labels = _placeholders(named_labels, "labels", default_batch_size)
        return SupervisedInputReceiver(
            fed if isinstance(features, dict) else fed["input"],
            fed_labels if isinstance(labels, dict) else fed_labels["label"],
            {**fed, **fed_labels},
        )

    return supervised_input_receiver_fn


def _is_tensor(value, accepts):
    return isinstance(value, tf.Tensor) and accepts(value.dtype)


def _as_dict(value, single_name):
    return value if isinstance(value, dict) else {single_name: value}


def _check_tensor(value, what):
    if not isinstance(value, _TENSORS):
        raise ValueError(
            f"{what} must be a Tensor, SparseTensor, or RaggedTensor; got {value!r}."
        )


def _checked_receivers(receivers, what="receiver_tensor"):
    if receivers is None:
        raise ValueError(f"{what}s must be defined.")
    named = _as_dict(receivers, "input")
    for key, value in named.items():
        if not isinstance(key, str):
            raise ValueError(f"{what} keys must be strings: {key}.")
        _check_tensor(value, f"{what} {key}")
    return named


def _checked_alternatives(alternatives):
    if alternatives is None:
        return None
    if not isinstance(alternatives, dict):
        raise ValueError(
            f"receiver_tensors_alternatives must be a dict: {alternatives}."
        )
    return {
        name: _checked_receivers(receivers, "receiver_tensors_alternative")
        for name, receivers in alternatives.items()
    }


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
    for key, value in _as_dict(outputs, single_name).items():
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
    for key, metric in _as_dict(metrics, "metrics").items():
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


def _placeholders(tensors, argument, batch_size):
    if not isinstance(tensors, dict):
        raise ValueError(f"{argument} must be a dict name -> Tensor; got {tensors!r}.")
    return {
        key: _placeholder_like(value, f"{argument} {key}", batch_size)
        for key, value in tensors.items()
    }


def _placeholder_like(tensor, what, batch_size):
    if not isinstance(tensor, tf.Tensor):
        raise ValueError(f"{what} must be a Tensor; got {tensor!r}.")
    shape = tensor.shape
    if shape.rank is not None:
        shape = [batch_size, *shape.as_list()[1:]]
    # An eager Tensor has no name to pass on.
    name = tensor.op.name if hasattr(tensor, "graph") else None
    return tf1.placeholder(tensor.dtype, shape, name=name)
