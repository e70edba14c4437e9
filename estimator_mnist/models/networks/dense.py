"""Three hidden layers of rectified units, which see no neighbourhood."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import Model, Params

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side]."""
    from estimator_mnist.models import layers

    del params, training
    net = layers.dense(layers.flatten(images), 512, "relu")  # [batch, 512]
    net = layers.dense(net, 256, "relu")  # [batch, 256]
    net = layers.dense(net, 128, "relu")  # [batch, 128]
    logits = layers.dense(net, layers.CLASSES)
    return layers.Network(logits, penultimate=net)


MODEL = Model(
    network=network,
    batch_size=64,
    max_steps=4297,  # 5 epochs of 55,000 images
    training={"optimizer": "rmsprop", "learning_rate": 1e-3},
    exports=("features",),
)
