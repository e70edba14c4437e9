"""The decoder that keeps the best of several continuations, by beam search."""

from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.tf1.contrib.seq2seq import beams, decoding, helpers
from estimator_mnist.tf1.contrib.seq2seq.attention import AttentionWrapperState

tf1 = tf.compat.v1


class BeamSearchDecoderState(NamedTuple):
    """What the search carries: log_probs and lengths are [batch, beams]."""

    cell_state: Any
    log_probs: tf.Tensor
    finished: tf.Tensor
    lengths: tf.Tensor
    accumulated_attention_probs: Any


class BeamSearchDecoderOutput(NamedTuple):
    """Choices of a step, [batch, beams]: scores, words, and the beams they continue."""

    scores: Any
    predicted_ids: Any
    parent_ids: Any


class FinalBeamSearchDecoderOutput(NamedTuple):
    """Words of the best beams [batch, time, beams], the best first; and all choices."""

    predicted_ids: tf.Tensor
    beam_search_decoder_output: BeamSearchDecoderOutput


class BeamSearchDecoder(decoding.Decoder):
    """Decodes with a beam search, for `dynamic_decode`.

    With an AttentionWrapper, memory and its lengths must be tiled by `tile_batch`, and
    so must the encoder's state; `zero_state` takes batch_size * beam_width.

    Args:
      cell: of tf.nn.rnn_cell.
      embedding: function of ids, or the rows of an embedding.
      start_tokens: int32 [batch].
      end_token: int32 scalar that finishes a beam.
      initial_state: of the cell, [batch * beam_width, ...].
      beam_width: number of beams.
      output_layer: layer of tf.layers that makes logits of the cell's outputs.
      length_penalty_weight: alpha of Wu et al., "Google's Neural Machine Translation
        System", 2016, equation 14; 0: none.
      coverage_penalty_weight: beta of the same equation, for an AttentionWrapper.
      reorder_tensor_arrays: whether alignments of all steps are sorted by beam at the
        end; they are a tensor then.

    Raises:
      ValueError: tokens have another rank.
    """

    def __init__(
        self,
        cell: Any,
        embedding: Any,
        start_tokens: tf.Tensor,
        end_token: int | tf.Tensor,
        initial_state: Any,
        beam_width: int,
        output_layer: Any = None,
        length_penalty_weight: float = 0.0,
        coverage_penalty_weight: float = 0.0,
        reorder_tensor_arrays: bool = True,
    ) -> None:
        self._cell, self._output_layer = cell, output_layer
        self._width, self._sorts = beam_width, reorder_tensor_arrays
        self._penalties = (length_penalty_weight, coverage_penalty_weight)
        start, self._end = helpers.tokens(start_tokens, end_token)
        self._batch = tf.size(start)
        self._start = tf.repeat(start[:, None], beam_width, 1)
        self._embed = helpers.embedding_function(embedding)
        self._first_inputs = self._embed(self._start)
        self._dtype = tf.nest.flatten(initial_state)[0].dtype
        self._first_state = tf.nest.map_structure(self._apart, initial_state)

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size, without the beams."""
        return self._batch

    @property
    def tracks_own_finished(self) -> bool:
        """Returns True: a beam may continue another one, which is not finished."""
        return True

    @property
    def output_size(self) -> BeamSearchDecoderOutput:
        """The sizes of the outputs of an element."""
        size = tf.TensorShape([self._width])
        return BeamSearchDecoderOutput(size, size, size)

    @property
    def output_dtype(self) -> BeamSearchDecoderOutput:
        """The types of the outputs."""
        return BeamSearchDecoderOutput(self._dtype, tf.int32, tf.int32)

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any, Any]:
        """Returns which beams are finished, the first inputs, and the state.

        All but the first beam of an element are impossible at first.
        """
        del name
        is_first = tf.one_hot(
            tf.zeros([self._batch], tf.int32), self._width, True, False, dtype=tf.bool
        )
        shape = tf.shape(is_first)
        never = tf.fill(shape, tf.constant(-float("inf"), self._dtype))
        attention: Any = ()
        if self._penalties[1]:
            attention = tf.nest.map_structure(tf.zeros_like, self._alignments())
        state = BeamSearchDecoderState(
            self._first_state,
            tf.where(is_first, tf.zeros(shape, self._dtype), never),
            ~is_first,
            tf.zeros(shape, tf.int64),
            attention,
        )
        return state.finished, self._first_inputs, state

    def step(
        self,
        time: tf.Tensor,
        inputs: Any,
        state: BeamSearchDecoderState,
        name: str | None = None,
    ) -> tuple[Any, Any, Any, tf.Tensor]:
        """Returns the choices, the state, the next inputs and which beams are finished.

        Inputs are [batch, beams, ...].
        """
        with tf1.name_scope(name, "BeamSearchDecoderStep", [time]):
            logits, cell_state = self._logits(inputs, state.cell_state)
            output, state = self._choose(logits, state._replace(cell_state=cell_state))
            ids = output.predicted_ids
            following = tf1.cond(
                tf.reduce_all(state.finished),
                lambda: self._first_inputs,
                lambda: self._embed(ids),
            )
        return output, state, following, state.finished

    def finalize(
        self,
        outputs: BeamSearchDecoderOutput,
        final_state: BeamSearchDecoderState,
        sequence_lengths: tf.Tensor,
    ) -> tuple[FinalBeamSearchDecoderOutput, BeamSearchDecoderState]:
        """Returns the words of each beam from start to end, and the final state."""
        del sequence_lengths  # of the state, too
        lengths = final_state.lengths
        longest = tf.cast(tf.reduce_max(lengths, 1), tf.int32)
        ids = beams.gather_tree(
            outputs.predicted_ids, outputs.parent_ids, longest, self._end
        )
        if self._sorts:
            sorted_state = tf.nest.map_structure(
                lambda each: _sorted(each, outputs.parent_ids, lengths),
                final_state.cell_state,
            )
            final_state = final_state._replace(cell_state=sorted_state)
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state

    def _apart(self, tensor: Any) -> Any:
        """Returns [batch, beams, ...] of [batch * beams, ...]; others as they are."""
        if isinstance(tensor, tf.TensorArray) or tensor.shape.rank == 0:
            return tensor
        inner = tf.shape(tensor)[1:]
        shape = tf.concat([[self._batch, self._width], inner], 0)
        batch = tf.get_static_value(self._batch)
        static = [None if batch is None else int(batch), self._width]
        return tf.ensure_shape(
            tf.reshape(tensor, shape), [*static, *tensor.shape.as_list()[1:]]
        )

    def _merged(self, tensor: Any) -> Any:
        """Returns [batch * beams, ...] of [batch, beams, ...]; others as they are."""
        if isinstance(tensor, tf.TensorArray) or tensor.shape.rank == 0:
            return tensor
        inner = tf.shape(tensor)[2:]
        shape = tf.concat([[self._batch * self._width], inner], 0)
        static = [None, *tensor.shape.as_list()[2:]]
        return tf.ensure_shape(tf.reshape(tensor, shape), static)

    def _logits(self, inputs: Any, cell_state: Any) -> tuple[tf.Tensor, Any]:
        """Returns logits [batch, beams, words], and the cell's next state."""
        inputs, cell_state = tf.nest.map_structure(self._merged, (inputs, cell_state))
        outputs, cell_state = self._cell(inputs, cell_state)
        if self._output_layer is not None:
            outputs = self._output_layer(outputs)
        return tf.nest.map_structure(self._apart, (outputs, cell_state))

    def _alignments(self) -> Any:
        if not isinstance(self._first_state, AttentionWrapperState):
            raise ValueError(
                "coverage_penalty_weight needs an AttentionWrapper: set it to 0."
            )
        return _mean(self._first_state.alignments)

    def _choose(
        self, logits: tf.Tensor, state: BeamSearchDecoderState
    ) -> tuple[BeamSearchDecoderOutput, BeamSearchDecoderState]:
        """Returns the best of all continuations, and the state after them."""
        words = logits.shape.as_list()[-1] or tf.shape(logits)[-1]
        total = state.log_probs[..., None] + self._log_probs(logits, state.finished)
        if self._penalties[1]:
            state = state._replace(accumulated_attention_probs=_added(state))
        flat = tf.reshape(
            self._scores(total, state), [self._batch, self._width * words]
        )
        scores, best = tf.math.top_k(flat, self._width)
        ids, parents = best % words, best // words

        def chosen(tensor: Any) -> Any:
            if isinstance(tensor, tf.TensorArray) or tensor.shape.rank < 2:
                return tensor
            return tf.gather(tensor, parents, batch_dims=1)

        kept = tf.nest.map_structure(chosen, state)
        total = tf.reshape(total, tf.shape(flat))
        after = kept._replace(
            log_probs=tf.gather(total, best, batch_dims=1),
            finished=kept.finished | tf.equal(ids, self._end),
            lengths=kept.lengths + tf.cast(~kept.finished, tf.int64),
        )
        return BeamSearchDecoderOutput(scores, ids, parents), _shaped(after, state)

    def _log_probs(self, logits: tf.Tensor, finished: tf.Tensor) -> tf.Tensor:
        """Returns log probabilities; after its end only the end token is possible."""
        words = tf.shape(logits)[-1]
        only_end = tf.one_hot(
            self._end,
            words,
            tf.constant(0, logits.dtype),
            tf.constant(logits.dtype.min, logits.dtype),
        )
        return tf.where(finished[..., None], only_end, tf.nn.log_softmax(logits))

    def _scores(self, total: tf.Tensor, state: BeamSearchDecoderState) -> tf.Tensor:
        """Returns what continuations [batch, beams, words] are compared by."""
        length_weight, coverage_weight = self._penalties
        if _is_used(length_weight):
            # The end token does not count.
            is_word = tf.one_hot(self._end, tf.shape(total)[-1], 0.0, 1.0)
            longer = is_word * tf.cast(~state.finished, tf.float32)[..., None]
            lengths = tf.cast(state.lengths, tf.float32)[..., None] + longer
            penalty = ((5.0 + lengths) / 6.0) ** length_weight
            total = total / tf.cast(penalty, total.dtype)
        if _is_used(coverage_weight):
            seen = tf.minimum(state.accumulated_attention_probs, 1.0)
            # Steps after the end of the memory get no attention, and do not count. As
            # in TF 1.15, only beams that have ended pay for what they have left out.
            logs = tf.where(seen > 0, tf.math.log(seen), tf.zeros_like(seen))
            coverage = tf.reduce_sum(logs, 2)
            coverage *= tf.cast(state.finished, coverage.dtype)
            total += coverage_weight * coverage[..., None]
        return total


