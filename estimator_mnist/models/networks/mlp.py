"""One hidden layer of rectified units."""

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models.layers import CLASSES, Network, flatten, initializer


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network; params: hidden_units."""
    del training
    layers = compat.layers()
    pixels = flatten(images)  # [batch, side * side]
    hidden = layers.dense(  # [batch, hidden_units]
        pixels,
        params["hidden_units"],
        activation=tf.nn.relu,
        kernel_initializer=initializer(),
    )
    logits = layers.dense(hidden, CLASSES, kernel_initializer=initializer())
    return Network(logits, penultimate=hidden)
