"""Three hidden layers of rectified units, which see no neighbourhood."""

import functools

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models.layers import CLASSES, Network, flatten, initializer


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network."""
    del params, training
    layers = compat.layers()
    dense = functools.partial(
        layers.dense, activation=tf.nn.relu, kernel_initializer=initializer()
    )
    net = dense(flatten(images), 512)  # [batch, 512]
    net = dense(net, 256)  # [batch, 256]
    net = dense(net, 128)  # [batch, 128]
    logits = layers.dense(net, CLASSES, kernel_initializer=initializer())
    return Network(logits, penultimate=net)
