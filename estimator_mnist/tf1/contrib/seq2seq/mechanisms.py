"""Attention to the steps of a memory: what it computes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist import compat

tf1 = tf.compat.v1

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
        self._memory_layer = dense(num_units, "memory_layer", dtype)
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
        return static_size(self._keys.shape[0]) or tf.shape(self._keys)[0]

    @property
    def alignments_size(self) -> Any:
        """The number of steps, an int where it is known."""
        return static_size(self._keys.shape[1]) or tf.shape(self._keys)[1]

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
        with tf1.variable_scope(None, self._scope(), [query]):
            if self._query_layer is not None:
                query = self._query_layer(query)
            score = self._score(query)
            if self._mask is not None:
                never = tf.fill(tf.shape(score), tf.cast(self._masked, score.dtype))
                score = tf.where(self._mask, score, never)
            alignments = self._aligned(score, state)
        return alignments, alignments

    def _aligned(self, score: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        """Returns the alignments of scores and of the state before them."""
        del state
        return self._probability(score)

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
            dense(num_units, "query_layer", dtype or tf.float32),
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
        return additive_score(self._keys, query, self._normalizes)


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
        return multiplicative_score(self._keys, query, self._scales)


def additive_score(keys: tf.Tensor, query: tf.Tensor, normalizes: bool) -> tf.Tensor:
    """Returns scores [batch, time] of keys [batch, time, units], as Bahdanau's."""
    dtype, n = query.dtype, static_size(keys.shape[-1])
    v = tf1.get_variable("attention_v", [n], dtype=dtype)
    inner = keys + query[:, None]
    if normalizes:
        start = tf1.constant_initializer(np.sqrt(1.0 / n))
        g = tf1.get_variable("attention_g", [], dtype=dtype, initializer=start)
        zeros = tf1.zeros_initializer()
        b = tf1.get_variable("attention_b", [n], dtype=dtype, initializer=zeros)
        v, inner = g * v * tf.math.rsqrt(tf.reduce_sum(v**2)), inner + b
    return tf.reduce_sum(v * tf.tanh(inner), 2)


def multiplicative_score(keys: tf.Tensor, query: tf.Tensor, scales: bool) -> tf.Tensor:
    """Returns scores [batch, time] of keys [batch, time, units], as Luong's.

    Raises:
      ValueError: the query has another number of units.
    """
    depth, size = static_size(query.shape[-1]), static_size(keys.shape[-1])
    if depth != size:
        raise ValueError(
            "Incompatible or unknown inner dimensions between query and keys: the "
            f"query has {depth} units, the keys {size}. Perhaps set num_units to "
            "the number of units of the cell."
        )
    score = tf.linalg.matvec(keys, query)
    if not scales:
        return score
    ones = tf1.ones_initializer()
    return score * tf1.get_variable(
        "attention_g", [], dtype=query.dtype, initializer=ones
    )


def static_size(dimension: Any) -> Any:
    """Returns an int or None of a dimension, in either behaviour of TensorFlow."""
    return tf1.dimension_value(dimension)


def dense(units: int, name: str, dtype: tf.DType) -> Any:
    """Returns a layer of tf.layers without biases."""
    return compat.layers().Dense(units, name=name, use_bias=False, dtype=dtype)
