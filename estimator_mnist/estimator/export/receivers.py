"""What a model takes when it is served: receivers of requests and their features."""

import collections
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.session.arguments import as_dict

tf1 = tf.compat.v1

Tensors = dict[str, tf.Tensor]

_TENSORS = (tf.Tensor, tf.SparseTensor, tf.RaggedTensor)


class InputReceiver(Protocol):
    """What a receiver function returns: one of the classes below, or its like.

    Attributes:
      features: what the model_fn is called with.
      receiver_tensors: dict name -> Tensor that a request feeds.
    """

    @property
    def features(self) -> tf.Tensor | Tensors: ...

    @property
    def receiver_tensors(self) -> Tensors: ...


@runtime_checkable
class HasLabels(Protocol):
    """An InputReceiver with labels for the model_fn, as SupervisedInputReceiver."""

    @property
    def labels(self) -> tf.Tensor | Tensors: ...


@runtime_checkable
class HasAlternatives(Protocol):
    """An InputReceiver that requests may feed in several ways.

    Attributes:
      receiver_tensors_alternatives: None, or dict name -> receiver_tensors.
    """

    @property
    def receiver_tensors_alternatives(self) -> dict[str, Tensors] | None: ...


@runtime_checkable
class HoldsTensor(Protocol):
    """An object in a Tensor's place, registered for conversion to a Tensor."""

    @property
    def tensor(self) -> tf.Tensor: ...


class ServingInputReceiver(
    collections.namedtuple(
        "ServingInputReceiver",
        ["features", "receiver_tensors", "receiver_tensors_alternatives"],
    )
):
    """Holds what a serving_input_receiver_fn returns: placeholders and features.

    Attributes:
      features: dict name -> Tensor, or object that HoldsTensor, for the model_fn.
      receiver_tensors: dict name -> Tensor that a request feeds.
      receiver_tensors_alternatives: None, or dict name -> such a dict that a request
        may feed instead.
    """

    __slots__ = ()

    def __new__(
        cls,
        features: tf.Tensor | Tensors,
        receiver_tensors: tf.Tensor | Tensors,
        receiver_tensors_alternatives: dict[str, tf.Tensor | Tensors] | None = None,
    ) -> "ServingInputReceiver":
        """Wraps a single Tensor: features as `feature`, receivers as `input`.

        Raises:
          ValueError: an argument is missing, of the wrong type or has a bad key.
        """
        if features is None:
            raise ValueError("features must be defined.")
        named = as_dict(features, "feature")
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

    def __new__(
        cls,
        features: tf.Tensor,
        receiver_tensors: tf.Tensor | Tensors,
        receiver_tensors_alternatives: dict[str, tf.Tensor | Tensors] | None = None,
    ) -> "TensorServingInputReceiver":
        """Wraps a single receiver Tensor as `input`.

        Raises:
          ValueError: `features` is no Tensor, or a receiver is missing or bad.
        """
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
    """Holds features and labels, each a Tensor or a dict, to export TRAIN and EVAL.

    Attributes:
      features: Tensor or dict name -> Tensor for the model_fn.
      labels: Tensor or dict name -> Tensor for the model_fn.
      receiver_tensors: dict name -> Tensor to feed.
    """

    __slots__ = ()

    def __new__(
        cls,
        features: tf.Tensor | Tensors,
        labels: tf.Tensor | Tensors,
        receiver_tensors: tf.Tensor | Tensors,
    ) -> "SupervisedInputReceiver":
        """Wraps a single receiver Tensor as `input`.

        Raises:
          ValueError: an argument is missing or is no Tensor.
        """
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
    """Returns a function that makes a receiver which parses tf.Examples.

    The receiver is fed the serialized Examples, string [batch], as `examples`.

    Args:
      feature_spec: dict name -> tf.io.FixedLenFeature or VarLenFeature.
      default_batch_size: the batch dimension; None leaves it open.
    """

    def serving_input_receiver_fn() -> ServingInputReceiver:
        examples = tf1.placeholder(
            tf.string, [default_batch_size], name="input_example_tensor"
        )
        features = tf.io.parse_example(examples, feature_spec)
        return ServingInputReceiver(features, {"examples": examples})

    return serving_input_receiver_fn


