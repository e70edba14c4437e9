"""Beam search."""

import numpy as np

MEMORY = np.cos(np.arange(2 * 5 * 4)).reshape(2, 5, 4).astype(np.float32)
STEPS = np.array([[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]], [[-1, -1, -1]]], np.int32)
PARENTS = np.array([[[0, 0, 0]], [[0, 1, 1]], [[2, 1, 2]], [[-1, -1, -1]]], np.int32)


def _decode(tf, scope, width=3, end=3, **options):
    seq2seq = tf.contrib.seq2seq
    with tf.variable_scope(scope):
        rows = 3.0 * tf.get_variable("embedding", [6, 3])
        cell = tf.nn.rnn_cell.LSTMCell(4)
        decoder = seq2seq.BeamSearchDecoder(
            cell,
            rows,
            tf.constant([1, 2]),
            end,
            cell.zero_state(2 * width, tf.float32),
            width,
            tf.layers.Dense(6, name="words"),
            **options,
        )
        return seq2seq.dynamic_decode(decoder, maximum_iterations=5)


def search(tf):
    found = _decode(tf, "plain")
    outputs, state, lengths = found
    assert isinstance(outputs, tf.contrib.seq2seq.FinalBeamSearchDecoderOutput)
    assert isinstance(state, tf.contrib.seq2seq.BeamSearchDecoderState)
    kinds = [str(each.dtype) for each in [outputs.predicted_ids, state.lengths]]
    return lambda session: [session.run(found), kinds]


def penalties(tf):
    return [
        _decode(tf, "long", end=5, length_penalty_weight=1.5),
        _decode(tf, "one", width=1),
    ]


def trees(tf):
    tree = tf.contrib.seq2seq.gather_tree
    return [
        tree(STEPS[:3], PARENTS[:3], np.array([3], np.int32), 10),
        tree(STEPS[:3], PARENTS[:3], np.array([2], np.int32), 10),
        tree(STEPS[:3], PARENTS[:3], np.array([3], np.int32), 5),
    ]


def _attentive(tf, scope, lengths=(5, 3), end=3, **options):
    seq2seq = tf.contrib.seq2seq
    with tf.variable_scope(scope):
        memory, lengths = seq2seq.tile_batch(
            (tf.constant(MEMORY), tf.constant(lengths)), 2
        )
        mechanism = seq2seq.BahdanauAttention(3, memory, lengths)
        cell = seq2seq.AttentionWrapper(
            tf.nn.rnn_cell.GRUCell(4), mechanism, 4, alignment_history=True
        )
        first = cell.zero_state(4, tf.float32)
        encoded = seq2seq.tile_batch(tf.constant(MEMORY[:, 0]), 2)
        rows = 3.0 * tf.get_variable("embedding", [6, 3])
        decoder = seq2seq.BeamSearchDecoder(
            cell,
            lambda ids: tf.nn.embedding_lookup(rows, ids),
            tf.constant([1, 2]),
            end,
            first.clone(cell_state=encoded),
            2,
            tf.layers.Dense(6, name="words"),
            **options,
        )
        outputs, state, lengths = seq2seq.dynamic_decode(decoder, maximum_iterations=5)
    history = state.cell_state.alignment_history
    if isinstance(history, tf.TensorArray):
        history = history.stack()
    return [
        outputs,
        lengths,
        history,
        state.cell_state.attention,
        state.accumulated_attention_probs,
    ]


def attention(tf):
    return _attentive(tf, "sorted")


def coverage(tf):
    # In TF 1.15 the penalty is not a number where the memory has an end.
    weights = {"coverage_penalty_weight": 0.1, "length_penalty_weight": 0.5}
    return _attentive(tf, "covered", lengths=(5, 5), end=1, **weights)


def unsorted_alignments(tf):
    return _attentive(tf, "unsorted", reorder_tensor_arrays=False)
