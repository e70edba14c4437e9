"""What a model takes when it is served: receivers of requests and their features."""

import collections
from collections.abc import Callable

import tensorflow as tf

from estimator_mnist.estimator.session.arguments import as_dict

tf1 = tf.compat.v1


_TENSORS = (tf.Tensor, tf.SparseTensor, tf.RaggedTensor)


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
            for key, tensor in as_dict(value, argument).items():
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
    named_features = as_dict(features, "input")
    named_labels = as_dict(labels, "label")
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


def _check_tensor(value, what):
    if not isinstance(value, _TENSORS):
        raise ValueError(
            f"{what} must be a Tensor, SparseTensor, or RaggedTensor; got {value!r}."
        )


def _checked_receivers(receivers, what="receiver_tensor"):
    if receivers is None:
        raise ValueError(f"{what}s must be defined.")
    named = as_dict(receivers, "input")
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
