"""Rarer parts of tf.contrib: scipy's optimizers, convolutional cells, triplets."""
import numpy as np
import tensorflow as tf
from tensorflow.contrib.distributions import Normal
from tensorflow.contrib.losses.python.metric_learning.metric_loss_ops import (
    triplet_semihard_loss)
from tensorflow.contrib.mixed_precision import FixedLossScaleManager, LossScaleOptimizer
from tensorflow.contrib.opt import ScipyOptimizerInterface

rng = np.random.RandomState(0)
# A physicist's fit, as of 2018: Adam first, with scaled losses, then L-BFGS-B.
at = tf.Variable([3.0, -2.0], name="at")
loss = tf.square(at[0] - 1.0) + 10.0 * tf.square(at[1] - tf.square(at[0]))
adam = LossScaleOptimizer(tf.train.AdamOptimizer(0.05), FixedLossScaleManager(128.0))
train_op = adam.minimize(loss, var_list=[at])
lbfgs = ScipyOptimizerInterface(
    loss, var_list=[at], method="L-BFGS-B",
    options={"maxiter": 500, "ftol": 1e-12})
bounded = ScipyOptimizerInterface(
    loss, var_list=[at], var_to_bounds={at: (-1.0, 0.5)},
    inequalities=[at[0] - 0.25])

pictures = tf.constant(rng.rand(2, 3, 4, 4, 1).astype(np.float32))
cell = tf.contrib.rnn.ConvLSTMCell(2, [4, 4, 1], 3, [3, 3])
frames, _ = tf.nn.dynamic_rnn(cell, pictures, dtype=tf.float32)
gates = tf.contrib.rnn.CoupledInputForgetGateLSTMCell(4, use_peepholes=True)
lines, _ = tf.nn.dynamic_rnn(gates, pictures[:, :, 0, :, 0], dtype=tf.float32)
apart = triplet_semihard_loss([0, 0, 1, 1], tf.eye(4)[:, :2] * [1.0, 1.0])
classes, found = tf.constant([0, 1, 1]), tf.constant([0, 1, 0])
iou, update = tf.contrib.metrics.streaming_mean_iou(found, classes, 2)
chance = Normal(0.0, 1.0).log_prob(0.0)
told = []

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(tf.local_variables_initializer())
    before = sess.run(loss)
    for _ in range(20):
        sess.run(train_op)
    print("fell %s" % (sess.run(loss) < before))
    lbfgs.minimize(sess, fetches=[loss], loss_callback=told.append)
    print("at %.3f %.3f, told %s" % (tuple(sess.run(at)) + (len(told) > 3,)))
    bounded.minimize(sess)
    print("bounded %.2f %.2f" % tuple(sess.run(at)))
    sess.run(update)
    print("frames %s lines %s" % (frames.shape[2:], lines.shape[1:]))
    print("apart %.1f iou %.2f chance %.4f" % tuple(sess.run([apart, iou, chance])))
