"""Softmax regression: one dense layer."""

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models.layers import CLASSES, Network, flatten, initializer


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network without penultimate layer."""
    del params, training
    pixels = flatten(images)  # [batch, side * side]
    logits = compat.layers().dense(pixels, CLASSES, kernel_initializer=initializer())
    return Network(logits)
