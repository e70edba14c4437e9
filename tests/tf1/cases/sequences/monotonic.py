"""Monotonic attention."""

import numpy as np

X = np.sin(np.arange(2 * 4 * 3)).reshape(2, 4, 3).astype(np.float32)
MEMORY = np.cos(np.arange(2 * 5 * 4)).reshape(2, 5, 4).astype(np.float32)
P = np.array([[0.2, 0.9, 0.5, 0.0], [0.7, 0.1, 1.0, 0.3]], np.float32)
BEFORE = np.array([[0.5, 0.3, 0.2, 0.0], [0.0, 1.0, 0.0, 0.0]], np.float32)


def functions(tf):
    seq2seq = tf.contrib.seq2seq
    x = tf.constant(P)
    product = seq2seq.safe_cumprod(x, axis=1, exclusive=True)
    return [
        seq2seq.monotonic_attention(P, BEFORE, "recursive"),
        seq2seq.monotonic_attention(P, BEFORE, "parallel"),
        seq2seq.monotonic_attention(np.round(P), np.round(BEFORE), "hard"),
        product,
        seq2seq.hardmax(x),
    ]


def _attend(tf, scope, make, **options):
    seq2seq = tf.contrib.seq2seq
    with tf.variable_scope(scope):
        mechanism = make(4, tf.constant(MEMORY), [5, 3], **options)
        cell = seq2seq.AttentionWrapper(tf.nn.rnn_cell.GRUCell(4), mechanism, 3)
        helper = seq2seq.TrainingHelper(tf.constant(X), [4, 2])
        decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(2, tf.float32))
        outputs, state, _ = seq2seq.dynamic_decode(decoder)
    return [outputs, state.alignments]


def mechanisms(tf):
    seq2seq = tf.contrib.seq2seq
    return [
        _attend(tf, "a", seq2seq.BahdanauMonotonicAttention, normalize=True),
        _attend(tf, "b", seq2seq.LuongMonotonicAttention, scale=True, mode="recursive"),
        _attend(tf, "c", seq2seq.LuongMonotonicAttention, score_bias_init=1.0),
        _attend(tf, "d", seq2seq.BahdanauMonotonicAttention, mode="hard"),
    ]
