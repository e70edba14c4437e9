"""LeNet-5 as published: LeCun, Bottou, Bengio and Haffner 1998, section II.B."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import Hyperparameter, Model, Params

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network

# What takes F6: distances to the prototypes, trained by the maximum a posteriori
# criterion (equation 9) or by their mean (equation 8), or a dense layer as today.
HEADS = ("rbf", "rbf_mse", "softmax")


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side].

    The shapes below are for a side of 28. params: head, one of HEADS.
    """
    from estimator_mnist.models import layers, lenet5_layers

    del training
    image = lenet5_layers.pad(images)  # [batch, 32, 32]
    c1 = lenet5_layers.conv(image[..., None], 6, "c1")  # [batch, 28, 28, 6]
    s2 = lenet5_layers.subsample(c1, "s2")  # [batch, 14, 14, 6]
    c3 = lenet5_layers.sparse_conv(s2, "c3")  # [batch, 10, 10, 16]
    s4 = lenet5_layers.subsample(c3, "s4")  # [batch, 5, 5, 16]
    c5 = lenet5_layers.conv(s4, 120, "c5")  # [batch, 1, 1, 120]
    f6 = lenet5_layers.dense(layers.flatten(c5), 84, "f6")  # [batch, 84]
    if params["head"] == "softmax":
        logits = layers.dense(f6, layers.CLASSES, name="output")
        return layers.Network(logits, penultimate=f6, activations=c1)
    distances = lenet5_layers.distances(f6)  # [batch, 10]
    loss = lenet5_layers.LOSSES[params["head"]]
    return layers.Network(
        -distances, f6, c1, loss=lambda labels: loss(distances, labels)
    )


MODEL = Model(
    network=network,
    batch_size=64,
    max_steps=8594,  # 10 epochs of 55,000 images
    # Falls every 2 epochs, about as often as published.
    training={"optimizer": "adam", "learning_rate": 2e-3, "decay_steps": 1719},
    hyperparameters={
        "head": Hyperparameter(
            str,
            "rbf",
            "distances to drawn digits, trained by maximum a posteriori or by their "
            "mean, or softmax.",
            choices=HEADS,
        ),
    },
    exports=("features", "activations"),
)
