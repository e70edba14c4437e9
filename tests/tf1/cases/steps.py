"""tf.contrib.legacy_seq2seq."""

import numpy as np

STEPS = np.sin(np.arange(3 * 2 * 4)).reshape(3, 2, 4).astype(np.float32)
TARGETS = np.array([[0, 2], [1, 3], [3, 0]], np.int32)
WEIGHTS = np.array([[1, 1], [0.5, 1], [0, 1]], np.float32)


def _lists(tf):
    return [tf.unstack(tf.constant(each)) for each in (STEPS, TARGETS, WEIGHTS)]


def losses(tf):
    legacy, given = tf.contrib.legacy_seq2seq, _lists(tf)
    return [
        legacy.sequence_loss_by_example(*given),
        legacy.sequence_loss_by_example(*given, average_across_timesteps=False),
        legacy.sequence_loss(*given),
        legacy.sequence_loss(*given, average_across_batch=False),
    ]


def recurrent_models(tf):
    legacy = tf.contrib.legacy_seq2seq
    steps, symbols, _ = _lists(tf)
    lstm = tf.nn.rnn_cell.BasicLSTMCell

    def again(output, number):
        return tf.concat([output, tf.ones([2, 1])], 1) * number

    return [
        legacy.basic_rnn_seq2seq(steps, steps[:2], lstm(3)),
        legacy.rnn_decoder(
            steps, tf.ones([2, 3]), tf.nn.rnn_cell.GRUCell(3), loop_function=again
        ),
        legacy.embedding_rnn_seq2seq(symbols, symbols[:2], lstm(3), 4, 5, 2),
        legacy.embedding_rnn_seq2seq(
            symbols, symbols, lstm(3), 4, 5, 2, feed_previous=True, scope="fed"
        ),
    ]


def chosen_by_the_graph(tf):
    legacy = tf.contrib.legacy_seq2seq
    _, symbols, _ = _lists(tf)
    cell, feed = tf.nn.rnn_cell.GRUCell(3), tf.placeholder(tf.bool, [])
    found = legacy.embedding_rnn_seq2seq(
        symbols, symbols, cell, 4, 4, 2, feed_previous=feed
    )
    return lambda session: [session.run(found, {feed: each}) for each in (True, False)]


def attention_models(tf):
    legacy = tf.contrib.legacy_seq2seq
    steps, symbols, _ = _lists(tf)
    gru = tf.nn.rnn_cell.GRUCell
    return [
        legacy.attention_decoder(
            steps,
            tf.ones([2, 3]),
            tf.constant(STEPS.transpose(1, 0, 2)),
            gru(3),
            num_heads=2,
            initial_state_attention=True,
        ),
        legacy.embedding_attention_seq2seq(symbols, symbols[:2], gru(3), 4, 5, 2),
        legacy.embedding_attention_seq2seq(
            symbols,
            symbols,
            tf.nn.rnn_cell.LSTMCell(3),
            4,
            5,
            2,
            feed_previous=True,
            output_projection=(tf.ones([3, 5]), tf.range(5.0)),
            scope="fed",
        ),
    ]


def buckets(tf):
    legacy = tf.contrib.legacy_seq2seq
    _, symbols, weights = _lists(tf)

    def model(encoded, decoded):
        cell = tf.nn.rnn_cell.GRUCell(3)
        return legacy.embedding_attention_seq2seq(encoded, decoded, cell, 4, 4, 2)

    return legacy.model_with_buckets(
        symbols, symbols, symbols, weights, [(1, 2), (3, 3)], model
    )
