"""Trains a network, then begins another one with its hidden layer."""
from __future__ import print_function

import sys

import numpy as np
import tensorflow as tf

mnist = tf.contrib.learn.datasets.mnist.load_mnist("MNIST-data")


def model_fn(features, labels, mode, params):
    hidden = tf.layers.dense(features["x"], 50, tf.nn.relu, name="hidden")
    logits = tf.layers.dense(hidden, 10, name=params["head"])
    classes = tf.argmax(logits, 1)
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode, {"classes": classes})
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    optimizer = tf.train.AdagradOptimizer(params["learning_rate"])
    train_op = optimizer.minimize(loss, tf.train.get_global_step())
    metrics = {"accuracy": tf.metrics.accuracy(labels, classes)}
    return tf.estimator.EstimatorSpec(mode, None, loss, train_op, metrics)


def input_fn(data, **kwargs):
    labels = data.labels.astype(np.int32)
    return tf.estimator.inputs.numpy_input_fn(
        {"x": data.images}, labels, batch_size=50, **kwargs)


def classifier(name, head, learning_rate, **kwargs):
    return tf.estimator.Estimator(
        model_fn, sys.argv[1] + "/" + name,
        params={"head": head, "learning_rate": learning_rate}, **kwargs)


first = classifier("first", "logits", 0.1)
first.train(input_fn(mnist.train, num_epochs=None, shuffle=True), steps=200)
test = input_fn(mnist.test, num_epochs=1, shuffle=False)
print("first %.3f" % first.evaluate(test)["accuracy"])

settings = tf.estimator.WarmStartSettings(
    ckpt_to_initialize_from=first.model_dir, vars_to_warm_start="hidden/.*[^d]$")
second = classifier("second", "other", 0.1, warm_start_from=settings)
second.train(input_fn(mnist.train, num_epochs=None, shuffle=True), steps=40)
print("second %.3f" % second.evaluate(test)["accuracy"])

third = classifier("third", "logits", 0.0, warm_start_from=first.model_dir)
third.train(input_fn(mnist.train, num_epochs=1, shuffle=False), steps=1)
print("third %.3f" % third.evaluate(test)["accuracy"])
