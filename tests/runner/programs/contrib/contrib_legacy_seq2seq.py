"""A translation model of 2016 with buckets: it repeats a word to the end."""
import numpy as np
import tensorflow as tf
from tensorflow.contrib.legacy_seq2seq.python.ops import seq2seq

WORDS, UNITS, LENGTH = 4, 12, 3
source = np.repeat(np.arange(1, WORDS)[:, None], LENGTH, 1)
feeds = [tf.placeholder(tf.int32, [None]) for _ in range(LENGTH)]
go = [tf.zeros_like(feeds[0])] + feeds[:-1]
weights = [tf.ones_like(each, tf.float32) for each in feeds]


def model(encoded, decoded, feed_previous):
    return tf.nn.seq2seq.embedding_attention_seq2seq(
        encoded, decoded, tf.nn.rnn_cell.GRUCell(UNITS), WORDS, WORDS, UNITS,
        feed_previous=feed_previous)


_, losses = seq2seq.model_with_buckets(
    feeds, go, feeds, weights, [(2, 2), (3, 3)], lambda x, y: model(x, y, False))
with tf.variable_scope(tf.get_variable_scope(), reuse=True):
    outputs, _ = model(feeds, go, True)
train_op = tf.train.AdamOptimizer(0.05).minimize(tf.add_n(losses))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = dict(zip(feeds, source.T))
    first = sess.run(losses[1], feed)
    for _ in range(60):
        sess.run(train_op, feed)
    print("fell %s" % (sess.run(losses[1], feed) < 0.1 * first))
    said = np.array(sess.run(outputs, feed)).argmax(2).T
    print("same %s" % np.array_equal(said, source))
print(len(tf.trainable_variables()))
