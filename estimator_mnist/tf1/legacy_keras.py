"""The Keras of TF 1.x: TensorFlow's own, or tf_keras where TensorFlow has Keras 3."""

import functools
import types
from collections.abc import Callable

import tensorflow as tf

from estimator_mnist import compat, estimator
from estimator_mnist.tf1 import mnist
from estimator_mnist.tf1.overlay import Overlay

DATASETS = ("mnist", "fashion_mnist")


def keras() -> types.ModuleType:
    """Returns `tf.compat.v1.keras` of Keras 2, where accuracy is called `acc`.

    Its MNIST and Fashion-MNIST are those that this package finds, and its models become
    Estimators of this package.
    """
    real = compat.keras()
    loaders = {name: _load_data(name) for name in DATASETS}
    datasets = {
        name: Overlay(getattr(real.datasets, name), load_data=load_data)
        for name, load_data in loaders.items()
    }
    return Overlay(
        real,
        datasets=Overlay(real.datasets, **datasets),
        estimator=estimator.keras,
    )


def _load_data(name: str) -> Callable[..., mnist.TrainAndTest]:
    @functools.wraps(mnist.load_data)
    def load_data(path: str | None = None) -> mnist.TrainAndTest:
        del path  # the name that Keras's server gave to the file
        return mnist.load_data(name)

    return load_data


def rnn_cell() -> types.ModuleType:
    """Returns `tf.compat.v1.nn.rnn_cell` with its cells."""
    if _is_in_tensorflow():
        return tf.compat.v1.nn.rnn_cell
    from tf_keras.api._v1.keras.__internal__.legacy import rnn_cell as legacy_cells

    return legacy_cells


def _is_in_tensorflow() -> bool:
    return compat.layers() is tf.compat.v1.layers
