"""tf.contrib.rnn and tf.contrib.crf."""

import numpy as np

X = np.sin(np.arange(2 * 4 * 3)).reshape(2, 4, 3).astype(np.float32)
LENGTHS = np.array([4, 2], np.int32)
SCORES = np.cos(np.arange(24)).reshape(2, 4, 3).astype(np.float32)
TAGS = np.array([[0, 2, 1, 1], [1, 0, 0, 0]], np.int32)
TRANSITIONS = np.sin(np.arange(9) * 2).reshape(3, 3).astype(np.float32)


def _dynamic(tf, cell):
    return tf.nn.dynamic_rnn(cell, tf.constant(X), LENGTHS, dtype=tf.float32)


def block_cells(tf):
    rnn = tf.contrib.rnn
    return [
        _dynamic(tf, rnn.LSTMBlockCell(2)),
        tf.nn.dynamic_rnn(
            rnn.LSTMBlockCell(2, forget_bias=0.5, use_peephole=True),
            tf.constant(X),
            dtype=tf.float32,
            scope="peephole",
        ),
        tf.nn.dynamic_rnn(
            rnn.GRUBlockCellV2(2), tf.constant(X), dtype=tf.float32, scope="gru"
        ),
    ]


def fused_cells(tf):
    rnn = tf.contrib.rnn
    steps = tf.constant(X.transpose(1, 0, 2))
    fused = rnn.LSTMBlockFusedCell(2)
    adaptor = rnn.FusedRNNCellAdaptor(rnn.BasicRNNCell(2), use_dynamic_rnn=True)
    backwards = rnn.TimeReversedFusedRNN(adaptor)
    return [
        fused(steps, dtype=tf.float32),
        fused(steps, dtype=tf.float32, sequence_length=LENGTHS),
        backwards(steps, dtype=tf.float32, sequence_length=LENGTHS),
        rnn.transpose_batch_time(steps),
    ]


def stacked_directions(tf):
    rnn = tf.contrib.rnn
    forward = [rnn.LSTMCell(2), rnn.GRUCell(3)]
    backward = [rnn.LSTMCell(2), rnn.GRUCell(3)]
    return rnn.stack_bidirectional_dynamic_rnn(
        forward, backward, tf.constant(X), dtype=tf.float32, sequence_length=LENGTHS
    )


def stacked_static_directions(tf):
    rnn = tf.contrib.rnn
    forward, backward = [rnn.BasicRNNCell(2)], [rnn.BasicRNNCell(2)]
    steps = tf.unstack(tf.constant(X), axis=1)
    return rnn.stack_bidirectional_rnn(forward, backward, steps, dtype=tf.float32)


def wrappers(tf):
    rnn = tf.contrib.rnn
    ids = tf.constant([[0, 2], [1, 1]])
    return [
        _dynamic(tf, rnn.OutputProjectionWrapper(rnn.BasicRNNCell(2), 4)),
        tf.nn.dynamic_rnn(
            rnn.InputProjectionWrapper(rnn.BasicRNNCell(2), 5, activation=tf.tanh),
            tf.constant(X),
            dtype=tf.float32,
            scope="input",
        ),
        tf.nn.dynamic_rnn(
            rnn.EmbeddingWrapper(rnn.BasicRNNCell(2), 3, 4),
            ids[:, :, None],
            dtype=tf.float32,
            scope="embedding",
        ),
        tf.nn.dynamic_rnn(
            rnn.HighwayWrapper(rnn.BasicRNNCell(3)),
            tf.constant(X),
            dtype=tf.float32,
            scope="highway",
        ),
    ]


def normalized_cells(tf):
    rnn = tf.contrib.rnn
    return [
        _dynamic(tf, rnn.LayerNormBasicLSTMCell(3)),
        tf.nn.dynamic_rnn(
            rnn.LayerNormBasicLSTMCell(2, layer_norm=False),
            tf.constant(X),
            dtype=tf.float32,
            scope="plain",
        ),
    ]


def random_fields(tf):
    crf = tf.contrib.crf
    scores, tags = tf.constant(SCORES), tf.constant(TAGS)
    lengths, transitions = tf.constant(LENGTHS), tf.constant(TRANSITIONS)
    likelihood, params = crf.crf_log_likelihood(scores, tags, lengths)
    bitmap = np.zeros([2, 4, 3], bool)
    bitmap[:, :, :2] = True
    found = [
        likelihood,
        params,
        crf.crf_sequence_score(scores, tags, lengths, transitions),
        crf.crf_unary_score(tags, lengths, scores),
        crf.crf_binary_score(tags, lengths, transitions),
        crf.crf_log_norm(scores, lengths, transitions),
        crf.crf_decode(scores, transitions, lengths),
        crf.crf_multitag_sequence_score(
            scores, tf.constant(bitmap), lengths, transitions
        ),
        tf.gradients(likelihood, scores),
    ]
    decoded = crf.viterbi_decode(SCORES[0], TRANSITIONS)
    return lambda session: [session.run(found), decoded]


def other_gates(tf):
    rnn = tf.contrib.rnn
    coupled = rnn.CoupledInputForgetGateLSTMCell

    def over(cell, scope):
        return tf.nn.dynamic_rnn(cell, tf.constant(X), dtype=tf.float32, scope=scope)

    return [
        over(coupled(3), "plain"),
        over(coupled(3, use_peepholes=True, num_proj=2, proj_clip=0.1), "projected"),
        over(coupled(2, state_is_tuple=False, forget_bias=0.5), "one"),
        over(rnn.UGRNNCell(3), "ugrnn"),
        over(rnn.IndRNNCell(3), "independent"),
    ]


def convolutional_cells(tf):
    rnn = tf.contrib.rnn
    steps = np.cos(np.arange(2 * 3 * 4 * 5 * 2)).reshape(2, 3, 4, 5, 2)
    pictures = tf.constant(steps.astype(np.float32))
    cell = rnn.ConvLSTMCell(2, [4, 5, 2], 3, [3, 3])
    line = rnn.Conv1DLSTMCell(
        input_shape=[5, 2], output_channels=2, kernel_shape=[3], use_bias=False
    )
    return [
        tf.nn.dynamic_rnn(cell, pictures, dtype=tf.float32),
        tf.nn.dynamic_rnn(line, pictures[:, :, 0], dtype=tf.float32, scope="line"),
    ]
