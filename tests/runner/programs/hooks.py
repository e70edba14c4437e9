"""Hooks of one's own: counts examples, follows the loss, stops when it is low."""
from __future__ import division
from __future__ import print_function

import numpy as np
import tensorflow as tf

tf.app.flags.DEFINE_float("target", 0.5, "Loss to stop at.")
tf.app.flags.DEFINE_string("model_dir", None, "Model directory.")
FLAGS = tf.app.flags.FLAGS


class StopAtLoss(tf.train.SessionRunHook):
  """Stops when the mean of the last ten losses is low enough."""

  def __init__(self, target):
    self._target = target
    self._losses = []

  def begin(self):
    self._step = tf.train.get_global_step()
    self._loss = tf.get_collection(tf.GraphKeys.LOSSES)[0]

  def after_create_session(self, session, coord):
    print("starting at step %d" % session.run(self._step))

  def before_run(self, run_context):
    return tf.train.SessionRunArgs({"loss": self._loss, "step": self._step})

  def after_run(self, run_context, run_values):
    self._losses.append(run_values.results["loss"])
    if np.mean(self._losses[-10:]) < self._target:
      run_context.request_stop()

  def end(self, session):
    print("stopped at step %d, loss %.2f" % (
        session.run(self._step), np.mean(self._losses[-10:])))


class Saved(tf.train.CheckpointSaverListener):

  def after_save(self, session, global_step_value):
    print("saved step %d" % global_step_value)


def model_fn(features, labels, mode):
  with tf.variable_scope("net", initializer=tf.truncated_normal_initializer(
      stddev=0.1)):
    weights = tf.get_variable("weights", [784, 10])
    bias = tf.get_variable("bias", [10], initializer=tf.zeros_initializer())
  logits = tf.nn.xw_plus_b(features, weights, bias, name="logits")
  loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
  rate = tf.train.exponential_decay(
      0.5, tf.train.get_global_step(), 100, 0.96, staircase=True)
  tf.summary.scalar("learning_rate", rate)
  train_op = tf.train.MomentumOptimizer(rate, 0.5).minimize(
      loss, global_step=tf.train.get_global_step())
  hook = tf.train.SummarySaverHook(
      save_steps=50, output_dir=FLAGS.model_dir + "/mine",
      summary_op=tf.summary.merge_all())
  accuracy = tf.metrics.accuracy(labels, tf.argmax(logits, 1))
  return tf.estimator.EstimatorSpec(
      mode, loss=loss, train_op=train_op, training_hooks=[hook],
      eval_metric_ops={"accuracy": accuracy})


def main(argv):
  del argv
  mnist = tf.contrib.learn.datasets.load_dataset("mnist")

  def input_fn(data, repeat):
    ds = tf.data.Dataset.from_tensor_slices(
        (data.images, data.labels.astype(np.int64)))
    return ds.shuffle(10000).repeat(repeat).batch(100)

  run_config = tf.estimator.RunConfig().replace(
      model_dir=FLAGS.model_dir, save_checkpoints_steps=50, tf_random_seed=1)
  classifier = tf.estimator.Estimator(model_fn, config=run_config)
  classifier.train(
      lambda: input_fn(mnist.train, None), max_steps=2000,
      hooks=[StopAtLoss(FLAGS.target), tf.train.StepCounterHook(100)],
      saving_listeners=[Saved()])
  results = classifier.evaluate(lambda: input_fn(mnist.test, 1))
  for key, value in sorted(results.items()):
    print("%s: %s" % (key, value))


if __name__ == "__main__":
  tf.app.run(main)
