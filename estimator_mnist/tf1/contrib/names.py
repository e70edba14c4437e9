"""Families of tf.contrib of which every name has an equal: a line of a table each."""

import functools
import types
from collections.abc import Mapping

from estimator_mnist.tf1 import replacements

_PACKAGE = __name__.rpartition(".")[0]

# Family -> its names, and where tf1 has them; "*" is for all others.
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "autograph": {"*": "autograph"},
    "keras": {"*": "keras"},
    "linalg": {
        "*": "linalg",
        "LinearOperator": "linalg.LinearOperator",
    },
    "lite": {"*": "lite"},
    "saved_model": {
        "*": "saved_model",
        "load_keras_model": "keras.experimental.load_from_saved_model",
        "save_keras_model": "keras.experimental.export_saved_model",
    },
    "signal": {"*": "signal"},
    "util": {
        "constant_value": "get_static_value",
        "make_ndarray": "make_ndarray",
        "make_tensor_proto": "make_tensor_proto",
    },
}


@functools.cache
def family(name: str) -> types.ModuleType:
    """Returns the module of a family of the table, the same at each call."""
    module = types.ModuleType(f"{_PACKAGE}.{name}", f"tf.contrib.{name}.")
    elsewhere = FAMILIES[name]
    members = {
        "__all__": [each for each in elsewhere if each != "*"],
        "__path__": [],
        "__getattr__": replacements.module_getattr(
            f"tf.contrib.{name}", names=elsewhere
        ),
    }
    vars(module).update(members)
    return module
