"""tf.contrib.slim: the layers, arg_scope, variables, losses and metrics in one place.

The nets of slim are packages of their own.
"""

from typing import Any

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import framework, layers, losses, metrics
from estimator_mnist.tf1.contrib.layers.pooling import pool
from estimator_mnist.tf1.contrib.slim import evaluation, learning, utils

_FURTHER = {
    "get_model_variables": "contrib.framework.get_model_variables",
    "initializers": "contrib.layers",
    "model_analyzer": "contrib.slim.utils",
    "regularizers": "contrib.layers",
    "summaries": "contrib.layers",
    "variables": "contrib.framework",
}
__all__ = [
    "evaluation",
    "layers",
    "learning",
    "losses",
    "metrics",
    "pool",
    "utils",
    *_FURTHER,
    *layers.__all__,
    *framework.__all__,
]

_other = replacements.module_getattr("tf.contrib.slim", names=_FURTHER)


def __getattr__(name: str) -> Any:
    for module in (layers, framework):
        if name in module.__all__:
            return getattr(module, name)
    return _other(name)
