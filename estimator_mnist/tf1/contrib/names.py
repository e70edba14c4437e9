"""Families of tf.contrib of which every name has an equal: a line of a table each."""

import functools
import types
from collections.abc import Mapping

from estimator_mnist.tf1 import replacements

_PACKAGE = __name__.rpartition(".")[0]

# Family -> its names, and where tf1 has them; "*" is for all others.
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "autograph": {"*": "autograph"},
    "deprecated": {
        "audio_summary": "audio_summary",
        "histogram_summary": "histogram_summary",
        "image_summary": "image_summary",
        "merge_all_summaries": "merge_all_summaries",
        "merge_summary": "merge_summary",
        "scalar_summary": "scalar_summary",
    },
    "distributions": {"*": "distributions"},
    "keras": {"*": "keras"},
    "linalg": {
        "*": "linalg",
        "LinearOperator": "linalg.LinearOperator",
    },
    "lite": {"*": "lite"},
    "optimizer_v2": {
        "AdadeltaOptimizer": "train.AdadeltaOptimizer",
        "AdagradOptimizer": "train.AdagradOptimizer",
        "AdamOptimizer": "train.AdamOptimizer",
        "GradientDescentOptimizer": "train.GradientDescentOptimizer",
        "MomentumOptimizer": "train.MomentumOptimizer",
        "RMSPropOptimizer": "train.RMSPropOptimizer",
    },
    "saved_model": {
        "*": "saved_model",
        "load_keras_model": "keras.experimental.load_from_saved_model",
        "save_keras_model": "keras.experimental.export_saved_model",
    },
    "signal": {"*": "signal"},
    "stateless": {
        "stateless_multinomial": "random.stateless_multinomial",
        "stateless_random_normal": "random.stateless_normal",
        "stateless_random_uniform": "random.stateless_uniform",
        "stateless_truncated_normal": "random.stateless_truncated_normal",
    },
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
