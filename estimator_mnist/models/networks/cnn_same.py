"""Convolutions that keep the size of what they see, with pools between."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import (
    FILTERS,
    KERNEL_SIZE,
    Hyperparameter,
    Model,
    Params,
)

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network

ACTIVATIONS = ("relu", "elu", "selu", "swish", "tanh", "sigmoid")
# Pools halve the side between layers: of 28 pixels, one is left for the fifth.
MAX_CONV_LAYERS = 5


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side].

    The shapes below are for a side of 28. params: conv_layers, 1 to MAX_CONV_LAYERS;
    filters of each; kernel_size (pixels); activation, a name in ACTIVATIONS.
    """
    from estimator_mnist.models import layers

    del training
    net = images[..., None]  # [batch, 28, 28, 1]
    convs = []
    for layer in range(params["conv_layers"]):
        if layer:  # [batch, 14, 14, filters], then 7, 3, 1
            net = layers.max_pooling2d(net)
        net = layers.conv2d(
            net,
            params["filters"],
            params["kernel_size"],
            padding="same",
            activation=params["activation"],
        )
        convs.append(net)
    features = layers.flatten(net)  # [batch, 7 * 7 * filters] after three layers
    logits = layers.dense(features, layers.CLASSES)
    return layers.Network(logits, penultimate=features, activations=convs[0])


MODEL = Model(
    network=network,
    batch_size=32,
    max_steps=8594,  # 5 epochs of 55,000 images
    training={"optimizer": "adam", "learning_rate": 1e-3},
    hyperparameters={
        "conv_layers": Hyperparameter(
            int, 3, "convolutions.", lower_bound=1, upper_bound=MAX_CONV_LAYERS
        ),
        "filters": FILTERS,
        "kernel_size": KERNEL_SIZE.with_default(3),
        "activation": Hyperparameter(
            str, "relu", "after a convolution.", choices=ACTIVATIONS
        ),
    },
    exports=("features", "activations"),
)
