"""The cell that pays attention to the steps of a memory."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.tf1 import legacy_keras
from estimator_mnist.tf1.contrib.seq2seq.mechanisms import dense, static_size

tf1 = tf.compat.v1
_RNNCell: Any = legacy_keras.rnn_cell().RNNCell


class AttentionWrapperState(NamedTuple):
    """What an AttentionWrapper carries; of several mechanisms, tuples."""

    cell_state: Any
    attention: tf.Tensor
    time: tf.Tensor
    alignments: Any
    alignment_history: Any
    attention_state: Any

    def clone(self, **kwargs: Any) -> "AttentionWrapperState":
        """Returns the state with other values of some fields."""
        return self._replace(**kwargs)


class AttentionWrapper(_RNNCell):
    """Adds attention to a cell.

    Args:
      cell: of tf.nn.rnn_cell.
      attention_mechanism: one, or a list.
      attention_layer_size: units of a dense layer over output and context, or a list;
        None: the context is the attention.
      alignment_history: whether to keep the alignments of all steps.
      cell_input_fn: of inputs and attention; None: they are concatenated.
      output_attention: whether the attention is the output; if not, the cell's.
      initial_cell_state: what `zero_state` has as the cell's; None: zeros.
      name: of the layer.
      attention_layer: layers in place of dense ones.
      attention_fn: of mechanism, cell output, attention state and layer; returns
        attention, alignments and the next state.
      dtype: of the layer.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Callable[[Any, tf.Tensor], Any] | None = None,
        output_attention: bool = True,
        initial_cell_state: Any = None,
        name: str | None = None,
        attention_layer: Any = None,
        attention_fn: Callable[..., tuple] | None = None,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._is_list = isinstance(attention_mechanism, list | tuple)
        self._mechanisms = _listed(attention_mechanism)
        if attention_layer_size is not None and attention_layer is not None:
            raise ValueError(
                "Only one of attention_layer_size and attention_layer should be set"
            )
        layers: Sequence[Any] = [None for _ in self._mechanisms]
        if attention_layer_size is not None:
            layers = [
                dense(size, "attention_layer", dtype or tf.float32)
                for size in _listed(attention_layer_size)
            ]
        elif attention_layer is not None:
            layers = _listed(attention_layer)
        if len(layers) != len(self._mechanisms):
            raise ValueError(
                f"There are {len(layers)} attention layers, and "
                f"{len(self._mechanisms)} attention mechanisms: give one each."
            )
        self._attention_layers, self._cell = list(layers), cell
        self._input_fn = cell_input_fn or _concatenated
        self._attention_fn = attention_fn or _attention
        self._outputs_attention = output_attention
        self._keeps_history = alignment_history
        self._first_state = initial_cell_state

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        if self._outputs_attention:
            return self._attention_size()
        return self._cell.output_size

    @property
    def state_size(self) -> AttentionWrapperState:
        """The sizes of the state."""
        sizes = self._tuple([each.alignments_size for each in self._mechanisms])
        history = (
            sizes
            if self._keeps_history
            else self._tuple([() for _ in self._mechanisms])
        )
        return AttentionWrapperState(
            self._cell.state_size,
            self._attention_size(),
            tf.TensorShape([]),
            sizes,
            history,
            self._tuple([each.state_size for each in self._mechanisms]),
        )

    def zero_state(self, batch_size: Any, dtype: tf.DType) -> AttentionWrapperState:
        """Returns the state to begin with."""
        with tf1.name_scope(f"{type(self).__name__}ZeroState"):
            state = self._first_state
            if state is None:
                state = self._cell.zero_state(batch_size, dtype)
            firsts = [
                each.initial_alignments(batch_size, dtype) for each in self._mechanisms
            ]
            return AttentionWrapperState(
                tf.nest.map_structure(tf.identity, state),
                tf.zeros([batch_size, self._attention_size()], dtype),
                tf.zeros([], tf.int32),
                self._tuple(firsts),
                self._tuple([self._history(each, dtype) for each in firsts]),
                self._tuple(
                    [each.initial_state(batch_size, dtype) for each in self._mechanisms]
                ),
            )

    def call(
        self, inputs: Any, state: AttentionWrapperState
    ) -> tuple[tf.Tensor, AttentionWrapperState]:
        """Returns the output [batch, output_size] and the next state."""
        fed = self._input_fn(inputs, state.attention)
        output, cell_state = self._cell(fed, state.cell_state)
        before = self._list(state.attention_state)
        found = [
            self._attention_fn(mechanism, output, was, layer)
            for mechanism, was, layer in zip(
                self._mechanisms, before, self._attention_layers, strict=True
            )
        ]
        attentions, alignments, states = zip(*found, strict=True)
        histories = [
            history.write(state.time, each) if self._keeps_history else ()
            for history, each in zip(
                self._list(state.alignment_history), alignments, strict=True
            )
        ]
        attention = tf.concat(attentions, 1)
        state = AttentionWrapperState(
            cell_state,
            attention,
            state.time + 1,
            self._tuple(alignments),
            self._tuple(histories),
            self._tuple(states),
        )
        return attention if self._outputs_attention else output, state

    def _tuple(self, values: Sequence[Any]) -> Any:
        return tuple(values) if self._is_list else values[0]

    def _list(self, value: Any) -> Sequence[Any]:
        return value if self._is_list else [value]

    def _history(self, first: tf.Tensor, dtype: tf.DType) -> Any:
        if not self._keeps_history:
            return ()
        return tf.TensorArray(dtype, 0, dynamic_size=True, element_shape=first.shape)

    def _attention_size(self) -> int:
        """Returns the units of the attention."""
        sizes = [
            _layer_size(layer, mechanism, self._cell)
            for layer, mechanism in zip(
                self._attention_layers, self._mechanisms, strict=True
            )
        ]
        return sum(sizes)


def _attention(mechanism: Any, output: tf.Tensor, state: Any, layer: Any) -> tuple:
    """Returns attention, alignments and the next state."""
    alignments, state = mechanism(output, state=state)
    context = tf.squeeze(tf.matmul(alignments[:, None], mechanism.values), [1])
    if layer is None:
        return context, alignments, state
    return layer(tf.concat([output, context], 1)), alignments, state


def _layer_size(layer: Any, mechanism: Any, cell: Any) -> int:
    context = static_size(mechanism.values.shape[-1])
    if layer is None:
        return context
    shape = tf.TensorShape([None, int(cell.output_size) + context])
    return static_size(tf.TensorShape(layer.compute_output_shape(shape))[-1])


def _concatenated(inputs: tf.Tensor, attention: tf.Tensor) -> tf.Tensor:
    return tf.concat([inputs, attention], -1)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
