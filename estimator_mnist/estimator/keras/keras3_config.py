"""Turns what Keras 3 says of its objects into objects of Keras 2."""

import dataclasses
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from estimator_mnist.estimator.keras import versions

# Arguments that layers of Keras 2 take by **kwargs; the last is of recurrent ones.
_OF_ANY_LAYER = {"name", "trainable", "dtype", "zero_output_for_mask"}
_OF_ANY_OPTIMIZER = {"clipnorm", "clipvalue", "global_clipnorm"}
# Arguments that are layers.
_NESTED = {"layer", "cell", "cells", "backward_layer"}
# Keras 2's Nadam for graphs has another schedule of its momentum.
_OTHERWISE = {"Nadam": "makes other steps in Keras 2's graphs"}
_MISSING = inspect.Parameter.empty


@dataclasses.dataclass
class Conversion:
    """Makes equals in Keras 2, and notes what has none.

    Attributes:
      custom_objects: dict name -> class of Keras 2, or function, of the user; with the
        functions that were found on the way.
      problems: what cannot be kept, a line each.
    """

    custom_objects: dict[str, Any]
    problems: list[str] = dataclasses.field(default_factory=list)

    def layer(self, layer: Any) -> Any:
        """Returns the equal of a layer of Keras 3; None where there is none."""
        what = f"layer {layer.name!r} ({type(layer).__name__})"
        kind = self._class(type(layer), versions.keras2().layers)
        if kind is None:
            self.problems.append(f"{what}: Keras 2 has no such layer")
            return None
        config = {
            key: self._live(layer, key, value)
            for key, value in layer.get_config().items()
        }
        if type(layer).__name__ == "Normalization" and layer.built:
            config["mean"], config["variance"] = _statistics(layer)
        config = self._arguments(type(layer), kind, config, what)
        # from_config of some needs what Keras 3 does not write; others take objects in
        # serialized form there alone.
        make = kind.from_config if _NESTED & config.keys() else kind
        try:
            return make(config) if make is not kind else kind(**config)
        except (TypeError, ValueError) as error:
            self.problems.append(f"{what}: {str(error).splitlines()[0]}")
            return None

    def object(self, value: Any, module: types.ModuleType, what: str) -> Any:
        """Returns the equal of a serialized object, from a module of Keras 2.

        Strings, numbers and the like are returned as they are.
        """
        if not _is_serialized(value):
            return value
        if _is_function(value):
            return self._function(value, what)
        name = value["class_name"]
        kind = self._given(name)
        if kind is None and (value.get("module") or "").startswith("keras."):
            kind = getattr(module, name, None)
        if kind is None or name in _OTHERWISE:
            reason = _OTHERWISE.get(name, "Keras 2 has none")
            self.problems.append(f"{what} {name}: {reason}")
            return None
        original = _keras3_class(value)
        return kind.from_config(
            self._arguments(original, kind, value["config"], f"{what} {name}")
        )

    def _class(self, kind: type, module: types.ModuleType) -> Any:
        given = self._given(kind.__name__)
        if given is not None:
            return given
        if not kind.__module__.startswith("keras."):
            return None
        return getattr(module, kind.__name__, None)

    def _given(self, name: str) -> Any:
        """Returns the user's class of this name, unless it is of Keras 3 as well."""
        given = self.custom_objects.get(name)
        is_class = isinstance(given, type) and not versions.is_class_of_keras3(given)
        return given if is_class else None

    def _live(self, layer: Any, key: str, value: Any) -> Any:
        """Returns the function that a layer has been given, for its serialized name."""
        if not _is_function(value):
            return value
        function = getattr(layer, key, None)
        if not callable(function):
            return self._function(value, f"layer {layer.name!r}")
        self.custom_objects.setdefault(getattr(function, "__name__", key), function)
        return function

    def _function(self, value: Mapping[str, Any], what: str) -> Any:
        name = str(value["config"])
        if name not in self.custom_objects:
            self.problems.append(
                f"{what}: a function {name!r}, which custom_objects does not have"
            )
        return self.custom_objects.get(name)

    def _arguments(
        self, original: type | None, kind: type, config: Mapping[str, Any], what: str
    ) -> dict[str, Any]:
        """Returns arguments for Keras 2; notes those that it lacks, except defaults."""
        names = {*_OF_ANY_LAYER, *_OF_ANY_OPTIMIZER, *_parameters(kind)}
        defaults = _parameters(original) if original else {}
        kept = {}
        for key, value in config.items():
            if key in names:
                kept[key] = self._value(value)
            elif value not in (None, False, defaults.get(key, _MISSING)):
                self.problems.append(f"{what}: {key}={value!r}, which Keras 2 lacks")
        return kept

    def _value(self, value: Any) -> Any:
        """Returns a part of a config as Keras 2 writes it."""
        if _is_serialized(value):
            if value["class_name"].endswith("DTypePolicy"):
                return value["config"]["name"]
            if _is_function(value):
                return self._function(value, "a layer")
            return self._serialized(value)
        if isinstance(value, list):
            return [self._value(one) for one in value]
        return value

    def _serialized(self, value: Mapping[str, Any]) -> Any:
        name, config = value["class_name"], value["config"]
        original = _keras3_class(value)
        kind = getattr(_module(value), name, None)
        if original is None or kind is None:
            kind = self._given(name)
        if kind is None:
            self.problems.append(f"Keras 2 has no {name}")
            return None
        arguments = self._arguments(original, kind, config, name)
        return {"class_name": name, "config": arguments}


def _is_serialized(value: Any) -> bool:
    return isinstance(value, Mapping) and {"class_name", "config"} <= value.keys()


def _is_function(value: Any) -> bool:
    return _is_serialized(value) and value["class_name"] in ("function", "__lambda__")


def _module(value: Mapping[str, Any]) -> Any:
    """Returns the module of Keras 2 for that of a serialized object of Keras 3."""
    found: Any = versions.keras2()
    for part in (value.get("module") or "").split(".")[1:]:
        found = getattr(found, part, None)
    return found


def _keras3_class(value: Mapping[str, Any]) -> type | None:
    found: Any = versions.keras3()
    for part in (value.get("module") or "").split(".")[1:]:
        found = getattr(found, part, None)
    return getattr(found, value["class_name"], None)


def _parameters(kind: type | None) -> dict[str, Any]:
    """Returns the parameters of a class's __init__, its bases' too, with defaults."""
    return dict(_all_parameters(kind)) if kind else {}


def _all_parameters(kind: type) -> Iterator[tuple[str, Any]]:
    for base in reversed(kind.__mro__):
        init: Callable[..., Any] | None = vars(base).get("__init__")
        if base is not object and init is not None:
            for parameter in inspect.signature(init).parameters.values():
                yield parameter.name, parameter.default


def _statistics(layer: Any) -> tuple[Any, Any]:
    """Returns mean and variance of an adapted Normalization, as flat arrays."""
    convert = versions.keras3().ops.convert_to_numpy
    return convert(layer.mean).ravel(), convert(layer.variance).ravel()
