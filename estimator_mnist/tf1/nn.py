"""tf.nn, with the cells of tf.nn.rnn_cell also where TensorFlow comes with Keras 3."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras, modules


def __getattr__(name: str) -> Any:
    if name == "rnn_cell":
        return legacy_keras.rnn_cell()
    if modules.is_old(f"nn.{name}"):
        return modules.old(f"nn.{name}")
    return getattr(tf.compat.v1.nn, name)


def __dir__() -> list[str]:
    return dir(tf.compat.v1.nn)
