"""The smallest model that trains."""

import tensorflow as tf

from estimator_mnist import estimator

tf1 = tf.compat.v1


def model_fn(features, labels, mode):
    weight = tf1.get_variable("w", [])
    loss = tf.reduce_sum(tf.square(weight - features["x"]))
    optimizer = tf1.train.GradientDescentOptimizer(0.1)
    train_op = optimizer.minimize(loss, tf1.train.get_global_step())
    return estimator.EstimatorSpec(
        mode, weight * features["x"], loss=loss, train_op=train_op
    )


def input_fn(start_step=0):
    return tf.data.Dataset.from_tensors({"x": [1.0]}).repeat()
