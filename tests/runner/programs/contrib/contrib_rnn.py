"""Tags of a sequence by a bidirectional LSTM and a conditional random field."""
import numpy as np
import tensorflow as tf
from tensorflow.contrib import crf, rnn
from tensorflow.contrib.rnn.python.ops import core_rnn_cell

rng = np.random.RandomState(0)
data = rng.randn(16, 6, 3).astype(np.float32)
tags = data.argmax(2)
lengths = np.array([6, 4] * 8)

cells = [[rnn.LSTMBlockCell(8) for _ in range(2)] for _ in range(2)]
cells[0].append(core_rnn_cell.GRUCell(6))
cells[1].append(rnn.DropoutWrapper(rnn.GRUCell(6), output_keep_prob=1.0))
outputs, _, _ = rnn.stack_bidirectional_dynamic_rnn(
    cells[0], cells[1], tf.constant(data), dtype=tf.float32,
    sequence_length=lengths)
scores = tf.contrib.layers.linear(outputs, 3, scope="scores")
likelihood, transitions = crf.crf_log_likelihood(scores, tags, lengths)
loss = tf.reduce_mean(-likelihood)
train_op = tf.contrib.training.create_train_op(
    loss, tf.train.AdamOptimizer(0.05),
    transform_grads_fn=tf.contrib.training.clip_gradient_norms_fn(5.0))
best, _ = crf.crf_decode(scores, transitions, lengths)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    losses = [sess.run(train_op) for _ in range(60)]
    print("fell %s" % (losses[-1] < 0.5 * losses[0]))
    unary, params, found = sess.run([scores, transitions, best])
    single, _ = crf.viterbi_decode(unary[1][:4], params)
    print("same %s" % (single == found[1][:4].tolist()))
    print("padding %s" % found[1][4:].tolist())
    known = np.arange(6) < lengths[:, None]
    print("right %.3f" % (found == tags)[known].mean())
print(sorted(v.op.name for v in tf.trainable_variables())[0])
