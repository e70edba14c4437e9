"""What tf, tf.nn, tf.image and tf.train had before TensorFlow 1.0, by `old_names`."""

import functools
import types
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import old_names, replacements

# Modules that are those of tf.compat.v1 with their old names.
EXTENDED = ("image", "train")


def is_old(path: str) -> bool:
    """Returns whether `path` below tf, as "mul" or "train.SummaryWriter", is old."""
    return path in old_names.OLD_ARGUMENTS or path in old_names.SAME


def old(path: str) -> Any:
    """Returns what an old name stands for."""
    if path in old_names.OLD_ARGUMENTS:
        return old_names.OLD_ARGUMENTS[path]
    return replacements.find(old_names.SAME[path])


class _Module(types.ModuleType):
    """A module of tf.compat.v1 with its old names."""

    def __init__(self, name: str) -> None:
        super().__init__(f"tensorflow.compat.v1.{name}")
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if is_old(f"{self._name}.{name}"):
            return old(f"{self._name}.{name}")
        return getattr(getattr(tf.compat.v1, self._name), name)

    def __dir__(self) -> list[str]:
        names = (*old_names.OLD_ARGUMENTS, *old_names.SAME)
        start = f"{self._name}."
        more = {name.removeprefix(start) for name in names if name.startswith(start)}
        return sorted({*dir(getattr(tf.compat.v1, self._name)), *more})


@functools.cache
def extended(name: str) -> types.ModuleType:
    """Returns tf.NAME with its old names, the same module at each call."""
    return _Module(name)
