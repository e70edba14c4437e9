"""A .keras file of standard layers, which opens without this package."""

import os
from typing import Any

import numpy as np

from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.formats.artifact import Artifact, Classifier, Source

TOLERANCE = 1e-5
# The layers that this package's networks and those of TF 1.x have, in their order.
_CONVOLUTION, _DENSE = "conv2d", ("dense", "dense_1")

_Weights = dict[str, list[np.ndarray]]  # [kernel, bias] by layer


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes the one Artifact of this format into the folder `temporary`."""
    name = f"model-{source.step}.keras"
    path = os.path.join(temporary, name)
    reader = paths.reader(source.checkpoint)
    side = source.calibration.shape[1]
    build(source.model, side, reader, source.params.get("dropout_rate")).save(path)
    return [Artifact(path, name, TOLERANCE, load)]


def build(
    name: str,
    side: int,
    reader: Any,
    dropout_rate: float | None = None,
) -> Any:
    """Builds a keras.Sequential: images float32 [batch, side, side] -> probabilities.

    It is not a functional model, because Keras 3 does not open these if Keras 2.15
    wrote them. Layers with weights are named like their variables in the checkpoint.

    Args:
      reader: of the checkpoint, as paths.reader returns it.
      dropout_rate: of the hidden units, in further training; None for no such layer.
    """
    import keras

    weights = _weights(reader)
    layers = [
        *_convolution(weights, side),
        keras.layers.Flatten(name="flatten"),
        *_dense(weights, dropout_rate),
        keras.layers.Softmax(name="probabilities"),
    ]
    model = keras.Sequential(name=name)
    model.add(keras.Input([side, side], name="images"))
    for layer in layers:
        model.add(layer)
    for layer_name, values in weights.items():
        model.get_layer(layer_name).set_weights(values)
    return model


def _convolution(weights: _Weights, side: int) -> list[Any]:
    """Returns the layers before the first dense one; none without a convolution."""
    from keras import layers

    if _CONVOLUTION not in weights:
        return []
    size, _, _, filters = weights[_CONVOLUTION][0].shape
    options = {"padding": "same", "activation": "relu", "name": _CONVOLUTION}
    return [
        layers.Reshape([side, side, 1], name="channel"),
        layers.Conv2D(filters, size, **options),
        layers.MaxPooling2D(2, name="max_pooling2d"),
    ]


def _dense(weights: _Weights, dropout_rate: float | None) -> list[Any]:
    """Returns the hidden layers and that of the logits."""
    from keras import layers

    *hidden, last = [name for name in _DENSE if name in weights]
    found = []
    for name in hidden:
        units = len(weights[name][1])
        found.append(layers.Dense(units, activation="relu", name=name))
        if dropout_rate is not None:
            found.append(layers.Dropout(dropout_rate, name="dropout"))
    return [*found, layers.Dense(len(weights[last][1]), name=last)]


def load(path: str) -> Classifier:
    """Loads a file; returns a function of images."""
    import keras

    model = keras.models.load_model(path)
    return lambda images: model.predict(images, verbose=0)


def _weights(reader: Any) -> _Weights:
    """Returns the weights of those layers that the checkpoint has."""
    return {
        layer: [reader.get_tensor(f"{layer}/{part}") for part in ("kernel", "bias")]
        for layer in (_CONVOLUTION, *_DENSE)
        if reader.has_tensor(f"{layer}/kernel")
    }
