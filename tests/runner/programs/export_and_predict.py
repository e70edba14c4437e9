"""Exports a classifier and asks it through tf.contrib.predictor."""
from __future__ import print_function

import sys

import numpy as np
import tensorflow as tf
from tensorflow.contrib import predictor
from tensorflow.contrib.learn.python.learn.datasets import mnist as mnist_lib

FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_string("model_dir", "/tmp/mnist_predictor", "Model directory.")


def model_fn(features, labels, mode):
  images = tf.reshape(features["image"], [-1, 784])
  logits = tf.layers.dense(images, 10)
  predictions = {
      "class": tf.argmax(logits, 1),
      "probability": tf.reduce_max(tf.nn.softmax(logits), axis=1),
  }
  if mode == tf.estimator.ModeKeys.PREDICT:
    outputs = tf.estimator.export.PredictOutput(predictions)
    key = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    return tf.estimator.EstimatorSpec(
        mode, predictions=predictions, export_outputs={key: outputs})
  loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
  train_op = tf.train.GradientDescentOptimizer(0.5).minimize(
      loss, global_step=tf.train.get_global_step())
  return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)


def serving_input_receiver_fn():
  image = tf.placeholder(tf.float32, [None, 784], name="image")
  return tf.estimator.export.ServingInputReceiver(
      {"image": image}, {"image": image})


def main(_):
  mnist = mnist_lib.read_data_sets("MNIST_data", validation_size=0)
  classifier = tf.estimator.Estimator(model_fn, FLAGS.model_dir)
  classifier.train(tf.estimator.inputs.numpy_input_fn(
      {"image": mnist.train.images}, mnist.train.labels.astype(np.int32),
      batch_size=100, num_epochs=None, shuffle=True), steps=300)

  images, labels = mnist.test.images[:200], mnist.test.labels[:200]
  export_dir = classifier.export_savedmodel(
      FLAGS.model_dir + "/export", serving_input_receiver_fn)
  served = predictor.from_saved_model(export_dir)({"image": images})
  print("served %.3f" % np.mean(served["class"] == labels))

  direct = predictor.from_estimator(classifier, serving_input_receiver_fn)
  same = direct({"image": images})
  print("largest difference %g" % np.max(
      np.abs(same["probability"] - served["probability"])))

  input_fn = tf.estimator.inputs.numpy_input_fn(
      {"image": images}, num_epochs=1, shuffle=False)
  classes = [p["class"] for p in classifier.predict(input_fn)]
  print("differing classes %d" % np.sum(classes != served["class"]))


if __name__ == "__main__":
  sys.exit(tf.app.run())
