"""tf.contrib.rnn, whose cells became tf.nn.rnn_cell."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras, replacements

_RNNS = ("static_bidirectional_rnn", "static_rnn")
_CELLS = (
    "BasicLSTMCell",
    "BasicRNNCell",
    "DeviceWrapper",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "MultiRNNCell",
    "RNNCell",
    "ResidualWrapper",
)
__all__ = [*_RNNS, *_CELLS]

_not_a_cell = replacements.module_getattr("tf.contrib.rnn", tf.compat.v1.nn, _RNNS)

__path__: list[str] = []  # imports of modules below it are explained, too


def __getattr__(name: str) -> Any:
    if name in _CELLS:  # of Keras 2, which is imported at the first use
        return getattr(legacy_keras.rnn_cell(), name)
    return _not_a_cell(name)
