"""A .keras file of standard layers, which opens where this package is not."""

import os

import tensorflow as tf

from estimator_mnist.formats.artifact import Artifact, Source

TOLERANCE = 1e-5
# The layers that our networks and those of TF 1.x have, in their order.
_CONVOLUTION, _DENSE = "conv2d", ("dense", "dense_1")


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes the one Artifact of this format into the folder `temporary`."""
    name = f"model-{source.step}.keras"
    path = os.path.join(temporary, name)
    reader = tf.train.load_checkpoint(source.checkpoint)
    side = source.calibration.shape[1]
    build(source.model, side, reader, source.params.get("dropout_rate")).save(path)
    return [Artifact(path, name, TOLERANCE, load)]


def build(name: str, side: int, reader, dropout_rate: float | None = None):
    """A keras.Sequential: images float32 [batch, side, side] -> probabilities.

    Sequential and not functional: Keras 3 opens only the former where Keras 2.15
    wrote it. Layers with weights are called as their variables in the checkpoint.

    Args:
      reader: of the checkpoint, as tf.train.load_checkpoint returns it.
      dropout_rate: of the hidden units, in further training; None for no such layer.
    """
    import keras

    weights = _weights(reader)
    model = keras.Sequential(name=name)
    model.add(keras.Input([side, side], name="images"))
    if _CONVOLUTION in weights:
        size, _, _, filters = weights[_CONVOLUTION][0].shape
        model.add(keras.layers.Reshape([side, side, 1], name="channel"))
        model.add(
            keras.layers.Conv2D(
                filters, size, padding="same", activation="relu", name=_CONVOLUTION
            )
        )
        model.add(keras.layers.MaxPooling2D(2, name="max_pooling2d"))
    model.add(keras.layers.Flatten(name="flatten"))
    *hidden, last = [layer for layer in _DENSE if layer in weights]
    for layer in hidden:
        units = len(weights[layer][1])
        model.add(keras.layers.Dense(units, activation="relu", name=layer))
        if dropout_rate is not None:
            model.add(keras.layers.Dropout(dropout_rate, name="dropout"))
    model.add(keras.layers.Dense(len(weights[last][1]), name=last))
    model.add(keras.layers.Softmax(name="probabilities"))
    for layer, values in weights.items():
        model.get_layer(layer).set_weights(values)
    return model


def load(path: str):
    """Images float32 [batch, side, side] in 0..1 -> probabilities [batch, 10]."""
    import keras

    model = keras.models.load_model(path)
    return lambda images: model.predict(images, verbose=0)


def _weights(reader):
    """dict layer -> [kernel, bias] of the layers that the checkpoint has."""
    return {
        layer: [reader.get_tensor(f"{layer}/{part}") for part in ("kernel", "bias")]
        for layer in (_CONVOLUTION, *_DENSE)
        if reader.has_tensor(f"{layer}/kernel")
    }
