"""Cells of tf.contrib.rnn that have no equal in tf.nn.rnn_cell."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras

tf1 = tf.compat.v1
_cells = legacy_keras.rnn_cell()
_RNNCell: Any = _cells.RNNCell

Activation = Callable[[tf.Tensor], tf.Tensor]
Step = tuple[tf.Tensor, Any]


def LSTMBlockCell(
    num_units: int,
    forget_bias: float = 1.0,
    cell_clip: float | None = None,
    use_peephole: bool = False,
    dtype: tf.DType | None = None,
    reuse: bool | None = None,
    name: str = "lstm_cell",
) -> Any:
    """Returns an LSTMCell: the one op of TF 1.x had the same variables and values."""
    return _cells.LSTMCell(
        num_units,
        use_peepholes=use_peephole,
        cell_clip=cell_clip if cell_clip is None or cell_clip > 0 else None,
        forget_bias=forget_bias,
        reuse=reuse,
        name=name,
        dtype=dtype,
    )


def GRUBlockCellV2(
    num_units: int | None = None,
    cell_size: int | None = None,
    reuse: bool | None = None,
    name: str = "gru_cell",
) -> Any:
    """Returns a GRUCell: the one op of TF 1.x had the same variables and values."""
    return _cells.GRUCell(num_units or cell_size, reuse=reuse, name=name)


class _Wrapper(_RNNCell):
    """Base of cells around a cell; states are those of that cell."""

    def __init__(self, cell: Any, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        """Returns the sizes of the state."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """Returns the size of the output."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: tf.DType) -> Any:
        """Returns the state to begin with."""
        return self._cell.zero_state(batch_size, dtype)


class OutputProjectionWrapper(_Wrapper):
    """Adds a dense layer after a cell."""

    def __init__(
        self,
        cell: Any,
        output_size: int,
        activation: Activation | None = None,
        reuse: bool | None = None,
    ) -> None:
        super().__init__(cell, reuse)
        self._size, self._activation = output_size, activation

    @property
    def output_size(self) -> int:
        """Returns the size of the output."""
        return self._size

    def call(self, inputs: tf.Tensor, state: Any) -> Step:
        """Returns outputs [batch, output_size] and the next state."""
        output, state = self._cell(inputs, state)
        projected = _dense(output, self._size)
        return self._activation(projected) if self._activation else projected, state


class InputProjectionWrapper(_Wrapper):
    """Adds a dense layer before a cell."""

    def __init__(
        self,
        cell: Any,
        num_proj: int,
        activation: Activation | None = None,
        input_size: None = None,
        reuse: bool | None = None,
    ) -> None:
        super().__init__(cell, reuse)
        self._size, self._activation = num_proj, activation

    def call(self, inputs: tf.Tensor, state: Any) -> Step:
        """Returns the cell's outputs and the next state."""
        projected = _dense(inputs, self._size)
        projected = self._activation(projected) if self._activation else projected
        return self._cell(projected, state)


class EmbeddingWrapper(_Wrapper):
    """Embeds ids before a cell."""

    def __init__(
        self,
        cell: Any,
        embedding_classes: int,
        embedding_size: int,
        initializer: Any = None,
        reuse: bool | None = None,
    ) -> None:
        """Takes the number of ids, and of what they become.

        Raises:
          ValueError: one of these is not positive.
        """
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                "Both embedding_classes and embedding_size must be > 0: "
                f"{embedding_classes}, {embedding_size}."
            )
        self._shape = [embedding_classes, embedding_size]
        self._initializer = initializer

    def call(self, inputs: tf.Tensor, state: Any) -> Step:
        """Returns the outputs for ids [batch] or [batch, 1], and the next state."""
        limit = 3**0.5
        initial = self._initializer or tf1.get_variable_scope().initializer
        initial = initial or tf1.random_uniform_initializer(-limit, limit)
        embedding = tf1.get_variable("embedding", self._shape, initializer=initial)
        embedded = tf1.nn.embedding_lookup(embedding, tf.reshape(inputs, [-1]))
        return self._cell(embedded, state)


