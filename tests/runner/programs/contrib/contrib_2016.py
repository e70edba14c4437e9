"""A regression of 2016: names from before TensorFlow 1.0, and scipy.misc."""
import inspect
import sys
import time
from collections import Iterable

import numpy as np
import scipy.misc
import tensorflow as tf

FOLDER = sys.argv[1]
start = time.clock()

rng = np.random.RandomState(0)
data = rng.randn(64, 2).astype(np.float32)
target = data.dot([[2.0], [-1.0]]).astype(np.float32)

x = tf.placeholder(tf.float32, [None, 2])
y = tf.placeholder(tf.float32, [None, 1])
first, second = tf.split(1, 2, x)
both = tf.concat(1, [first, second])
w = tf.Variable(tf.zeros([2, 1]), name="w")
error = tf.sub(tf.matmul(both, w), y)
loss = tf.reduce_mean(tf.mul(error, error), reduction_indices=[0, 1])
signs = tf.select(tf.greater(error, 0), tf.neg(error), error)
pair = tf.pack([loss, tf.reduce_max(signs)])
tf.scalar_summary("loss", loss)
tf.histogram_summary("weights", w)
merged = tf.merge_all_summaries()
train = tf.train.GradientDescentOptimizer(0.3).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.initialize_all_variables())
    writer = tf.train.SummaryWriter(FOLDER, sess.graph)
    for step in range(60):
        _, summary = sess.run([train, merged], {x: data, y: target})
        writer.add_summary(summary, step)
    writer.close()
    print("weights %.3f %.3f" % tuple(sess.run(w)[:, 0]))
    print("loss %.6f %.6f" % tuple(sess.run(pair, {x: data, y: target})))

scipy.misc.imsave(FOLDER + "/picture.png", np.outer(np.arange(8), np.ones(6)))
picture = scipy.misc.imread(FOLDER + "/picture.png")
small = scipy.misc.imresize(picture, (4, 3))
print("picture", picture.shape, picture.dtype, picture.max(), small.shape)
print("half", scipy.misc.imresize(picture, 0.5).shape)
print(isinstance([], Iterable), inspect.getargspec(lambda a, b=1: a).args)
print("took", time.clock() - start >= 0)
