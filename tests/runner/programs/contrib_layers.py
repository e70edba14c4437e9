"""Placeholders, tf.contrib.layers, summaries and a Saver, without an Estimator."""
import os
import sys

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import tensorflow.contrib.layers as layers
from tensorflow.contrib.learn.python.learn.datasets.mnist import read_data_sets

LOG_DIR = sys.argv[1]

mnist = read_data_sets("MNIST_data", one_hot=True, reshape=False)
shape = mnist.train.images.shape[1:]
print("%d pixels" % np.product(shape))

images = tf.placeholder(tf.float32, [None] + list(shape), name="images")
labels = tf.placeholder(tf.float32, [None, 10], name="labels")
keep_prob = tf.placeholder_with_default(1.0, [])

net = layers.conv2d(images, 8, 5, scope="conv1")
net = layers.max_pool2d(net, 2, scope="pool1")
net = layers.flatten(net)
net = layers.fully_connected(
    net, 50, scope="fc1",
    weights_initializer=layers.xavier_initializer(),
    weights_regularizer=layers.l2_regularizer(0.001))
net = tf.nn.dropout(net, keep_prob)
logits = layers.fully_connected(net, 10, activation_fn=None, scope="logits")

cross_entropy = tf.reduce_mean(
    tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))
regularization = tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
loss = cross_entropy + regularization
tf.summary.scalar("loss", loss)
global_step = tf.train.get_or_create_global_step()
train_op = tf.train.AdamOptimizer(0.002).minimize(loss, global_step)
correct = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
accuracy = tf.reduce_mean(tf.to_float(correct))

saver = tf.train.Saver()
merged = tf.summary.merge_all()
curve = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    writer = tf.summary.FileWriter(LOG_DIR, sess.graph)
    for step in range(100):
        x, y = mnist.train.next_batch(50)
        feed = {images: x, labels: y, keep_prob: 0.6}
        _, value, summary = sess.run([train_op, loss, merged], feed_dict=feed)
        curve.append(value)
        writer.add_summary(summary, step)
    writer.close()
    path = saver.save(sess, os.path.join(LOG_DIR, "model.ckpt"), global_step)

with tf.Session() as sess:
    saver.restore(sess, tf.train.latest_checkpoint(LOG_DIR))
    print("accuracy %.3f" % sess.run(
        accuracy, {images: mnist.test.images, labels: mnist.test.labels}))
    for variable in tf.trainable_variables():
        print(variable.op.name, variable.shape.as_list())

plt.plot(curve)
plt.xlabel("step")
plt.ylabel("loss")
plt.show()
