"""Cells with other gates than those of an LSTM or a GRU, or with convolutions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras

tf1 = tf.compat.v1
_cells = legacy_keras.rnn_cell()
_RNNCell: Any = _cells.RNNCell

Activation = Callable[[tf.Tensor], tf.Tensor]
Step = tuple[tf.Tensor, Any]


def _linear(
    inputs: tf.Tensor, units: int, kernel: str = "kernel", bias: str = "bias"
) -> tf.Tensor:
    """Returns inputs times a variable, plus another; both by their names."""
    shape = [inputs.shape[-1], units]
    found = tf.matmul(inputs, tf1.get_variable(kernel, shape, inputs.dtype))
    zeros = tf1.zeros_initializer()
    return found + tf1.get_variable(bias, [units], inputs.dtype, initializer=zeros)


class CoupledInputForgetGateLSTMCell(_RNNCell):
    """An LSTM whose input gate is what its forget gate leaves.

    Greff et al., "LSTM: A Search Space Odyssey", 2015.

    Args:
      num_units: units of the state.
      use_peepholes: whether the gates see the state.
      initializer: of the weights.
      num_proj: units of the output; None: those of the state.
      proj_clip: greatest size of an output that is projected.
      num_unit_shards, num_proj_shards: 1; others are not supported.
      forget_bias: added to the forget gate.
      state_is_tuple: whether the state is an LSTMStateTuple, not one tensor.
      activation: of the state.
      reuse: as of tf.nn.rnn_cell.
      layer_norm: not supported; False.
      norm_gain, norm_shift: of `layer_norm`.
    """

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int = 1,
        num_proj_shards: int = 1,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Activation = tf.tanh,
        reuse: bool | None = None,
        layer_norm: bool = False,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
    ) -> None:
        super().__init__(_reuse=reuse)
        if layer_norm or num_unit_shards != 1 or num_proj_shards != 1:
            raise NotImplementedError(
                "layer_norm and shards are not supported here: leave them out."
            )
        self._units, self._projected = num_units, num_proj
        self._peepholes, self._clip = use_peepholes, proj_clip
        self._start, self._forget_bias = initializer, forget_bias
        self._is_tuple, self._activation = state_is_tuple, activation

    @property
    def state_size(self) -> Any:
        """The sizes of the state."""
        output = self._projected or self._units
        if self._is_tuple:
            return _cells.LSTMStateTuple(self._units, output)
        return self._units + output

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self._projected or self._units

    def call(self, inputs: tf.Tensor, state: Any) -> Step:
        """Returns the output [batch, output_size] and the next state."""
        cell, output = (
            state
            if self._is_tuple
            else tf.split(state, [self._units, self.output_size], 1)
        )
        both = tf.concat([inputs, output], 1)
        with tf1.variable_scope(tf1.get_variable_scope(), initializer=self._start):
            new, forget, out = tf.split(
                _linear(both, 3 * self._units, "W_0", "B"), 3, 1
            )
            forget = tf.sigmoid(
                forget + self._forget_bias + self._peep("W_F_diag", cell)
            )
            cell = forget * cell + (1 - forget) * self._activation(new)
            output = tf.sigmoid(out + self._peep("W_O_diag", cell))
            output *= self._activation(cell)
            output = self._projection(output)
        if self._is_tuple:
            return output, _cells.LSTMStateTuple(cell, output)
        return output, tf.concat([cell, output], 1)

    def _peep(self, name: str, cell: tf.Tensor) -> tf.Tensor | float:
        if not self._peepholes:
            return 0.0
        return cell * tf1.get_variable(name, [self._units], cell.dtype)

    def _projection(self, output: tf.Tensor) -> tf.Tensor:
        if self._projected is None:
            return output
        shape = [self._units, self._projected]
        output = tf.matmul(output, tf1.get_variable("W_P_0", shape, output.dtype))
        if self._clip is None:
            return output
        return tf.clip_by_value(output, -self._clip, self._clip)


class UGRNNCell(_RNNCell):
    """A cell with one gate between its state and a new one.

    Collins, Sohl-Dickstein and Sussillo, "Capacity and Trainability in Recurrent Neural
    Networks", 2017.
    """

    def __init__(
        self,
        num_units: int,
        initializer: Any = None,
        forget_bias: float = 1.0,
        activation: Activation = tf.tanh,
        reuse: bool | None = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        self._units, self._start = num_units, initializer
        self._forget_bias, self._activation = forget_bias, activation

    @property
    def state_size(self) -> int:
        """The size of the state."""
        return self._units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self._units

    def call(self, inputs: tf.Tensor, state: tf.Tensor) -> Step:
        """Returns the output and the next state, which are the same."""
        both = tf.concat([inputs, state], 1)
        with tf1.variable_scope(tf1.get_variable_scope(), initializer=self._start):
            gate, new = tf.split(_linear(both, 2 * self._units), 2, 1)
        gate = tf.sigmoid(gate + self._forget_bias)
        state = gate * state + (1 - gate) * self._activation(new)
        return state, state


class IndRNNCell(_RNNCell):
    """A cell whose units see only their own state.

    Li, Li, Cook, Zhu and Gao, "Independently Recurrent Neural Network", 2018.
    """

    def __init__(
        self,
        num_units: int,
        activation: Activation | None = None,
        reuse: bool | None = None,
        name: str | None = None,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__(_reuse=reuse, name=name or "ind_rnn_cell", dtype=dtype)
        self._units, self._activation = num_units, activation or tf.tanh

    @property
    def state_size(self) -> int:
        """The size of the state."""
        return self._units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self._units

    def call(self, inputs: tf.Tensor, state: tf.Tensor) -> Step:
        """Returns the output and the next state, which are the same."""
        shape = [inputs.shape[-1], self._units]
        kernel = tf1.get_variable("kernel_w", shape, inputs.dtype)
        own = tf1.get_variable(
            "kernel_u",
            [1, self._units],
            inputs.dtype,
            initializer=tf1.random_uniform_initializer(-1, 1),
        )
        zeros = tf1.zeros_initializer()
        bias = tf1.get_variable("bias", [self._units], inputs.dtype, initializer=zeros)
        output = self._activation(tf.matmul(inputs, kernel) + state * own + bias)
        return output, output


class ConvLSTMCell(_RNNCell):
    """An LSTM over pictures, with convolutions.

    Shi et al., "Convolutional LSTM Network: A Machine Learning Approach for
    Precipitation Nowcasting", 2015, without peepholes.

    Args:
      conv_ndims: 1, 2 or 3.
      input_shape: of a step, without the batch: [height, width, channels].
      output_channels: channels of the output.
      kernel_shape: of the convolution.
      use_bias: whether to add a bias.
      skip_connection: whether the inputs are appended to the output.
      forget_bias: added to the forget gate.
      initializers: not used, as in TF 1.15.
      name: of the layer.

    Raises:
      ValueError: the input's shape has another number of dimensions.
    """

    def __init__(
        self,
        conv_ndims: int,
        input_shape: Sequence[int],
        output_channels: int,
        kernel_shape: Sequence[int],
        use_bias: bool = True,
        skip_connection: bool = False,
        forget_bias: float = 1.0,
        initializers: Mapping[str, Any] | None = None,
        name: str = "conv_lstm_cell",
    ) -> None:
        super().__init__(name=name)
        if conv_ndims != len(input_shape) - 1:
            raise ValueError(
                f"Invalid input_shape {input_shape} for conv_ndims={conv_ndims}."
            )
        self._shape, self._channels = list(input_shape), output_channels
        self._kernel_shape, self._use_bias = list(kernel_shape), use_bias
        self._skips, self._forget_bias = skip_connection, forget_bias

    @property
    def output_size(self) -> tf.TensorShape:
        """The shape of the output of an element."""
        channels = self._channels + (self._shape[-1] if self._skips else 0)
        return tf.TensorShape([*self._shape[:-1], channels])

    @property
    def state_size(self) -> Any:
        """The shapes of the state."""
        size = tf.TensorShape([*self._shape[:-1], self._channels])
        return _cells.LSTMStateTuple(size, size)

    def call(self, inputs: tf.Tensor, state: Any) -> Step:
        """Returns the output [batch, ..., channels] and the next state."""
        cell, hidden = state
        gates = self._convolved(tf.concat([inputs, hidden], -1))
        in_gate, new, forget, out = tf.split(gates, 4, -1)
        cell = tf.sigmoid(forget + self._forget_bias) * cell
        cell += tf.sigmoid(in_gate) * tf.tanh(new)
        output = tf.tanh(cell) * tf.sigmoid(out)
        if self._skips:
            output = tf.concat([output, inputs], -1)
        return output, _cells.LSTMStateTuple(cell, output)

    def _convolved(self, both: tf.Tensor) -> tf.Tensor:
        count = 4 * self._channels
        shape = [*self._kernel_shape, both.shape[-1], count]
        kernel = tf1.get_variable("kernel", shape, both.dtype)
        found = tf.nn.convolution(both, kernel, padding="SAME")
        if not self._use_bias:
            return found
        zeros = tf1.zeros_initializer()
        return found + tf1.get_variable("biases", [count], both.dtype, zeros)


def Conv1DLSTMCell(name: str = "conv_1d_lstm_cell", **kwargs: Any) -> ConvLSTMCell:
    """Returns a ConvLSTMCell over [length, channels]."""
    return ConvLSTMCell(conv_ndims=1, name=name, **kwargs)


def Conv2DLSTMCell(name: str = "conv_2d_lstm_cell", **kwargs: Any) -> ConvLSTMCell:
    """Returns a ConvLSTMCell over [height, width, channels]."""
    return ConvLSTMCell(conv_ndims=2, name=name, **kwargs)


def Conv3DLSTMCell(name: str = "conv_3d_lstm_cell", **kwargs: Any) -> ConvLSTMCell:
    """Returns a ConvLSTMCell over [depth, height, width, channels]."""
    return ConvLSTMCell(conv_ndims=3, name=name, **kwargs)