def _is_used(weight: float | tf.Tensor) -> bool:
    """Returns whether a weight is not known to be 0."""
    return tf.get_static_value(tf.convert_to_tensor(weight)) != 0


def _shaped(after: Any, before: Any) -> Any:
    """Returns the tensors with the static shapes that they had: a loop wants them."""

    def shaped(tensor: Any, was: Any) -> Any:
        if isinstance(tensor, tf.TensorArray):
            return tensor
        return tf.ensure_shape(tensor, was.shape)

    return tf.nest.map_structure(shaped, after, before)


def _mean(alignments: Any) -> tf.Tensor:
    """Returns the mean of the alignments of several mechanisms."""
    if isinstance(alignments, tuple):
        return tf.add_n(alignments) / len(alignments)
    return alignments


def _added(state: BeamSearchDecoderState) -> tf.Tensor:
    """Returns the attention so far; that of finished beams does not grow."""
    before, now = state.accumulated_attention_probs, _mean(state.cell_state.alignments)
    return tf.where(state.finished[..., None], before, before + now)


def _sorted(each: Any, parent_ids: tf.Tensor, lengths: tf.Tensor) -> Any:
    if not isinstance(each, tf.TensorArray):
        return each
    return beams.sorted_by_beam(each.stack(), parent_ids, lengths)
