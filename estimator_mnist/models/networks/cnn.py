"""One convolution, one pooling, one dense layer with dropout."""

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
    """Images [batch, side, side] float32 -> Network.

    params: normalize, filters, kernel_size (pixels), dense_units, dropout_rate, seed.
    """
    layers = compat.layers()
    image = normalize(images, params, training)[..., tf.newaxis]  # [batch, 40, 40, 1]
    conv = layers.conv2d(  # [batch, 40, 40, filters]
        image,
        params["filters"],
        params["kernel_size"],
        padding="same",
        activation=tf.nn.relu,
        kernel_initializer=initializer(),
    )
    pool = layers.max_pooling2d(conv, 2, strides=2)  # [batch, 20, 20, filters]
    dense = layers.dense(  # [batch, dense_units]
        flatten(pool),
        params["dense_units"],
        activation=tf.nn.relu,
        kernel_initializer=initializer(),
    )
    kept = dense
    if training:
        kept = stateless_dropout(dense, params["dropout_rate"], params["seed"])
    logits = layers.dense(kept, CLASSES, kernel_initializer=initializer())
    return Network(logits, penultimate=dense, activations=conv)
