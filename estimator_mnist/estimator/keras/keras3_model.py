"""Makes a model of Keras 3 again with the layers of Keras 2, weights included.

Keras 3 itself cannot run in an Estimator's graph (estimator/keras3.py says why).
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.keras import (
    keras3_compile,
    keras3_operation,
    versions,
)
from estimator_mnist.estimator.keras.keras3_config import Conversion

_LARGEST_DIFFERENCE = 1e-4  # of predictions, relative where they are above 1
_OPEN_DIMENSION = 8  # of the inputs that predictions are compared on


def in_keras2(
    model: Any, custom_objects: dict[str, Any] | None
) -> tuple[Any, dict[str, Any]]:
    """Returns a compiled model of Keras 2 that predicts the same, and custom objects.

    Architecture, weights, loss, metrics and the optimizer's settings are kept, its
    state is not.

    Args:
      model: compiled, of Keras 3; Sequential or of inputs and outputs.
      custom_objects: dict name -> class of Keras 2 that stands for one of Keras 3 with
        the same name and arguments; or function.

    Raises:
      KerasModelError: something in it has no equal in Keras 2; all of it is named.
    """
    conversion = Conversion(dict(custom_objects or {}))
    _check_eager()
    copy = _model(model, conversion)
    settings = keras3_compile.settings(model, conversion)
    _raise_problems(model, conversion)
    _check_predictions(model, copy)
    copy.compile(**settings)
    return copy, conversion.custom_objects


def _check_eager() -> None:
    if not tf.executing_eagerly():
        raise errors.KerasModelError(
            "A model of Keras 3 becomes an Estimator only where execution is eager: "
            "call model_to_estimator outside of a graph, or make the model with "
            "tf_keras."
        )


def _raise_problems(model: Any, conversion: Conversion) -> None:
    if conversion.problems:
        raise errors.KerasModelError(
            f"The Keras 3 model {model.name!r} cannot become an Estimator, whose graph "
            "needs Keras 2. What cannot be kept:\n  "
            + "\n  ".join(dict.fromkeys(conversion.problems))
            + "\nMake the model with Keras 2 (import tf_keras, and tf_keras.layers in "
            "place of tf.keras.layers), or give a class of tf_keras by "
            "custom_objects={name: class}."
        )


def _model(model: Any, conversion: Conversion) -> Any:
    keras3 = versions.keras3()
    if isinstance(model, keras3.Sequential):
        return _sequential(model, conversion)
    config = model.get_config() if _is_functional(model) else {}
    if "input_layers" not in config:
        conversion.problems.append(
            f"model {model.name!r} is a subclass of keras.Model with a call of its own"
        )
        return None
    return _Functional(model, config, conversion).build()


def _is_functional(model: Any) -> bool:
    return any(kind.__name__ == "Functional" for kind in type(model).__mro__)


def _sequential(model: Any, conversion: Conversion) -> Any:
    copy = versions.keras2().Sequential(name=model.name)
    if model.built:
        name = model.get_config()["layers"][0]["config"]["name"]
        copy.add(_input(model.inputs[0], name))
    for layer in model.layers:
        added = _layer(layer, conversion)
        if added is None:
            continue
        copy.add(added)
        if model.built:
            _copy_weights(layer, added, conversion)
    return copy


def _input(tensor: Any, name: str) -> Any:
    """Returns the input of Keras 2 like one of Keras 3."""
    return versions.keras2().Input(
        batch_shape=tuple(tensor.shape),
        dtype=tensor.dtype,
        name=name,
        sparse=bool(tensor.sparse),
        ragged=bool(getattr(tensor, "ragged", False)),
    )


def _layer(layer: Any, conversion: Conversion) -> Any:
    if isinstance(layer, versions.keras3().Model):
        return _model(layer, conversion)
    return conversion.layer(layer)


def _copy_weights(layer: Any, copy: Any, conversion: Conversion) -> None:
    if isinstance(layer, versions.keras3().Model) or not copy.weights:
        return  # a model's layers have theirs already
    shapes = [tuple(weight.shape) for weight in layer.weights]
    if shapes != [tuple(weight.shape) for weight in copy.weights]:
        conversion.problems.append(
            f"layer {layer.name!r} ({type(layer).__name__}): its weights {shapes} are "
            f"{[tuple(weight.shape) for weight in copy.weights]} in Keras 2"
        )
        return
    copy.set_weights(layer.get_weights())


class _Functional:
    """Calls the layers of Keras 2 one after the other, as a model of Keras 3 does."""

    def __init__(
        self, model: Any, config: Mapping[str, Any], conversion: Conversion
    ) -> None:
        self._model = model
        self._config = config
        self._conversion = conversion
        self._operations = {one.name: one for one in model.operations}
        self._layers: dict[str, Any] = {}
        self._tensors: dict[tuple, Any] = {}

    def build(self) -> Any:
        """Returns the model; None where a layer has no equal."""
        inputs = []
        names = _input_names(self._config["input_layers"])
        for (layer, name), tensor in zip(names, self._model.inputs, strict=True):
            inputs.append(_input(tensor, name))
            self._tensors[layer, 0, 0] = inputs[-1]
        self._convert_layers()
        if None in self._layers.values():
            return None
        self._call_all()
        return versions.keras2().Model(
            inputs, self._outputs(self._config["output_layers"]), name=self._model.name
        )

    def _convert_layers(self) -> None:
        for entry in self._config["layers"]:
            operation = self._operations[entry["name"]]
            is_layer = isinstance(operation, versions.keras3().Layer)
            if is_layer and entry["inbound_nodes"]:
                self._layers[entry["name"]] = _layer(operation, self._conversion)

    def _call_all(self) -> None:
        """Calls each layer as soon as its inputs are there."""
        waiting = [
            (entry["name"], number, node)
            for entry in self._config["layers"]
            for number, node in enumerate(entry["inbound_nodes"])
        ]
        while waiting:
            late = [one for one in waiting if not self._call(*one)]
            if len(late) == len(waiting):
                raise errors.KerasModelError(
                    f"The inputs of {late[0][0]!r} are not in model "
                    f"{self._model.name!r}: make it with tf_keras."
                )
            waiting = late

    def _call(self, name: str, number: int, node: Mapping[str, Any]) -> bool:
        """Calls a layer if its inputs are there; returns whether they were."""
        arguments = [node["args"], _without_context(node["kwargs"])]
        keys = _histories(arguments)
        if not all(key in self._tensors for key in keys):
            return False
        if name in self._layers:
            args, kwargs = _filled(arguments, self._tensors)
            outputs = self._layers[name](*args, **kwargs)
            if number == 0:
                _copy_weights(
                    self._operations[name], self._layers[name], self._conversion
                )
        else:
            compute = _computation(self._operations[name], arguments, keys)
            layer = keras3_operation.layer(
                compute, f"{name}_{number}".removesuffix("_0")
            )
            outputs = layer([self._tensors[key] for key in keys])
        for index, tensor in enumerate(tf.nest.flatten(outputs)):
            self._tensors[name, number, index] = tensor
        return True

    def _outputs(self, value: Any) -> Any:
        """Returns the output tensors; those of a dict are named by its keys."""
        if _is_history(value):
            return self._tensors[tuple(value)]
        if not isinstance(value, Mapping):
            return [self._outputs(one) for one in value]
        activation = versions.keras2().layers.Activation
        tensors = {key: self._outputs(one) for key, one in sorted(value.items())}
        return [
            tensor if value[key][0] == key else activation("linear", name=key)(tensor)
            for key, tensor in tensors.items()
        ]


def _computation(
    operation: Any, arguments: list, keys: list[tuple]
) -> Callable[[list], Any]:
    """Returns an operation as a function of the tensors that are at `keys`."""

    def compute(tensors: list) -> Any:
        args, kwargs = _filled(arguments, dict(zip(keys, tensors, strict=True)))
        return operation.call(*args, **kwargs)

    return compute


def _filled(value: Any, tensors: Mapping[tuple, Any]) -> Any:
    """Returns arguments with tensors for what says where they come from."""
    if _is_tensor(value):
        return tensors[tuple(value["config"]["keras_history"])]
    if isinstance(value, Mapping):
        return {key: _filled(one, tensors) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_filled(one, tensors) for one in value)
    return value


def _is_history(value: Any) -> bool:
    return not isinstance(value, Mapping) and isinstance(value[0], str)


def _input_names(inputs: Any) -> list[tuple[str, str]]:
    """Returns each input's layer, and its name: the key in a dict, or the layer's."""
    if isinstance(inputs, Mapping):
        return [(history[0], key) for key, history in sorted(inputs.items())]
    histories = [inputs] if _is_history(inputs) else inputs
    return [(history[0], history[0]) for history in histories]


def _without_context(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Drops what a model's own call decides: whether it trains, and masks."""
    return {key: one for key, one in kwargs.items() if key not in ("training", "mask")}


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__"


