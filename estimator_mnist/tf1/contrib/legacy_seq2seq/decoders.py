"""Recurrent decoders, and the models of an encoder and one of them.

Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014.
Sequences are lists of steps; symbols are int32 [batch].
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.rnn import cells

tf1 = tf.compat.v1
Tensors = Sequence[tf.Tensor]
Decoded = tuple[list[tf.Tensor], Any]
LoopFunction = Callable[[tf.Tensor, int], tf.Tensor]


def rnn_decoder(
    decoder_inputs: Tensors,
    initial_state: Any,
    cell: Any,
    loop_function: LoopFunction | None = None,
    scope: Any = None,
) -> Decoded:
    """Returns the outputs of a cell and its state.

    Args:
      decoder_inputs: list of [batch, units].
      initial_state: of the cell.
      cell: of tf.nn.rnn_cell.
      loop_function: makes the next input of an output and its number; None: the
        inputs are those given.
      scope: of variables, "rnn_decoder".
    """
    with tf1.variable_scope(scope or "rnn_decoder"):
        state, outputs = initial_state, list[tf.Tensor]()
        for number, step in enumerate(decoder_inputs):
            step = next_input(step, outputs, loop_function)
            if number > 0:
                tf1.get_variable_scope().reuse_variables()
            output, state = cell(step, state)
            outputs.append(output)
    return outputs, state


def next_input(
    step: tf.Tensor, outputs: Tensors, loop_function: LoopFunction | None
) -> tf.Tensor:
    """Returns the given input, or what the function makes of the last output."""
    if loop_function is None or not outputs:
        return step
    with tf1.variable_scope("loop_function", reuse=True):
        return loop_function(outputs[-1], len(outputs))


def basic_rnn_seq2seq(
    encoder_inputs: Tensors,
    decoder_inputs: Tensors,
    cell: Any,
    dtype: tf.DType = tf.float32,
    scope: Any = None,
) -> Decoded:
    """Returns outputs and state of a decoder that begins with an encoder's state."""
    with tf1.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = tf1.nn.static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def embedding_rnn_decoder(
    decoder_inputs: Tensors,
    initial_state: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    output_projection: tuple[Any, Any] | None = None,
    feed_previous: bool = False,
    update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> Decoded:
    """Returns outputs and state of a decoder whose inputs are symbols.

    Args:
      decoder_inputs: list of symbols.
      initial_state: of the cell.
      cell: of tf.nn.rnn_cell.
      num_symbols: number of symbols.
      embedding_size: units of their embedding.
      output_projection: weights and biases that make logits of outputs.
      feed_previous: whether the input is the symbol that was decoded before.
      update_embedding_for_previous: whether gradients reach the embedding of those.
      scope: of variables, "embedding_rnn_decoder".
    """
    with tf1.variable_scope(scope or "embedding_rnn_decoder"):
        steps, loop_function = embedded(
            decoder_inputs,
            (num_symbols, embedding_size),
            output_projection,
            feed_previous,
            update_embedding_for_previous,
        )
        return rnn_decoder(steps, initial_state, cell, loop_function)


def embedded(
    symbols: Tensors,
    sizes: tuple[int, int],
    projection: tuple[Any, Any] | None,
    feeds_previous: bool,
    updates: bool,
) -> tuple[list[tf.Tensor], LoopFunction | None]:
    """Returns symbols embedded, and a function that embeds the best of logits."""
    embedding = tf1.get_variable("embedding", sizes)

    def loop_function(output: tf.Tensor, number: int) -> tf.Tensor:
        del number
        if projection is not None:
            output = tf1.nn.xw_plus_b(output, *projection)
        found = tf1.nn.embedding_lookup(embedding, tf.argmax(output, 1))
        return found if updates else tf.stop_gradient(found)

    steps = [tf1.nn.embedding_lookup(embedding, each) for each in symbols]
    return steps, loop_function if feeds_previous else None


def embedding_rnn_seq2seq(
    encoder_inputs: Tensors,
    decoder_inputs: Tensors,
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: tuple[Any, Any] | None = None,
    feed_previous: bool | tf.Tensor = False,
    dtype: tf.DType | None = None,
    scope: Any = None,
) -> Decoded:
    """Returns outputs and state of a model of symbols.

    Args:
      encoder_inputs: list of symbols.
      decoder_inputs: list of symbols.
      cell: of tf.nn.rnn_cell.
      num_encoder_symbols: their number.
      num_decoder_symbols: their number.
      embedding_size: units of both embeddings.
      output_projection: as of `embedding_rnn_decoder`; None: outputs are logits.
      feed_previous: bool, or a bool Tensor that chooses.
      dtype: of the state; None: float32.
      scope: of variables, "embedding_rnn_seq2seq".
    """
    with tf1.variable_scope(scope or "embedding_rnn_seq2seq", dtype=dtype) as opened:
        encoder = encoding_cell(cell, num_encoder_symbols, embedding_size)
        dtype = opened.dtype
        _, state = tf1.nn.static_rnn(encoder, encoder_inputs, dtype=dtype)
        if output_projection is None:
            cell = cells.OutputProjectionWrapper(cell, num_decoder_symbols)

        def decode(feeds: bool) -> Decoded:
            return embedding_rnn_decoder(
                decoder_inputs,
                state,
                cell,
                num_decoder_symbols,
                embedding_size,
                output_projection,
                feeds,
            )

        return chosen(decode, feed_previous)


def encoding_cell(cell: Any, symbols: int, size: int) -> Any:
    """Returns a copy of the cell, with variables of its own, for symbols."""
    return cells.EmbeddingWrapper(copy.deepcopy(cell), symbols, size)


def chosen(decode: Callable[[bool], Decoded], feed_previous: Any) -> Decoded:
    """Returns `decode(feed_previous)`; of a Tensor, by a condition in the graph."""
    if isinstance(feed_previous, bool):
        return decode(feed_previous)

    def branch(feeds: bool) -> Decoded:
        reuse = None if feeds else True  # the true branch is made first
        with tf1.variable_scope(tf1.get_variable_scope(), reuse=reuse):
            return decode(feeds)

    return tf1.cond(feed_previous, lambda: branch(True), lambda: branch(False))
