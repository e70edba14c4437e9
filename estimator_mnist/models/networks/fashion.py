"""Five convolutions on standardised pixels, and two dense layers with dropout."""

import functools

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models.layers import (
    CLASSES,
    Network,
    flatten,
    initializer,
    stateless_dropout,
)
from estimator_mnist.models.normalize import normalize


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network; shapes below for a side of 28.

    params: normalize, dropout_rate, seed.
    """
    layers = compat.layers()
    relu = {"activation": tf.nn.relu, "kernel_initializer": initializer()}
    conv = functools.partial(layers.conv2d, kernel_size=3, padding="same", **relu)
    pool = functools.partial(layers.max_pooling2d, pool_size=2, strides=2)

    image = normalize(images, params, training)[..., tf.newaxis]  # [batch, 28, 28, 1]
    first = conv(image, 64, kernel_size=7)  # [batch, 28, 28, 64]
    net = pool(first)  # [batch, 14, 14, 64]
    net = conv(conv(net, 128), 128)  # [batch, 14, 14, 128]
    net = pool(net)  # [batch, 7, 7, 128]
    net = conv(conv(net, 256), 256)  # [batch, 7, 7, 256]
    net = flatten(pool(net))  # [batch, 3 * 3 * 256]
    net = layers.dense(net, 128, **relu)  # [batch, 128]
    if training:
        net = stateless_dropout(net, params["dropout_rate"], params["seed"], layer=1)
    features = layers.dense(net, 64, **relu)  # [batch, 64]
    net = features
    if training:
        net = stateless_dropout(net, params["dropout_rate"], params["seed"], layer=2)
    logits = layers.dense(net, CLASSES, kernel_initializer=initializer())
    return Network(logits, penultimate=features, activations=first)
