"""Convolutions that keep the size of what they see, with pools between."""

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models.layers import CLASSES, Network, flatten, initializer

ACTIVATIONS = {
    "relu": tf.nn.relu,
    "elu": tf.nn.elu,
    "selu": tf.nn.selu,
    "swish": tf.nn.silu,
    "tanh": tf.nn.tanh,
    "sigmoid": tf.nn.sigmoid,
}
# Pools halve the side between layers: of 28 pixels, one is left for the fifth.
MAX_CONV_LAYERS = 5


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network.

    params: conv_layers, 1 to MAX_CONV_LAYERS; filters of each; kernel_size (pixels);
    activation, a name in ACTIVATIONS.
    """
    del training
    layers = compat.layers()
    net = images[..., tf.newaxis]  # [batch, 28, 28, 1]
    convs = []
    for layer in range(params["conv_layers"]):
        if layer:  # [batch, 14, 14, filters], then 7, 3, 1
            net = layers.max_pooling2d(net, 2, strides=2)
        net = layers.conv2d(
            net,
            params["filters"],
            params["kernel_size"],
            padding="same",
            activation=ACTIVATIONS[params["activation"]],
            kernel_initializer=initializer(),
        )
        convs.append(net)
    features = flatten(net)  # [batch, 7 * 7 * filters] after three layers
    logits = layers.dense(features, CLASSES, kernel_initializer=initializer())
    return Network(logits, penultimate=features, activations=convs[0])
