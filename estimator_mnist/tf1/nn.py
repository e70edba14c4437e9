"""tf.nn, with the cells of tf.nn.rnn_cell also where TensorFlow comes with Keras 3."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras, old_names, replacements


def __getattr__(name: str) -> Any:
    if name == "rnn_cell":
        return legacy_keras.rnn_cell()
    if f"nn.{name}" in old_names.OLD_ARGUMENTS:
        return old_names.OLD_ARGUMENTS[f"nn.{name}"]
    if f"nn.{name}" in old_names.SAME:
        return replacements.find(old_names.SAME[f"nn.{name}"])
    return getattr(tf.compat.v1.nn, name)


def __dir__() -> list[str]:
    return dir(tf.compat.v1.nn)
