"""Finds the Keras that a model is of, and keeps its classes fit for eager execution."""

import contextlib
import importlib
import os
import sys
import threading
import types
from collections.abc import Iterable, Iterator
from typing import Any

import tensorflow as tf

from estimator_mnist import compat


def keras2() -> types.ModuleType:
    """Returns Keras 2: TensorFlow's own if it is Keras 2, else tf_keras."""
    if compat.layers() is tf.compat.v1.layers:
        return tf.keras
    return importlib.import_module("tf_keras")


def keras2_of(model: Any) -> types.ModuleType:
    """Returns the Keras 2 that `model` is of: TensorFlow's own, or tf_keras."""
    if _package(model) == "tf_keras":
        return importlib.import_module("tf_keras")
    return keras2()


def keras3() -> types.ModuleType:
    """Returns Keras 3, which has been imported already where it is asked for."""
    return sys.modules["keras"]


def is_keras3(model: Any) -> bool:
    """Returns whether `model` is of Keras 3."""
    version = getattr(sys.modules.get("keras"), "__version__", "2")
    return _package(model) == "keras" and int(version.partition(".")[0]) >= 3


def is_class_of_keras3(kind: type) -> bool:
    """Returns whether `kind` is, or inherits from, a class of Keras 3."""
    return keras2() is not tf.keras and any(
        one.__module__.partition(".")[0] == "keras" for one in kind.__mro__
    )


def is_functional(model: Any) -> bool:
    """Returns whether `model`, of Keras 2, is Sequential or made of inputs and outputs.

    Any other is a subclass of Model with a `call` of its own.
    """
    # Where Keras does not export the class of functional models, it is the base of
    # Sequential.
    return isinstance(model, keras2_of(model).Sequential.__bases__[0])


def is_model(value: Any) -> bool:
    """Returns whether `value` is a model of any Keras."""
    return any(
        kind.__name__ == "Model" and kind.__module__.startswith(("keras.", "tf_keras."))
        for kind in type(value).__mro__
    )


def load_model(path: str, custom_objects: dict[str, Any] | None) -> Any:
    """Loads a model with Keras 2, or with Keras 3 where only that can read it."""
    try:
        return keras2().models.load_model(path, custom_objects)
    except (ValueError, TypeError, OSError):
        # Keras 3 writes files of the same kinds; there is nothing that says so outside.
        if keras2() is tf.keras or not os.path.isfile(path):
            raise
    return tf.keras.models.load_model(path, custom_objects)


@contextlib.contextmanager
def unchanged(model: Any) -> Iterator[set[type]]:
    """Leaves a model of Keras 2 afterwards as it is now.

    Yields a set for the classes that a graph's models use. Keras 2 gives a class other
    bases, and with them all of its instances other methods, when it makes an instance
    in a graph, and again when it makes one eagerly; and it leaves attributes on a model
    that it has copied.
    """
    attributes, optimizer = set(vars(model)), model.optimizer
    kinds = {type(part) for part in (model, *model.submodules)}
    try:
        yield kinds
    finally:
        if model.optimizer is not optimizer:
            model.optimizer = optimizer
        for name in set(vars(model)) - attributes:
            delattr(model, name)
        # Another thread, because there is no way out of this one's graph.
        thread = threading.Thread(target=_make_instances, args=[kinds])
        thread.start()
        thread.join()


def _package(model: Any) -> str:
    """Returns "keras" or "tf_keras", the package that `model` is of; else ""."""
    packages = (kind.__module__.partition(".")[0] for kind in type(model).__mro__)
    return next((name for name in packages if name in ("keras", "tf_keras")), "")


def _make_instances(kinds: Iterable[type]) -> None:
    for kind in kinds:
        make: Any = kind.__new__
        with contextlib.suppress(TypeError):  # it wants arguments
            make(kind)
