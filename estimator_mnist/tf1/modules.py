"""Modules of tf that have names of TF 1.x besides those of tf.compat.v1."""

import functools
import types
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

# Module -> its further names, and where tf1 has them.
EXTENDED: Mapping[str, Mapping[str, str]] = {
    "image": {
        "per_image_whitening": "image.per_image_standardization",
    },
    "train": {
        "SummaryWriter": "summary.FileWriter",
    },
}


class _Module(types.ModuleType):
    """A module of tf.compat.v1 with further names."""

    def __init__(self, name: str) -> None:
        super().__init__(f"tensorflow.compat.v1.{name}")
        self._name, self._more = name, EXTENDED[name]

    def __getattr__(self, name: str) -> Any:
        if name in self._more:
            return replacements.find(self._more[name])
        return getattr(getattr(tf.compat.v1, self._name), name)

    def __dir__(self) -> list[str]:
        return sorted({*dir(getattr(tf.compat.v1, self._name)), *self._more})


@functools.cache
def extended(name: str) -> types.ModuleType:
    """Returns tf.NAME with its further names, the same module at each call."""
    return _Module(name)
