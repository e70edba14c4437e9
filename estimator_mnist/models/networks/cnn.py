"""One convolution, one pooling, one dense layer with dropout."""

from __future__ import annotations

import typing

from estimator_mnist.models.declarations import (
    DROPOUT_RATE,
    FILTERS,
    KERNEL_SIZE,
    MAX_UNITS,
    NORMALIZE,
    Hyperparameter,
    Model,
    Params,
)

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network


def network(images: tf.Tensor, params: Params, training: bool) -> Network:
    """Builds the network for images float32 [batch, side, side].

    The shapes below are for a side of 40. params: normalize, filters, kernel_size
    (pixels), dense_units, dropout_rate, seed.
    """
    from estimator_mnist.models import layers, normalize

    images = normalize.normalize(images, params, training)
    conv = layers.conv2d(  # [batch, 40, 40, filters]
        images[..., None], params["filters"], params["kernel_size"], padding="same"
    )
    pool = layers.max_pooling2d(conv)  # [batch, 20, 20, filters]
    dense = layers.dense(layers.flatten(pool), params["dense_units"], "relu")
    kept = dense
    if training:
        kept = layers.stateless_dropout(dense, params["dropout_rate"], params["seed"])
    logits = layers.dense(kept, layers.CLASSES)
    return layers.Network(logits, penultimate=dense, activations=conv)


MODEL = Model(
    network=network,
    batch_size=50,
    max_steps=2000,
    training={"optimizer": "adam", "learning_rate": 1e-4},
    hyperparameters={
        "normalize": NORMALIZE,
        "filters": FILTERS,
        "kernel_size": KERNEL_SIZE,
        "dense_units": Hyperparameter(
            int,
            1024,
            "dense units.",
            lower_bound=1,
            upper_bound=MAX_UNITS,
            shapes_variables=True,
        ),
        "dropout_rate": DROPOUT_RATE.with_default(0.4),
    },
    exports=("features", "activations"),
    keras=True,
)
