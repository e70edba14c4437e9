"""tf.contrib.seq2seq."""

import numpy as np

X = np.sin(np.arange(2 * 4 * 3)).reshape(2, 4, 3).astype(np.float32)
MEMORY = np.cos(np.arange(2 * 5 * 4)).reshape(2, 5, 4).astype(np.float32)
LENGTHS = np.array([4, 2], np.int32)
TARGETS = np.array([[0, 2, 1, 1], [1, 0, 0, 0]], np.int32)
WEIGHTS = np.array([[1, 1, 0.5, 1], [1, 0.5, 0, 0]], np.float32)


def losses(tf):
    loss = tf.contrib.seq2seq.sequence_loss
    logits, targets, weights = (tf.constant(each) for each in (X, TARGETS, WEIGHTS))

    def averaged(time, batch):
        return loss(logits, targets, weights, time, batch)

    def summed(time, batch):
        return loss(logits, targets, weights, False, False, time, batch)

    choices = [(False, False), (False, True), (True, False), (True, True)]
    own = tf.nn.sparse_softmax_cross_entropy_with_logits
    return [
        [averaged(*each) for each in choices],
        [summed(*each) for each in choices],
        loss(logits, targets, weights, softmax_loss_function=own),
        tf.contrib.seq2seq.tile_batch((targets, {"x": logits[:, 0]}), 3),
    ]


def training(tf):
    seq2seq = tf.contrib.seq2seq
    cell = tf.nn.rnn_cell.GRUCell(3)
    state = cell.zero_state(2, tf.float32)
    dense = tf.layers.Dense(4)
    found = []
    for number, options in enumerate(
        [{}, {"impute_finished": True}, {"maximum_iterations": 3}]
    ):
        helper = seq2seq.TrainingHelper(tf.constant(X), LENGTHS)
        decoder = seq2seq.BasicDecoder(cell, helper, state, dense)
        with tf.variable_scope("net", reuse=number > 0):
            found.append(seq2seq.dynamic_decode(decoder, **options))
    steps = tf.constant(X.transpose(1, 0, 2))
    helper = seq2seq.TrainingHelper(steps, LENGTHS, time_major=True)
    decoder = seq2seq.BasicDecoder(cell, helper, state)
    with tf.variable_scope("net", reuse=True):
        outputs, _, _ = seq2seq.dynamic_decode(decoder, output_time_major=True)
    return [found, outputs, tf.gradients(found[0][0].rnn_output, dense.kernel)]


def greedy(tf):
    seq2seq = tf.contrib.seq2seq
    rows = tf.get_variable("embedding", [5, 3])
    helper = seq2seq.GreedyEmbeddingHelper(rows, tf.constant([1, 2]), 3)
    cell = tf.nn.rnn_cell.BasicLSTMCell(4)
    decoder = seq2seq.BasicDecoder(
        cell, helper, cell.zero_state(2, tf.float32), tf.layers.Dense(5, name="words")
    )
    return seq2seq.dynamic_decode(decoder, maximum_iterations=6, scope="speak")


def _attend(tf, mechanism, scope, **options):
    seq2seq = tf.contrib.seq2seq
    with tf.variable_scope(scope):
        cell = seq2seq.AttentionWrapper(
            tf.nn.rnn_cell.LSTMCell(4), mechanism(), **options
        )
        helper = seq2seq.TrainingHelper(tf.constant(X), LENGTHS)
        state = cell.zero_state(2, tf.float32)
        decoder = seq2seq.BasicDecoder(cell, helper, state)
        outputs, state, lengths = seq2seq.dynamic_decode(decoder)
    return [outputs, state.cell_state, state.attention, state.alignments, lengths]


def additive_attention(tf):
    make = tf.contrib.seq2seq.BahdanauAttention
    memory = tf.constant(MEMORY)
    return [
        _attend(tf, lambda: make(3, memory), "plain", attention_layer_size=6),
        _attend(tf, lambda: make(3, memory, [5, 3], normalize=True), "normed"),
    ]


def multiplicative_attention(tf):
    make = tf.contrib.seq2seq.LuongAttention
    memory = tf.constant(MEMORY)
    return [
        _attend(tf, lambda: make(4, memory, [5, 3]), "plain", output_attention=False),
        _attend(tf, lambda: make(4, memory, scale=True), "scaled"),
        _attend(
            tf,
            lambda: [make(4, memory), make(4, memory, [5, 3])],
            "two",
            attention_layer_size=[2, 3],
        ),
    ]


def alignments_of_all_steps(tf):
    seq2seq = tf.contrib.seq2seq
    mechanism = seq2seq.LuongAttention(4, tf.constant(MEMORY))
    inner = tf.nn.rnn_cell.GRUCell(4)
    cell = seq2seq.AttentionWrapper(inner, mechanism, 4, alignment_history=True)
    first = cell.zero_state(2, tf.float32).clone(cell_state=tf.ones([2, 4]))
    helper = seq2seq.TrainingHelper(tf.constant(X), LENGTHS)
    decoder = seq2seq.BasicDecoder(cell, helper, first)
    _, state, _ = seq2seq.dynamic_decode(decoder, impute_finished=True)
    return [state.alignment_history.stack(), state.time, state.cell_state]
