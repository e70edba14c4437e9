"""tf.contrib.rnn, whose cells became tf.nn.rnn_cell."""

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras, removed

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

__path__ = []


def __getattr__(name: str):
    # The cells are in Keras 2, which is not to be imported before somebody asks.
    source, names = tf.compat.v1.nn, _RNNS
    if name in _CELLS:
        source, names = legacy_keras.rnn_cell(), _CELLS
    return removed.explainer("tf.contrib.rnn", source, names)(name)
