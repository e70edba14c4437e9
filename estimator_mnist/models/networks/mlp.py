"""One hidden layer of rectified units."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import MAX_UNITS, Hyperparameter, Model, Params

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side].

    params: hidden_units.
    """
    from estimator_mnist.models import layers

    del training
    pixels = layers.flatten(images)  # [batch, side * side]
    hidden = layers.dense(pixels, params["hidden_units"], "relu")
    logits = layers.dense(hidden, layers.CLASSES)
    return layers.Network(logits, penultimate=hidden)


MODEL = Model(
    network=network,
    batch_size=50,
    max_steps=10000,
    training={"optimizer": "adam", "learning_rate": 1e-4},
    hyperparameters={
        "hidden_units": Hyperparameter(
            int,
            500,
            "hidden units.",
            lower_bound=1,
            upper_bound=MAX_UNITS,
            shapes_variables=True,
        ),
    },
    exports=("features",),
    keras=True,
)
