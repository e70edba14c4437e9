"""The networks, and the settings that their notebooks gave them."""

import collections.abc
import dataclasses

from estimator_mnist.models.networks import (
    cnn,
    cnn_deep,
    cnn_same,
    dense,
    fashion,
    lenet5,
    linear,
    mlp,
)


@dataclasses.dataclass(frozen=True)
class Model:
    """A network and the notebook's settings for it."""

    network: collections.abc.Callable
    batch_size: int
    max_steps: int
    params: dict
    exports: tuple = ()  # predictions beside classes and probabilities
    keras: bool = False  # whether formats.keras_file knows its layers


def _by(optimizer, learning_rate, decay_steps=0):
    """The params of training, which every model takes."""
    return {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "decay_steps": decay_steps,
    }


_FEATURES, _ALL = ("features",), ("features", "activations")

MODELS = {
    "linear": Model(
        linear.network,
        batch_size=100,
        max_steps=5000,
        params=_by("gradient_descent", 0.5),
        keras=True,
    ),
    "mlp": Model(
        mlp.network,
        batch_size=50,
        max_steps=10000,
        params=_by("adam", 1e-4) | {"hidden_units": 500},
        exports=_FEATURES,
        keras=True,
    ),
    "cnn": Model(
        cnn.network,
        batch_size=50,
        max_steps=2000,
        params=_by("adam", 1e-4)
        | {
            "normalize": "none",
            "filters": 32,
            "kernel_size": 5,
            "dense_units": 1024,
            "dropout_rate": 0.4,
        },
        exports=_ALL,
        keras=True,
    ),
    "cnn_deep": Model(
        cnn_deep.network,
        batch_size=64,
        max_steps=4297,  # 5 epochs of 55,000 images
        params=_by("rmsprop", 1e-3),
        exports=_ALL,
    ),
    "dense": Model(
        dense.network,
        batch_size=64,
        max_steps=4297,
        params=_by("rmsprop", 1e-3),
        exports=_FEATURES,
    ),
    "cnn_same": Model(
        cnn_same.network,
        batch_size=32,
        max_steps=8594,  # 5 epochs
        params=_by("adam", 1e-3)
        | {
            "conv_layers": 3,
            "filters": 32,
            "kernel_size": 3,
            "activation": "relu",
        },
        exports=_ALL,
    ),
    "fashion": Model(
        fashion.network,
        batch_size=32,
        max_steps=17188,  # 10 epochs
        params=_by("nadam", 1e-3) | {"normalize": "pixel", "dropout_rate": 0.5},
        exports=_ALL,
    ),
    "lenet5": Model(
        lenet5.network,
        batch_size=64,
        max_steps=8594,  # 10 epochs
        # Falls every 2 epochs, about as often as published.
        params=_by("adam", 2e-3, decay_steps=1719) | {"head": "rbf"},
        exports=_ALL,
    ),
}
