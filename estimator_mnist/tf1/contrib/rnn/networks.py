"""Networks of several directions and layers, and fused cells."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.rnn import cells as our_cells

tf1 = tf.compat.v1

Outputs = tuple[Any, Any, Any]


def stack_bidirectional_dynamic_rnn(
    cells_fw: Sequence[Any],
    cells_bw: Sequence[Any],
    inputs: tf.Tensor,
    initial_states_fw: Sequence[Any] | None = None,
    initial_states_bw: Sequence[Any] | None = None,
    dtype: tf.DType | None = None,
    sequence_length: tf.Tensor | None = None,
    parallel_iterations: int | None = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
) -> Outputs:
    """Returns bidirectional layers: each reads both directions of the one below.

    Args:
      cells_fw, cells_bw: a cell for each layer.
      inputs: [batch, time, n], or [time, batch, n] if `time_major`.
      initial_states_fw, initial_states_bw: a state for each layer.

    The rest is as in tf.nn.bidirectional_dynamic_rnn.

    Returns:
      outputs [batch, time, 2 units], and the last states of the layers, forward and
      backward.

    Raises:
      ValueError: the numbers of cells differ, or are 0.
    """
    firsts = _checked(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    last_fw, last_bw = [], []
    with tf1.variable_scope(scope or "stack_bidirectional_rnn"):
        for number, (fw, bw, first_fw, first_bw) in enumerate(firsts):
            with tf1.variable_scope(f"cell_{number}"):
                both, (state_fw, state_bw) = tf1.nn.bidirectional_dynamic_rnn(
                    fw,
                    bw,
                    inputs,
                    sequence_length,
                    first_fw,
                    first_bw,
                    dtype,
                    parallel_iterations,
                    swap_memory,
                    time_major,
                )
                inputs = tf.concat(both, 2)
            last_fw.append(state_fw)
            last_bw.append(state_bw)
    return inputs, tuple(last_fw), tuple(last_bw)


def stack_bidirectional_rnn(
    cells_fw: Sequence[Any],
    cells_bw: Sequence[Any],
    inputs: Sequence[tf.Tensor],
    initial_states_fw: Sequence[Any] | None = None,
    initial_states_bw: Sequence[Any] | None = None,
    dtype: tf.DType | None = None,
    sequence_length: tf.Tensor | None = None,
    scope: Any = None,
) -> Outputs:
    """Returns `stack_bidirectional_dynamic_rnn` of a list of steps [batch, n]."""
    firsts = _checked(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    last_fw, last_bw = [], []
    steps: Any = list(inputs)
    with tf1.variable_scope(scope or "stack_bidirectional_rnn"):
        for number, (fw, bw, first_fw, first_bw) in enumerate(firsts):
            with tf1.variable_scope(f"cell_{number}") as opened:
                steps, state_fw, state_bw = tf1.nn.static_bidirectional_rnn(
                    fw, bw, steps, first_fw, first_bw, dtype, sequence_length, opened
                )
            last_fw.append(state_fw)
            last_bw.append(state_bw)
    return steps, tuple(last_fw), tuple(last_bw)


class LSTMBlockFusedCell:
    """An LSTM over a whole sequence, with the variables of TF 1.x's one op."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        reuse: bool | None = None,
        dtype: tf.DType | None = None,
        name: str = "lstm_fused_cell",
    ) -> None:
        self.num_units = num_units
        self._cell = our_cells.LSTMBlockCell(
            num_units, forget_bias, cell_clip, use_peephole, dtype, reuse, name
        )

    def __call__(
        self,
        inputs: tf.Tensor,
        initial_state: Any = None,
        dtype: tf.DType | None = None,
        sequence_length: tf.Tensor | None = None,
        scope: Any = None,
    ) -> tuple[tf.Tensor, Any]:
        """Returns outputs [time, batch, num_units] of inputs [time, batch, n]."""
        inputs = tf.convert_to_tensor(inputs)
        dtype = dtype or inputs.dtype
        state = initial_state
        if state is None:
            state = self._cell.zero_state(tf.shape(inputs)[1], dtype)
        # The first call makes the variables, here rather than below "rnn".
        self._cell(inputs[0], self._cell.zero_state(tf.shape(inputs)[1], dtype))
        return tf1.nn.dynamic_rnn(
            self._cell, inputs, sequence_length, state, dtype, time_major=True
        )


class FusedRNNCellAdaptor:
    """A cell over a whole sequence [time, batch, n]."""

    def __init__(self, cell: Any, use_dynamic_rnn: bool = False) -> None:
        self._cell, self._is_dynamic = cell, use_dynamic_rnn

    def __call__(
        self,
        inputs: Any,
        initial_state: Any = None,
        dtype: tf.DType | None = None,
        sequence_length: tf.Tensor | None = None,
        scope: Any = None,
    ) -> tuple[Any, Any]:
        """Returns outputs, as the inputs are (a tensor or a list), and the state."""
        if self._is_dynamic:
            return tf1.nn.dynamic_rnn(
                self._cell,
                inputs,
                sequence_length,
                initial_state,
                dtype,
                time_major=True,
                scope=scope,
            )
        is_list = isinstance(inputs, (list, tuple))
        steps = list(inputs) if is_list else tf.unstack(inputs)
        outputs, state = tf1.nn.static_rnn(
            self._cell, steps, initial_state, dtype, sequence_length, scope
        )
        return outputs if is_list else tf.stack(outputs), state


class TimeReversedFusedRNN:
    """A fused cell that reads sequences backwards."""

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    def __call__(
        self,
        inputs: tf.Tensor,
        initial_state: Any = None,
        dtype: tf.DType | None = None,
        sequence_length: tf.Tensor | None = None,
        scope: Any = None,
    ) -> tuple[tf.Tensor, Any]:
        """Returns outputs [time, batch, units] in the order of the inputs."""
        outputs, state = self._cell(
            _reversed(inputs, sequence_length),
            initial_state,
            dtype,
            sequence_length,
            scope,
        )
        return _reversed(outputs, sequence_length), state


def transpose_batch_time(x: tf.Tensor) -> tf.Tensor:
    """Returns [time, batch, ...] of [batch, time, ...], and the other way."""
    x = tf.convert_to_tensor(x)
    return tf.transpose(x, [1, 0, *range(2, x.shape.rank)])


def _reversed(inputs: tf.Tensor, lengths: tf.Tensor | None) -> tf.Tensor:
    if lengths is None:
        return tf.reverse(inputs, [0])
    return tf.reverse_sequence(inputs, lengths, seq_axis=0, batch_axis=1)


def _checked(
    cells_fw: Sequence[Any],
    cells_bw: Sequence[Any],
    states_fw: Sequence[Any] | None,
    states_bw: Sequence[Any] | None,
) -> list[tuple[Any, Any, Any, Any]]:
    if not cells_fw or len(cells_fw) != len(cells_bw):
        raise ValueError(
            "Forward and Backward cells must have the same depth, at least 1: "
            f"{len(cells_fw or [])}, {len(cells_bw or [])}."
        )
    none = [None for _ in cells_fw]
    return list(
        zip(cells_fw, cells_bw, states_fw or none, states_bw or none, strict=True)
    )
