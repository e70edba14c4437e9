"""tf.contrib.rnn: cells of tf.nn.rnn_cell, further ones, and networks of them."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras, replacements
from estimator_mnist.tf1.contrib.rnn.cells import (
    EmbeddingWrapper,
    GRUBlockCellV2,
    HighwayWrapper,
    InputProjectionWrapper,
    LayerNormBasicLSTMCell,
    LSTMBlockCell,
    OutputProjectionWrapper,
)
from estimator_mnist.tf1.contrib.rnn.gates import (
    Conv1DLSTMCell,
    Conv2DLSTMCell,
    Conv3DLSTMCell,
    ConvLSTMCell,
    CoupledInputForgetGateLSTMCell,
    IndRNNCell,
    UGRNNCell,
)
from estimator_mnist.tf1.contrib.rnn.networks import (
    FusedRNNCellAdaptor,
    LSTMBlockFusedCell,
    TimeReversedFusedRNN,
    stack_bidirectional_dynamic_rnn,
    stack_bidirectional_rnn,
    transpose_batch_time,
)

_RNNS = ("static_bidirectional_rnn", "static_rnn", "static_state_saving_rnn")
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
__all__ = [
    "Conv1DLSTMCell",
    "Conv2DLSTMCell",
    "Conv3DLSTMCell",
    "ConvLSTMCell",
    "CoupledInputForgetGateLSTMCell",
    "EmbeddingWrapper",
    "FusedRNNCellAdaptor",
    "GRUBlockCellV2",
    "HighwayWrapper",
    "IndRNNCell",
    "InputProjectionWrapper",
    "LSTMBlockCell",
    "LSTMBlockFusedCell",
    "LayerNormBasicLSTMCell",
    "OutputProjectionWrapper",
    "TimeReversedFusedRNN",
    "UGRNNCell",
    "stack_bidirectional_dynamic_rnn",
    "stack_bidirectional_rnn",
    "transpose_batch_time",
    *_RNNS,
    *_CELLS,
]

_not_a_cell = replacements.module_getattr("tf.contrib.rnn", tf.compat.v1.nn, _RNNS)


def __getattr__(name: str) -> Any:
    if name in _CELLS:
        return getattr(legacy_keras.rnn_cell(), name)
    return _not_a_cell(name)
