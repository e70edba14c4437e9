"""Five convolutions on standardised pixels, and two dense layers with dropout."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import DROPOUT_RATE, NORMALIZE, Model, Params

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side].

    The shapes below are for a side of 28. params: normalize, dropout_rate, seed.
    """
    from estimator_mnist.models import layers, normalize

    images = normalize.normalize(images, params, training)
    first = layers.conv2d(images[..., None], 64, 7, "same")  # [batch, 28, 28, 64]
    net = layers.max_pooling2d(first)  # [batch, 14, 14, 64]
    net = layers.conv2d(net, 128, 3, "same")  # [batch, 14, 14, 128]
    net = layers.conv2d(net, 128, 3, "same")
    net = layers.max_pooling2d(net)  # [batch, 7, 7, 128]
    net = layers.conv2d(net, 256, 3, "same")  # [batch, 7, 7, 256]
    net = layers.conv2d(net, 256, 3, "same")
    net = layers.flatten(layers.max_pooling2d(net))  # [batch, 3 * 3 * 256]
    net = layers.dense(net, 128, "relu")  # [batch, 128]
    rate, seed = params["dropout_rate"], params["seed"]
    if training:
        net = layers.stateless_dropout(net, rate, seed, layer=1)
    features = net = layers.dense(net, 64, "relu")  # [batch, 64]
    if training:
        net = layers.stateless_dropout(net, rate, seed, layer=2)
    logits = layers.dense(net, layers.CLASSES)
    return layers.Network(logits, penultimate=features, activations=first)


MODEL = Model(
    network=network,
    batch_size=32,
    max_steps=17188,  # 10 epochs of 55,000 images
    training={"optimizer": "nadam", "learning_rate": 1e-3},
    hyperparameters={
        "normalize": NORMALIZE.with_default("pixel"),
        "dropout_rate": DROPOUT_RATE,
    },
    exports=("features", "activations"),
)
