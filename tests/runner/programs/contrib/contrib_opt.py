"""A regression of 2018 with decoupled weight decay; its averages are evaluated."""
import os
import numpy as np
import tensorflow as tf
from tensorflow.contrib.opt import AdamWOptimizer, MovingAverageOptimizer
from tensorflow.contrib.opt.python.training import weight_decay_optimizers

rng = np.random.RandomState(0)
x = rng.randn(64, 2).astype(np.float32)
y = x.dot([[2.0], [-1.0]]) + 0.1 * rng.randn(64, 1)

w = tf.get_variable("w", [2, 1], initializer=tf.zeros_initializer())
loss = tf.losses.mean_squared_error(y, tf.matmul(x, w))
opt = MovingAverageOptimizer(AdamWOptimizer(1e-4, learning_rate=0.1), 0.9)
train_op = opt.minimize(loss, tf.train.get_or_create_global_step())
table = tf.get_variable("table", [3, 2], initializer=tf.ones_initializer())
pull = tf.reduce_sum(tf.nn.embedding_lookup(table, [0, 0]))
lazy = tf.contrib.opt.LazyAdamOptimizer(0.5).minimize(pull, var_list=[table])
still = tf.contrib.opt.NadamOptimizer(0.5, name="still").minimize(
    tf.reduce_sum(w * 0.0), var_list=[w])
DecaySGD = weight_decay_optimizers.extend_with_decoupled_weight_decay(
    tf.train.GradientDescentOptimizer)
decay = DecaySGD(0.5, learning_rate=0.1).minimize(
    tf.reduce_sum(0.0 * table), var_list=[table])
saver = opt.swapping_saver()
path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "swapped-%d" % os.getpid())

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(150):
        sess.run(train_op)
    print("weights %.1f %.1f" % tuple(sess.run(w)[:, 0]))
    saver.save(sess, path)
    average = sess.run("w/ExponentialMovingAverage:0")
    tf.train.Saver([w]).restore(sess, path)
    print("average %s" % np.array_equal(sess.run(w), average))
    sess.run(lazy)
    print("rows %s" % sess.run(table)[:, 0].round(3).tolist())
    sess.run(decay)
    print("halves %s" % sess.run(table)[:, 0].round(3).tolist())
    sess.run(still)
for name in os.listdir(os.path.dirname(path)):
    if name.startswith(os.path.basename(path)):
        os.remove(os.path.join(os.path.dirname(path), name))
