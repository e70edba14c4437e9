"""tf.contrib: its parts that today's TensorFlow or this package can do.

A family is loaded when it is used: it is a module or package of this folder, or a table
of `names`.
"""

import importlib
from typing import Any

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import names, stand_ins

_MODULES = (
    "cloud",
    "cluster_resolver",
    "crf",
    "data",
    "distribute",
    "eager",
    "estimator",
    "feature_column",
    "framework",
    "image",
    "layers",
    "learn",
    "legacy_seq2seq",
    "lookup",
    "losses",
    "metrics",
    "mixed_precision",
    "nn",
    "opt",
    "predictor",
    "rnn",
    "seq2seq",
    "slim",
    "summary",
    "tensorboard",
    "tpu",
    "training",
)
_STAND_INS = (
    "boosted_trees",
    "factorization",
    "tensor_forest",
)
__all__ = [*_MODULES, *names.FAMILIES, *_STAND_INS]

_missing = replacements.module_getattr("tf.contrib")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in names.FAMILIES:
        return names.family(name)
    if name in _STAND_INS:
        return stand_ins.stand_in(f"tf.contrib.{name}")
    return _missing(name)


def __dir__() -> list[str]:
    return sorted(__all__)
