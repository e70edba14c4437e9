"""The model: a pixel each, then classes."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import tensorflow as tf


def model_fn(features, labels, mode, params):
  net = tf.feature_column.input_layer(features, [
      tf.feature_column.numeric_column('pixels', shape=[64])])
  net = tf.layers.dense(net, params.hidden_units, activation=tf.nn.relu)
  logits = tf.layers.dense(net, 10)
  predictions = {'classes': tf.argmax(logits, 1)}
  if mode == tf.estimator.ModeKeys.PREDICT:
    return tf.estimator.EstimatorSpec(mode, predictions=predictions)
  loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
  train_op = tf.train.AdamOptimizer(params.learning_rate).minimize(
      loss, global_step=tf.train.get_global_step())
  return tf.estimator.EstimatorSpec(
      mode, loss=loss, train_op=train_op, eval_metric_ops={
          'accuracy': tf.metrics.accuracy(labels, predictions['classes'])})


def build_estimator(config, hidden_units, learning_rate):
  return tf.estimator.Estimator(
      model_fn, config=config, params=tf.contrib.training.HParams(
          hidden_units=hidden_units, learning_rate=learning_rate))
