"""Attention to the steps of a memory, and the cell that pays it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.tf1 import legacy_keras

tf1 = tf.compat.v1
_RNNCell: Any = legacy_keras.rnn_cell().RNNCell

Alignments = tuple[tf.Tensor, tf.Tensor]


class AttentionMechanism:
    """Base of mechanisms; their state is the alignments [batch, time] of a step.

    Args:
      query_layer: dense layer for queries; None: as they are.
      num_units: size of the dense layer for the memory.
      memory: [batch, time, units].
      memory_sequence_length: int [batch]; later steps get no attention. None: all do.
      probability_fn: of scores [batch, time]; None: softmax.
      score_mask_value: score of steps without attention; None: minus infinity.
      dtype: of the layers; None: float32.
      name: of the scope.
    """

    def __init__(
        self,
        query_layer: Any,
        num_units: int,
        memory: tf.Tensor,
        memory_sequence_length: tf.Tensor | None,
        probability_fn: Callable[[tf.Tensor], tf.Tensor] | None,
        score_mask_value: float | None,
        dtype: tf.DType | None,
        name: str,
    ) -> None:
        dtype = dtype or tf.float32
        self._query_layer, self._name, self._units = query_layer, name, num_units
        self._memory_layer = _dense(num_units, "memory_layer", dtype)
        self._probability = probability_fn or tf.nn.softmax
        self._masked = -np.inf if score_mask_value is None else score_mask_value
        with tf1.name_scope(name, "BaseAttentionMechanismInit"):
            self._mask = None
            self._values = tf.convert_to_tensor(memory, name="memory")
            if memory_sequence_length is not None:
                steps = tf.shape(self._values)[1]
                self._mask = tf.sequence_mask(memory_sequence_length, steps)
                mask = tf.cast(self._mask, self._values.dtype)
                ones = [1 for _ in self._values.shape[2:]]
                shape = tf.concat([tf.shape(mask), tf.constant(ones, tf.int32)], 0)
                self._values = self._values * tf.reshape(mask, shape)
        self._keys = self._memory_layer(self._values)

    @property
    def memory_layer(self) -> Any:
        """The layer that makes keys."""
        return self._memory_layer

    @property
    def query_layer(self) -> Any:
        """The layer for queries."""
        return self._query_layer

    @property
    def values(self) -> tf.Tensor:
        """The memory, zeros after its end."""
        return self._values

    @property
    def keys(self) -> tf.Tensor:
        """What queries are compared with, [batch, time, num_units]."""
        return self._keys

    @property
    def batch_size(self) -> Any:
        """The batch size, an int where it is known."""
        return _static(self._keys.shape[0]) or tf.shape(self._keys)[0]

    @property
    def alignments_size(self) -> Any:
        """The number of steps, an int where it is known."""
        return _static(self._keys.shape[1]) or tf.shape(self._keys)[1]

    @property
    def state_size(self) -> Any:
        """The size of the state."""
        return self.alignments_size

    def initial_alignments(self, batch_size: Any, dtype: tf.DType) -> tf.Tensor:
        """Returns zeros [batch, time]."""
        return tf.zeros([batch_size, self.alignments_size], dtype)

    def initial_state(self, batch_size: Any, dtype: tf.DType) -> tf.Tensor:
        """Returns the alignments to begin with."""
        return self.initial_alignments(batch_size, dtype)

    def __call__(self, query: tf.Tensor, state: tf.Tensor) -> Alignments:
        """Returns the alignments of a query [batch, units], and the next state."""
        del state
        with tf1.variable_scope(None, self._scope(), [query]):
            if self._query_layer is not None:
                query = self._query_layer(query)
            score = self._score(query)
            if self._mask is not None:
                never = tf.fill(tf.shape(score), tf.cast(self._masked, score.dtype))
                score = tf.where(self._mask, score, never)
            alignments = self._probability(score)
        return alignments, alignments

    def _scope(self) -> str:
        raise NotImplementedError

    def _score(self, query: tf.Tensor) -> tf.Tensor:
        """Returns scores [batch, time]."""
        raise NotImplementedError


class BahdanauAttention(AttentionMechanism):
    """Additive attention.

    Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align
    and Translate", 2015. With `normalize` its weights are normalised: Salimans and
    Kingma, "Weight Normalization", 2016.
    """

    def __init__(
        self,
        num_units: int,
        memory: tf.Tensor,
        memory_sequence_length: tf.Tensor | None = None,
        normalize: bool = False,
        probability_fn: Callable[[tf.Tensor], tf.Tensor] | None = None,
        score_mask_value: float | None = None,
        dtype: tf.DType | None = None,
        custom_key_value_fn: None = None,
        name: str = "BahdanauAttention",
    ) -> None:
        super().__init__(
            _dense(num_units, "query_layer", dtype or tf.float32),
            num_units,
            memory,
            memory_sequence_length,
            probability_fn,
            score_mask_value,
            dtype,
            name,
        )
        self._normalizes = normalize

    def _scope(self) -> str:
        return "bahdanau_attention"

    def _score(self, query: tf.Tensor) -> tf.Tensor:
        dtype, n = query.dtype, self._units
        v = tf1.get_variable("attention_v", [n], dtype=dtype)
        inner = self._keys + query[:, None]
        if self._normalizes:
            start = tf1.constant_initializer(np.sqrt(1.0 / n))
            g = tf1.get_variable("attention_g", [], dtype=dtype, initializer=start)
            zeros = tf1.zeros_initializer()
            b = tf1.get_variable("attention_b", [n], dtype=dtype, initializer=zeros)
            v, inner = g * v * tf.math.rsqrt(tf.reduce_sum(v**2)), inner + b
        return tf.reduce_sum(v * tf.tanh(inner), 2)


class LuongAttention(AttentionMechanism):
    """Multiplicative attention; with `scale` a variable multiplies the scores.

    Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine
    Translation", 2015.
    """

    def __init__(
        self,
        num_units: int,
        memory: tf.Tensor,
        memory_sequence_length: tf.Tensor | None = None,
        scale: bool = False,
        probability_fn: Callable[[tf.Tensor], tf.Tensor] | None = None,
        score_mask_value: float | None = None,
        dtype: tf.DType | None = None,
        custom_key_value_fn: None = None,
        name: str = "LuongAttention",
    ) -> None:
        super().__init__(
            None,
            num_units,
            memory,
            memory_sequence_length,
            probability_fn,
            score_mask_value,
            dtype,
            name,
        )
        self._scales = scale

    def _scope(self) -> str:
        return "luong_attention"

    def _score(self, query: tf.Tensor) -> tf.Tensor:
        depth, size = _static(query.shape[-1]), _static(self._keys.shape[-1])
        if depth != size:
            raise ValueError(
                "Incompatible or unknown inner dimensions between query and keys: the "
                f"query has {depth} units, the keys {size}. Perhaps set num_units to "
                "the number of units of the cell."
            )
        score = tf.linalg.matvec(self._keys, query)
        if not self._scales:
            return score
        ones = tf1.ones_initializer()
        return score * tf1.get_variable(
            "attention_g", [], dtype=query.dtype, initializer=ones
        )


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
                _dense(size, "attention_layer", dtype or tf.float32)
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
    context = _static(mechanism.values.shape[-1])
    if layer is None:
        return context
    shape = tf.TensorShape([None, int(cell.output_size) + context])
    return _static(tf.TensorShape(layer.compute_output_shape(shape))[-1])


def _concatenated(inputs: tf.Tensor, attention: tf.Tensor) -> tf.Tensor:
    return tf.concat([inputs, attention], -1)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _static(dimension: Any) -> Any:
    """Returns an int or None of a dimension, in either behaviour of TensorFlow."""
    return tf1.dimension_value(dimension)


def _dense(units: int, name: str, dtype: tf.DType) -> Any:
    return compat.layers().Dense(units, name=name, use_bias=False, dtype=dtype)