class HighwayWrapper(_Wrapper):
    """Mixes inputs and outputs of a cell by gates.

    Srivastava, Greff and Schmidhuber, "Highway Networks", 2015.
    """

    def __init__(
        self,
        cell: Any,
        couple_carry_transform_gates: bool = True,
        carry_bias_init: float = 1.0,
    ) -> None:
        super().__init__(cell)
        self._coupled, self._bias = couple_carry_transform_gates, carry_bias_init

    def __call__(self, inputs: tf.Tensor, state: Any, scope: Any = None) -> Step:
        """Returns the mixed outputs and the cell's next state."""
        outputs, state = self._cell(inputs, state)
        carry = self._gate("carry", inputs, self._bias)
        if self._coupled:
            transform = 1 - carry
        else:
            transform = self._gate("transform", inputs, -self._bias)
        return inputs * carry + outputs * transform, state

    def _gate(self, name: str, inputs: tf.Tensor, bias: float) -> tf.Tensor:
        n = inputs.shape.as_list()[-1]
        weight = tf1.get_variable(f"{name}_w", [n, n])
        initial = tf1.constant_initializer(bias)
        values = tf1.get_variable(f"{name}_b", [n], initializer=initial)
        return tf.sigmoid(tf.matmul(inputs, weight) + values)


class LayerNormBasicLSTMCell(_RNNCell):
    """An LSTM with layer normalisation, and dropout of what enters the memory.

    Ba, Kiros and Hinton, "Layer Normalization", 2016; Semeniuta, Severyn and Barth,
    "Recurrent Dropout without Memory Loss", 2016.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: None = None,
        activation: Activation = tf.tanh,
        layer_norm: bool = True,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
        dropout_keep_prob: Any = 1.0,
        dropout_prob_seed: int | None = None,
        reuse: bool | None = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._forget_bias = num_units, forget_bias
        self._activation, self._layer_norm = activation, layer_norm
        self._gain, self._shift = norm_gain, norm_shift
        self._keep_prob, self._seed = dropout_keep_prob, dropout_prob_seed

    @property
    def state_size(self) -> Any:
        """Returns the sizes of memory and output."""
        return _cells.LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self) -> int:
        """Returns the size of the output."""
        return self._num_units

    def call(self, inputs: tf.Tensor, state: Any) -> Step:
        """Returns outputs [batch, num_units] and the next state."""
        c, h = state
        both = tf.concat([inputs, h], 1)
        shape = [both.shape.as_list()[-1], 4 * self._num_units]
        sums = tf.matmul(both, tf1.get_variable("kernel", shape))
        if not self._layer_norm:
            zeros = tf1.zeros_initializer()
            sums += tf1.get_variable("bias", shape[1:], initializer=zeros)
        i, j, f, o = tf.split(sums, 4, 1)
        if self._layer_norm:
            i, j = self._norm(i, "input"), self._norm(j, "transform")
            f, o = self._norm(f, "forget"), self._norm(o, "output")
        new = self._activation(j)
        if tf.is_tensor(self._keep_prob) or self._keep_prob < 1:
            new = tf.nn.dropout(new, 1 - self._keep_prob, seed=self._seed)
        c = c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * new
        c = self._norm(c, "state") if self._layer_norm else c
        h = self._activation(c) * tf.sigmoid(o)
        return h, _cells.LSTMStateTuple(c, h)

    def _norm(self, inputs: tf.Tensor, name: str) -> tf.Tensor:
        with tf1.variable_scope(name):
            shape = [self._num_units]
            gain, shift = map(tf1.constant_initializer, (self._gain, self._shift))
            gamma = tf1.get_variable("gamma", shape, initializer=gain)
            beta = tf1.get_variable("beta", shape, initializer=shift)
        mean, variance = tf.nn.moments(inputs, [1], keepdims=True)
        return tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, 1e-12)


def _dense(inputs: tf.Tensor, size: int) -> tf.Tensor:
    kernel = tf1.get_variable("kernel", [inputs.shape.as_list()[-1], size])
    zeros = tf1.zeros_initializer()
    bias = tf1.get_variable("bias", [size], initializer=zeros)
    return tf.matmul(inputs, kernel) + bias
