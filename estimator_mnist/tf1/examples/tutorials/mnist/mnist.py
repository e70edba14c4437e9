"""tf.examples.tutorials.mnist.mnist: the network of "TensorFlow Mechanics 101"."""

import math

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

__all__ = [
    "IMAGE_PIXELS",
    "IMAGE_SIZE",
    "NUM_CLASSES",
    "evaluation",
    "inference",
    "loss",
    "training",
]

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: tf.Tensor, hidden1_units: int, hidden2_units: int) -> tf.Tensor:
    """Returns logits [batch, 10] of images [batch, 784], by two hidden layers.

    The variables are hidden1/weights and biases, those of hidden2, and of
    softmax_linear.
    """
    hidden1 = _layer("hidden1", images, IMAGE_PIXELS, hidden1_units, tf.nn.relu)
    hidden2 = _layer("hidden2", hidden1, hidden1_units, hidden2_units, tf.nn.relu)
    return _layer("softmax_linear", hidden2, hidden2_units, NUM_CLASSES, None)


def loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Returns the mean cross entropy of class numbers [batch]."""
    return tf1.losses.sparse_softmax_cross_entropy(
        labels=tf.cast(labels, tf.int64), logits=logits
    )


def training(loss: tf.Tensor, learning_rate: float) -> tf.Operation:
    """Returns a step of gradient descent, and makes a summary of the loss."""
    tf1.summary.scalar("loss", loss)
    optimizer = tf1.train.GradientDescentOptimizer(learning_rate)
    global_step = tf1.Variable(0, name="global_step", trainable=False)
    return optimizer.minimize(loss, global_step=global_step)


def evaluation(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Returns how many of the batch are right, int32."""
    correct = tf.math.in_top_k(labels, logits, 1)
    return tf.reduce_sum(tf.cast(correct, tf.int32))


def _layer(
    name: str, inputs: tf.Tensor, n: int, units: int, activation: object
) -> tf.Tensor:
    with tf1.name_scope(name):
        initial = tf1.truncated_normal([n, units], stddev=1 / math.sqrt(n))
        weights = tf1.Variable(initial, name="weights")
        biases = tf1.Variable(tf.zeros([units]), name="biases")
        sums = tf.matmul(inputs, weights) + biases
        return activation(sums) if callable(activation) else sums


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.examples.tutorials.mnist.mnist")
