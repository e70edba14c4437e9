"""Decoders that pay attention to an encoder's outputs.

Vinyals et al., "Grammar as a Foreign Language", 2015.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.legacy_seq2seq import decoders
from estimator_mnist.tf1.contrib.rnn import cells

tf1 = tf.compat.v1


class _Heads:
    """The heads of attention over states [batch, length, units]."""

    def __init__(self, states: tf.Tensor, count: int) -> None:
        size = states.shape.as_list()[2]
        self._states, self._size = states, size
        self._features, self._scores = [], []
        for head in range(count):
            kernel = tf1.get_variable(f"AttnW_{head}", [1, 1, size, size])
            features = tf.nn.conv2d(states[:, :, None], kernel, 1, "SAME")
            self._features.append(tf.squeeze(features, [2]))
            self._scores.append(tf1.get_variable(f"AttnV_{head}", [size]))

    def zeros(self, batch_size: tf.Tensor) -> list[tf.Tensor]:
        """Returns the attention of all heads before the first step."""
        zeros = tf.zeros([batch_size, self._size], self._states.dtype)
        return [tf.ensure_shape(zeros, [None, self._size]) for _ in self._features]

    def attend(self, query: Any) -> list[tf.Tensor]:
        """Returns what each head reads for the state of a cell, [batch, units]."""
        query = tf.concat(tf.nest.flatten(query), 1)
        found = []
        for head, features in enumerate(self._features):
            with tf1.variable_scope(f"Attention_{head}"):
                made = _linear([query], self._size)
                inner = tf.tanh(features + tf.expand_dims(made, 1))
                scores = tf.linalg.matvec(inner, self._scores[head])
                weights = tf.nn.softmax(scores)
                found.append(tf.linalg.matvec(self._states, weights, transpose_a=True))
        return found


def attention_decoder(
    decoder_inputs: Sequence[tf.Tensor],
    initial_state: Any,
    attention_states: tf.Tensor,
    cell: Any,
    output_size: int | None = None,
    num_heads: int = 1,
    loop_function: decoders.LoopFunction | None = None,
    dtype: tf.DType | None = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> decoders.Decoded:
    """Returns outputs [batch, output_size] and state of a cell with attention.

    Args:
      decoder_inputs: list of [batch, units].
      initial_state: of the cell.
      attention_states: [batch, length, units].
      cell: of tf.nn.rnn_cell.
      output_size: units of the outputs; None: the cell's.
      num_heads: number of heads.
      loop_function: as of `rnn_decoder`.
      dtype: of variables.
      scope: of variables, "attention_decoder".
      initial_state_attention: whether the first step has the initial state's
        attention; if not, zeros.

    Raises:
      ValueError: there are no inputs, no heads, or units of the states are unknown.
    """
    _check(decoder_inputs, attention_states, num_heads)
    size = cell.output_size if output_size is None else output_size
    with tf1.variable_scope(scope or "attention_decoder", dtype=dtype) as opened:
        heads = _Heads(attention_states, num_heads)
        state, outputs = initial_state, list[tf.Tensor]()
        attention = heads.zeros(tf.shape(decoder_inputs[0])[0])
        if initial_state_attention:
            attention = heads.attend(initial_state)
        for number, step in enumerate(decoder_inputs):
            if number > 0:
                opened.reuse_variables()
            step = decoders.next_input(step, outputs, loop_function)
            fed = _linear([step, *attention], step.shape.as_list()[1])
            output, state = cell(fed, state)
            made_before = True if initial_state_attention or number else None
            with tf1.variable_scope(opened, reuse=made_before):
                attention = heads.attend(state)
            with tf1.variable_scope("AttnOutputProjection"):
                outputs.append(_linear([output, *attention], size))
    return outputs, state


def embedding_attention_decoder(
    decoder_inputs: Sequence[tf.Tensor],
    initial_state: Any,
    attention_states: tf.Tensor,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_size: int | None = None,
    output_projection: tuple[Any, Any] | None = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    dtype: tf.DType | None = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> decoders.Decoded:
    """Returns `attention_decoder` of symbols, as `embedding_rnn_decoder` does."""
    with tf1.variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        steps, loop_function = decoders.embedded(
            decoder_inputs,
            (num_symbols, embedding_size),
            output_projection,
            feed_previous,
            update_embedding_for_previous,
        )
        return attention_decoder(
            steps,
            initial_state,
            attention_states,
            cell,
            output_size,
            num_heads,
            loop_function,
            initial_state_attention=initial_state_attention,
        )


def embedding_attention_seq2seq(
    encoder_inputs: Sequence[tf.Tensor],
    decoder_inputs: Sequence[tf.Tensor],
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_projection: tuple[Any, Any] | None = None,
    feed_previous: bool | tf.Tensor = False,
    dtype: tf.DType | None = None,
    scope: Any = None,
    initial_state_attention: bool = False,
) -> decoders.Decoded:
    """Returns outputs and state of `embedding_rnn_seq2seq` with attention."""
    name = scope or "embedding_attention_seq2seq"
    with tf1.variable_scope(name, dtype=dtype) as opened:
        encoder = decoders.encoding_cell(cell, num_encoder_symbols, embedding_size)
        found, state = tf1.nn.static_rnn(encoder, encoder_inputs, dtype=opened.dtype)
        size = None
        if output_projection is None:
            cell = cells.OutputProjectionWrapper(cell, num_decoder_symbols)
            size = num_decoder_symbols

        def decode(feeds: bool) -> decoders.Decoded:
            return embedding_attention_decoder(
                decoder_inputs,
                state,
                tf.stack(found, 1),
                cell,
                num_decoder_symbols,
                embedding_size,
                num_heads,
                size,
                output_projection,
                feeds,
                initial_state_attention=initial_state_attention,
            )

        return decoders.chosen(decode, feed_previous)


def _check(inputs: Sequence[tf.Tensor], states: tf.Tensor, heads: int) -> None:
    if not inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if heads < 1:
        raise ValueError(
            f"With less than 1 heads, use a non-attention decoder: {heads}"
        )
    if states.shape.as_list()[2] is None:
        raise ValueError(
            f"Shape[2] of attention_states must be known: {states.shape}. Set its "
            "shape."
        )


def _linear(parts: Sequence[tf.Tensor], size: int) -> tf.Tensor:
    """Returns a dense layer over the parts, in the scope that is open."""
    inputs = tf.concat(parts, 1)
    kernel = tf1.get_variable("kernel", [inputs.shape.as_list()[1], size])
    bias = tf1.get_variable("bias", [size], initializer=tf1.zeros_initializer())
    return tf.matmul(inputs, kernel) + bias