def build_raw_serving_input_receiver_fn(
    features: Tensors, default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """Returns a function that makes a receiver which is fed the features themselves.

    Args:
      features: dict name -> Tensor or Variable whose dtype, shape and name the
        placeholders get; a SparseTensor or RaggedTensor is fed as a dense one.
      default_batch_size: replaces the first dimension; None leaves it open.

    Raises (when the returned function is called):
      ValueError: `features` is no dict of Tensors.
    """

    def serving_input_receiver_fn() -> ServingInputReceiver:
        placeholders = _placeholders(features, "features", default_batch_size)
        return ServingInputReceiver(placeholders, placeholders)

    return serving_input_receiver_fn


def build_raw_supervised_input_receiver_fn(
    features: tf.Tensor | Tensors,
    labels: tf.Tensor | Tensors,
    default_batch_size: int | None = None,
) -> Callable[[], SupervisedInputReceiver]:
    """Returns a function that makes a receiver which is fed features and labels.

    Args:
      features: Tensor or Variable, or dict name -> such, whose dtype, shape and name
        the placeholders get; a single one is fed as `input`.
      labels: the same for the labels; a single one is fed as `label`.
      default_batch_size: replaces the first dimension; None leaves it open.

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

    def supervised_input_receiver_fn() -> SupervisedInputReceiver:
        fed = _placeholders(named_features, "features", default_batch_size)
        fed_labels = _placeholders(named_labels, "labels", default_batch_size)
        return SupervisedInputReceiver(
            fed if isinstance(features, dict) else fed["input"],
            fed_labels if isinstance(labels, dict) else fed_labels["label"],
            {**fed, **fed_labels},
        )

    return supervised_input_receiver_fn


def _converts(value: object) -> bool:
    if not isinstance(value, HoldsTensor):
        return False
    try:
        tf.convert_to_tensor(value)
    except (TypeError, ValueError):
        return False
    return True


def _check_tensor(value: object, what: str) -> None:
    if not isinstance(value, _TENSORS) and not _converts(value):
        raise ValueError(
            f"{what} must be a Tensor, SparseTensor, or RaggedTensor; got "
            f"{errors.sample(value)}."
        )


def _checked_receivers(
    receivers: tf.Tensor | Tensors, what: str = "receiver_tensor"
) -> Tensors:
    if receivers is None:
        raise ValueError(f"{what}s must be defined.")
    named = as_dict(receivers, "input")
    for key, value in named.items():
        if not isinstance(key, str):
            raise ValueError(f"{what} keys must be strings: {key}.")
        _check_tensor(value, f"{what} {key}")
    return named


def _checked_alternatives(alternatives: object) -> dict[str, Tensors] | None:
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


def _placeholders(tensors: object, argument: str, batch_size: int | None) -> Tensors:
    if not isinstance(tensors, dict):
        raise ValueError(
            f"{argument} must be a dict name -> Tensor; got {errors.sample(tensors)}."
        )
    return {
        key: _placeholder_like(value, f"{argument} {key}", batch_size)
        for key, value in tensors.items()
    }


def _placeholder_like(tensor: object, what: str, batch_size: int | None) -> tf.Tensor:
    if not isinstance(tensor, (*_TENSORS, tf.Variable)):
        raise ValueError(f"{what} must be a Tensor; got {errors.sample(tensor)}.")
    shape = tensor.shape
    if shape.rank is not None:
        shape = [batch_size, *shape.as_list()[1:]]
    return tf1.placeholder(tensor.dtype.base_dtype, shape, name=_name(tensor))


def _name(tensor: tf.Tensor) -> str | None:
    source = tensor.values if isinstance(tensor, tf.SparseTensor) else tensor
    # What is eager has no name to pass on, nor a graph.
    named = isinstance(source, (tf.Tensor, tf.Variable)) and hasattr(source, "graph")
    return source.op.name if named else None