def _histories(value: Any) -> list[tuple]:
    if _is_tensor(value):
        return [tuple(value["config"]["keras_history"])]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [key for one in value for key in _histories(one)]
    return []


def _check_predictions(model: Any, copy: Any) -> None:
    """Compares predictions on made-up inputs; raises KerasModelError."""
    if not model.built or any(tensor.dtype == "string" for tensor in model.inputs):
        return
    is_sequential = isinstance(model, versions.keras3().Sequential)
    structure = model.inputs[0] if is_sequential else model.input
    inputs = tf.nest.map_structure(_example, structure)
    expected = tf.nest.flatten(model.predict_on_batch(inputs))
    predicted = tf.nest.flatten(copy.predict_on_batch(tf.nest.flatten(inputs)))
    for one, other in zip(expected, predicted, strict=True):
        difference = np.abs(one - other) / np.maximum(1, np.abs(one))
        if np.max(difference, initial=0) > _LARGEST_DIFFERENCE:
            raise errors.KerasModelError(
                f"The Keras 3 model {model.name!r}, made again with Keras 2, predicts "
                f"otherwise by {np.max(difference):.2g}: make it with tf_keras."
            )


def _example(tensor: Any) -> np.ndarray:
    """Returns a batch of 2 for an input: floats in 0..1, or integers 0 and 1."""
    shape = (2, *(size or _OPEN_DIMENSION for size in tensor.shape[1:]))
    numbers = np.arange(np.prod(shape)).reshape(shape)
    if "float" in tensor.dtype:
        return (numbers * 0.618 % 1).astype(tensor.dtype)
    return (numbers % 2).astype(tensor.dtype)
