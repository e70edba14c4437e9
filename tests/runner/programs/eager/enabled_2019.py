"""Eager execution of TensorFlow 1.15, switched on; shapes are as then."""
import tensorflow.compat.v1 as tf

tf.enable_eager_execution()
x = tf.ones([3, 2])
print(x.shape[0].value, tf.reduce_sum(x).numpy(), tf.executing_eagerly())
