"""Softmax regression: one dense layer."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import Model, Params

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network without penultimate layer; images [batch, side, side]."""
    from estimator_mnist.models import layers

    del params, training
    pixels = layers.flatten(images)  # [batch, side * side]
    return layers.Network(layers.dense(pixels, layers.CLASSES))


MODEL = Model(
    network=network,
    batch_size=100,
    max_steps=5000,
    training={"optimizer": "gradient_descent", "learning_rate": 0.5},
    keras=True,
)
