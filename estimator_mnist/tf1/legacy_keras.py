"""The Keras of TF 1.x: TensorFlow's own, or that of tf_keras where it has Keras 3."""

import functools
import types

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.tf1 import mnist

DATASETS = ("mnist", "fashion_mnist")


class _Overlay(types.ModuleType):
    """A module in which some names are others."""

    def __init__(self, module: types.ModuleType, **names):
        super().__init__(module.__name__, module.__doc__)
        self.__dict__.update(names)
        self._module = module

    def __getattr__(self, name: str):
        return getattr(self._module, name)

    def __dir__(self):
        return sorted({*dir(self._module), *super().__dir__()})


def keras() -> types.ModuleType:
    """`tf.compat.v1.keras` as Keras 2 had it; metrics are called `acc` again.

    Its MNIST and Fashion-MNIST are those that this package finds.
    """
    real = _keras()
    loaders = {name: _load_data(name) for name in DATASETS}
    datasets = {
        name: _Overlay(getattr(real.datasets, name), load_data=load_data)
        for name, load_data in loaders.items()
    }
    return _Overlay(real, datasets=_Overlay(real.datasets, **datasets))


def _load_data(name):
    @functools.wraps(mnist.load_data)
    def load_data(path=None):
        return mnist.load_data(name)

    return load_data


def _keras():
    if _is_in_tensorflow():
        return tf.compat.v1.keras
    from tf_keras.api._v1 import keras as legacy_keras

    return legacy_keras


def rnn_cell() -> types.ModuleType:
    """`tf.compat.v1.nn.rnn_cell`, with the cells in it."""
    if _is_in_tensorflow():
        return tf.compat.v1.nn.rnn_cell
    from tf_keras.api._v1.keras.__internal__.legacy import rnn_cell as legacy_cells

    return legacy_cells


def _is_in_tensorflow() -> bool:
    return compat.layers() is tf.compat.v1.layers
