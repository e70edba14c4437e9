"""Helpers that feed what was said, or what a program's functions say."""

import numpy as np

X = np.sin(np.arange(2 * 4 * 3)).reshape(2, 4, 3).astype(np.float32)
MORE = np.cos(np.arange(2 * 4 * 2)).reshape(2, 4, 2).astype(np.float32)
LENGTHS = np.array([4, 2], np.int32)


def _certain(tf, units):
    """A cell whose outputs are so large that drawing from them is no chance."""

    class Certain(tf.nn.rnn_cell.RNNCell):
        output_size = units
        state_size = units

        def __call__(self, inputs, state, scope=None):
            found = tf.layers.dense(tf.concat([inputs, state], 1), units, tf.tanh)
            return 1e5 * found, found

    return Certain()


def _decode(tf, helper, cell, units, scope="net", reuse=False):
    seq2seq = tf.contrib.seq2seq
    decoder = seq2seq.BasicDecoder(cell, helper, tf.zeros([2, units]))
    with tf.variable_scope(scope, reuse=reuse):
        return seq2seq.dynamic_decode(decoder, maximum_iterations=4)


def words_drawn(tf):
    make = tf.contrib.seq2seq.ScheduledEmbeddingTrainingHelper
    rows = tf.get_variable("embedding", [5, 3])
    cell = _certain(tf, 5)
    return [
        _decode(tf, make(X, LENGTHS, rows, p), cell, 5, f"net{number}")
        for number, p in enumerate([0.0, 1.0])
    ]


def outputs_fed(tf):
    make = tf.contrib.seq2seq.ScheduledOutputTrainingHelper
    steps = X.transpose(1, 0, 2)
    cell = tf.nn.rnn_cell.GRUCell(3)
    with_more = make(X, LENGTHS, 1.0, auxiliary_inputs=MORE)
    return [
        _decode(tf, make(X, LENGTHS, 0.0), cell, 3, "a"),
        _decode(tf, make(X, LENGTHS, 1.0), cell, 3, "a", reuse=True),
        _decode(
            tf,
            make(steps, LENGTHS, 1.0, True, next_inputs_fn=lambda x: 2 * x),
            cell,
            3,
            "a",
            reuse=True,
        ),
        _decode(tf, with_more, tf.nn.rnn_cell.GRUCell(3), 3, "b"),
    ]


def inference(tf):
    make = tf.contrib.seq2seq.InferenceHelper
    start = tf.constant(X[:, 0])
    helper = make(
        lambda outputs: 2.0 * outputs,
        [3],
        tf.float32,
        start,
        lambda samples: tf.reduce_max(samples, 1) > 0.9,
    )
    other = make(
        lambda outputs: tf.argmax(outputs, 1, output_type=tf.int32),
        [],
        tf.int32,
        start,
        lambda ids: tf.equal(ids, 1),
        lambda ids: tf.one_hot(ids, 3),
    )
    cell = tf.nn.rnn_cell.GRUCell(3)
    return [
        _decode(tf, helper, cell, 3),
        _decode(tf, other, cell, 3, reuse=True),
    ]
