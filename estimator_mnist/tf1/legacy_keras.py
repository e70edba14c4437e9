"""The Keras of TF 1.x: TensorFlow's own, or tf_keras where TensorFlow has Keras 3."""

import functools
import types
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist import compat, estimator
from estimator_mnist.tf1 import mnist

DATASETS = ("mnist", "fashion_mnist")


class _Overlay(types.ModuleType):
    """A module in which some names have other values."""

    def __init__(self, module: types.ModuleType, **names: object) -> None:
        super().__init__(module.__name__, module.__doc__)
        self._module = module
        for name, value in names.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._module), *super().__dir__()})


def keras() -> types.ModuleType:
    """Returns `tf.compat.v1.keras` of Keras 2, where accuracy is called `acc`.

    Its MNIST and Fashion-MNIST are those that this package finds, and its models become
    Estimators of this package.
    """
    real = compat.keras()
    loaders = {name: _load_data(name) for name in DATASETS}
    datasets = {
        name: _Overlay(getattr(real.datasets, name), load_data=load_data)
        for name, load_data in loaders.items()
    }
    return _Overlay(
        real,
        datasets=_Overlay(real.datasets, **datasets),
        estimator=estimator.keras,
        mixed_precision=_mixed_precision(),
    )


def _load_data(name: str) -> Callable[..., mnist.TrainAndTest]:
    @functools.wraps(mnist.load_data)
    def load_data(path: str | None = None) -> mnist.TrainAndTest:
        del path  # the name that Keras's server gave to the file
        return mnist.load_data(name)

    return load_data


def _mixed_precision() -> types.ModuleType:
    """Returns tf.keras.mixed_precision, with `experimental` as until TF 2.4."""
    today = _modern_keras().mixed_precision

    def policy(name: str, loss_scale: Any = "auto") -> Any:
        del loss_scale  # that of the name: dynamic for mixed_float16, else none
        return today.Policy(name)

    def loss_scale_optimizer(optimizer: Any, loss_scale: Any = "dynamic") -> Any:
        if loss_scale == "dynamic":
            return today.LossScaleOptimizer(optimizer)
        return today.LossScaleOptimizer(
            optimizer, dynamic=False, initial_scale=loss_scale
        )

    names = {
        "LossScaleOptimizer": loss_scale_optimizer,
        "Policy": policy,
        "global_policy": today.global_policy,
        "set_policy": today.set_global_policy,
    }
    return _Overlay(today, experimental=_Overlay(today, **names))


def _modern_keras() -> Any:
    """Returns tf.keras of TF 2.x, of Keras 2."""
    if _is_in_tensorflow():
        return tf.keras
    import tf_keras

    return tf_keras


def rnn_cell() -> types.ModuleType:
    """Returns `tf.compat.v1.nn.rnn_cell` with its cells."""
    if _is_in_tensorflow():
        return tf.compat.v1.nn.rnn_cell
    from tf_keras.api._v1.keras.__internal__.legacy import rnn_cell as legacy_cells

    return legacy_cells


def _is_in_tensorflow() -> bool:
    return compat.layers() is tf.compat.v1.layers
