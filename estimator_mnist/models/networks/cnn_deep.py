"""Three convolutions without padding, more filters in each."""

import functools

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models.layers import CLASSES, Network, flatten, initializer


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network; shapes below for a side of 28."""
    del params, training
    layers = compat.layers()
    conv = functools.partial(
        layers.conv2d,
        kernel_size=3,
        activation=tf.nn.relu,
        kernel_initializer=initializer(),
    )
    first = conv(images[..., tf.newaxis], 32)  # [batch, 26, 26, 32]
    net = layers.max_pooling2d(first, 2, strides=2)  # [batch, 13, 13, 32]
    net = conv(net, 64)  # [batch, 11, 11, 64]
    net = layers.max_pooling2d(net, 2, strides=2)  # [batch, 5, 5, 64]
    features = flatten(conv(net, 128))  # [batch, 3 * 3 * 128]
    logits = layers.dense(features, CLASSES, kernel_initializer=initializer())
    return Network(logits, penultimate=features, activations=first)
