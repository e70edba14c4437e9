"""Adam with decoupled weight decay, a warm-up and a linear decay."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import re

import tensorflow as tf


def train_op_of(loss, rate, num_train_steps, num_warmup_steps, use_tpu):
  """Returns the op that makes one step."""
  step = tf.train.get_or_create_global_step()
  decayed = tf.train.polynomial_decay(
      tf.constant(rate, tf.float32), step, num_train_steps,
      end_learning_rate=0.0, power=1.0, cycle=False)
  if num_warmup_steps:
    done = tf.cast(step, tf.float32) / tf.constant(num_warmup_steps, tf.float32)
    warming = tf.cast(step < num_warmup_steps, tf.float32)
    decayed = (1.0 - warming) * decayed + warming * rate * done
  optimizer = DecayingAdam(
      decayed, decay=0.01, exclude=["LayerNorm", "layer_norm", "bias"])
  if use_tpu:
    optimizer = tf.contrib.tpu.CrossShardOptimizer(optimizer)
  variables = tf.trainable_variables()
  gradients = tf.gradients(loss, variables)
  gradients, _ = tf.clip_by_global_norm(gradients, clip_norm=1.0)
  update = optimizer.apply_gradients(
      list(zip(gradients, variables)), global_step=step)
  # The optimizer leaves the step alone. It is read before it is counted on.
  with tf.control_dependencies([update]):
    return tf.group(tf.assign_add(step, 1))


class DecayingAdam(tf.train.Optimizer):
  """Adam without a correction of its first steps, and with weight decay."""

  def __init__(self, rate, decay=0.0, beta_1=0.9, beta_2=0.999, epsilon=1e-6,
               exclude=None, name="DecayingAdam"):
    super(DecayingAdam, self).__init__(False, name)
    self.rate = rate
    self.decay = decay
    self.beta_1 = beta_1
    self.beta_2 = beta_2
    self.epsilon = epsilon
    self.exclude = exclude or []

  def apply_gradients(self, grads_and_vars, global_step=None, name=None):
    updates = []
    for gradient, variable in grads_and_vars:
      if gradient is None or variable is None:
        continue
      label = re.sub(r":\d+$", "", variable.name)
      mean = self._moment(label + "/adam_m", variable)
      square = self._moment(label + "/adam_v", variable)
      # multiply makes dense ones of the slices that embeddings have.
      new_mean = (self.beta_1 * mean
                  + tf.multiply(1.0 - self.beta_1, gradient))
      new_square = (self.beta_2 * square
                    + (1.0 - self.beta_2) * tf.square(gradient))
      update = new_mean / (tf.sqrt(new_square) + self.epsilon)
      if self.decay and not any(re.search(e, label) for e in self.exclude):
        update += self.decay * variable
      updates += [
          variable.assign(variable - self.rate * update),
          mean.assign(new_mean),
          square.assign(new_square)]
    return tf.group(*updates, name=name)

  def _moment(self, name, variable):
    return tf.get_variable(
        name=name, shape=variable.shape.as_list(), dtype=tf.float32,
        trainable=False, initializer=tf.zeros_initializer())
