"""Three convolutions without padding, more filters in each."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import Model, Params

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side].

    The shapes below are for a side of 28.
    """
    from estimator_mnist.models import layers

    del params, training
    first = layers.conv2d(images[..., None], 32, 3)  # [batch, 26, 26, 32]
    net = layers.max_pooling2d(first)  # [batch, 13, 13, 32]
    net = layers.conv2d(net, 64, 3)  # [batch, 11, 11, 64]
    net = layers.max_pooling2d(net)  # [batch, 5, 5, 64]
    features = layers.flatten(layers.conv2d(net, 128, 3))  # [batch, 3 * 3 * 128]
    logits = layers.dense(features, layers.CLASSES)
    return layers.Network(logits, penultimate=features, activations=first)


MODEL = Model(
    network=network,
    batch_size=64,
    max_steps=4297,  # 5 epochs of 55,000 images
    training={"optimizer": "rmsprop", "learning_rate": 1e-3},
    exports=("features", "activations"),
)
