"""A convolutional network for MNIST, built with tf.layers and an Estimator."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import numpy as np
import tensorflow as tf

tf.logging.set_verbosity(tf.logging.INFO)

flags = tf.app.flags
flags.DEFINE_string("model_dir", "/tmp/cnn_mnist_model", "Where checkpoints go.")
flags.DEFINE_integer("steps", 20000, "Number of training steps.")
flags.DEFINE_integer("batch_size", 100, "Images per step.")
FLAGS = flags.FLAGS


def cnn_model_fn(features, labels, mode):
  """Two convolutions, two poolings, a dense layer with dropout, logits."""
  input_layer = tf.reshape(features["x"], [-1, 28, 28, 1])
  conv1 = tf.layers.conv2d(
      input_layer, filters=16, kernel_size=[5, 5], padding="same",
      activation=tf.nn.relu)
  pool1 = tf.layers.max_pooling2d(conv1, pool_size=[2, 2], strides=2)
  conv2 = tf.layers.conv2d(
      pool1, filters=32, kernel_size=[5, 5], padding="same",
      activation=tf.nn.relu)
  pool2 = tf.layers.max_pooling2d(conv2, pool_size=[2, 2], strides=2)
  dense = tf.layers.dense(
      tf.layers.flatten(pool2), units=128, activation=tf.nn.relu)
  dropout = tf.layers.dropout(
      dense, rate=0.4, training=mode == tf.estimator.ModeKeys.TRAIN)
  logits = tf.layers.dense(dropout, units=10)

  predictions = {
      "classes": tf.argmax(logits, axis=1),
      "probabilities": tf.nn.softmax(logits, name="softmax_tensor"),
  }
  if mode == tf.estimator.ModeKeys.PREDICT:
    return tf.estimator.EstimatorSpec(mode, predictions=predictions)

  onehot_labels = tf.one_hot(indices=tf.cast(labels, tf.int32), depth=10)
  loss = tf.losses.softmax_cross_entropy(onehot_labels, logits)
  if mode == tf.estimator.ModeKeys.TRAIN:
    train_op = tf.train.AdamOptimizer(0.001).minimize(
        loss, global_step=tf.train.get_global_step())
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

  accuracy = tf.metrics.accuracy(labels, predictions["classes"])
  return tf.estimator.EstimatorSpec(
      mode, loss=loss, eval_metric_ops={"accuracy": accuracy})


def main(unused_argv):
  mnist = tf.contrib.learn.datasets.load_dataset("mnist")
  train_labels = np.asarray(mnist.train.labels, dtype=np.int32)
  eval_labels = np.asarray(mnist.test.labels, dtype=np.int32)

  classifier = tf.estimator.Estimator(cnn_model_fn, model_dir=FLAGS.model_dir)
  logging_hook = tf.train.LoggingTensorHook(
      tensors={"probabilities": "softmax_tensor"}, every_n_iter=50)

  train_input_fn = tf.estimator.inputs.numpy_input_fn(
      x={"x": mnist.train.images}, y=train_labels,
      batch_size=FLAGS.batch_size, num_epochs=None, shuffle=True)
  classifier.train(train_input_fn, steps=FLAGS.steps, hooks=[logging_hook])

  eval_input_fn = tf.estimator.inputs.numpy_input_fn(
      x={"x": mnist.test.images}, y=eval_labels, num_epochs=1, shuffle=False)
  print(classifier.evaluate(eval_input_fn))


if __name__ == "__main__":
  tf.app.run()
