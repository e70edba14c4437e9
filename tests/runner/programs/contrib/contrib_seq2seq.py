"""Sequences of three words reversed, by attention; a translation model of 2017."""
import numpy as np
import tensorflow as tf
from tensorflow.contrib import seq2seq
from tensorflow.contrib.seq2seq.python.ops import basic_decoder

START, END, WORDS, UNITS = 0, 1, 5, 24
source = np.array([[a, b, c] for a in range(2, 5) for b in range(2, 5)
                   for c in range(2, 5)], np.int32)
count = len(source)
target = np.concatenate([source[:, ::-1], np.full([count, 1], END)], 1)
fed = np.concatenate([np.full([count, 1], START), target[:, :-1]], 1)

embedding = tf.get_variable("embedding", [WORDS, UNITS])
with tf.variable_scope("encoder"):
    memory, state = tf.nn.dynamic_rnn(
        tf.nn.rnn_cell.GRUCell(UNITS),
        tf.nn.embedding_lookup(embedding, source), dtype=tf.float32)
lengths = tf.fill([count], 3)
attention = seq2seq.LuongAttention(
    UNITS, memory, memory_sequence_length=lengths, scale=True)
cell = seq2seq.AttentionWrapper(
    tf.nn.rnn_cell.GRUCell(UNITS), attention, attention_layer_size=UNITS)
first = cell.zero_state(count, tf.float32).clone(cell_state=state)
projection = tf.layers.Dense(WORDS, name="projection")


def decode(helper, reuse, **kwargs):
    decoder = basic_decoder.BasicDecoder(cell, helper, first, projection)
    with tf.variable_scope("decode", reuse=reuse):
        return seq2seq.dynamic_decode(decoder, **kwargs)


outputs, _, _ = decode(seq2seq.TrainingHelper(
    tf.nn.embedding_lookup(embedding, fed), tf.fill([count], 4)), False)
loss = seq2seq.sequence_loss(
    outputs.rnn_output, tf.constant(target, tf.int32), tf.ones([count, 4]))
train_op = tf.train.AdamOptimizer(0.02).minimize(loss)
said, _, said_lengths = decode(
    seq2seq.GreedyEmbeddingHelper(embedding, tf.fill([count], START), END),
    True, maximum_iterations=6, impute_finished=True)
drawn, _, _ = decode(
    seq2seq.SampleEmbeddingHelper(
        embedding, tf.fill([count], START), END, softmax_temperature=0.5),
    True, maximum_iterations=2)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    losses = [sess.run([loss, train_op])[0] for _ in range(120)]
    print("fell %s" % (losses[-1] < 0.1 * losses[0]))
    words, ends = sess.run([said.sample_id, said_lengths])
    right = (words[:, :4] == target).all(1) & (ends == 4)
    print("right %.3f" % right.mean())
    print("drawn %s" % (sess.run(drawn.sample_id).shape,))
print([v.op.name for v in tf.trainable_variables() if "attention_g" in v.name])
