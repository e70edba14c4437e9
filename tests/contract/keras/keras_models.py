"""Compiled models of Keras 2, with weights that are written down here."""

import numpy as np
import tensorflow as tf

X = np.arange(12, dtype=np.float32).reshape(6, 2) / 10
Y = (X.sum(1, keepdims=True) > 0.6).astype(np.float32)


def input_fn(features, labels=None, epochs=None):
    """Give an input_fn of batches of 3, endless without `epochs`."""
    data = features if labels is None else (features, labels)
    return lambda: tf.data.Dataset.from_tensor_slices(data).batch(3).repeat(epochs)


def set_weights(model):
    """Give each weight values in -0.5..0.5 that depend on its place only."""
    shapes = [np.shape(weight) for weight in model.get_weights()]
    model.set_weights(
        [(np.arange(np.prod(s)) * 0.37 % 1 - 0.5).reshape(s) for s in shapes]
    )
    return model


def two_outputs(keras, optimizer=None):
    """Give a model of inputs a, b and outputs o1, o2."""
    layers = keras.layers
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    hidden = layers.Dense(4, kernel_regularizer="l2", name="hidden")(
        layers.Concatenate(name="both")([a, b])
    )
    outputs = [
        layers.Dense(1, name="o1")(hidden),
        layers.Dense(3, activation="softmax", name="o2")(hidden),
    ]
    model = set_weights(keras.Model([a, b], outputs))
    model.compile(
        optimizer or keras.optimizers.legacy.SGD(0.1, momentum=0.9),
        {"o1": "mse", "o2": "sparse_categorical_crossentropy"},
        loss_weights={"o1": 1.0, "o2": 0.5},
        metrics={"o1": ["mae"], "o2": ["accuracy"]},
    )
    return model


TWO_FEATURES = {"a": X, "b": X}
TWO_LABELS = {"o1": Y, "o2": Y.astype(np.int32)}


def one_output(keras, optimizer="sgd", **settings):
    """Give a Sequential model with batch normalization and the output `y`."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Dense(3, activation="relu", input_shape=(2,), name="hidden"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(1, name="y"),
        ]
    )
    model.set_weights(
        [
            np.array([[0.5, -0.2, 0.3], [0.1, 0.4, -0.6]]),
            np.zeros(3),
            np.ones(3),
            np.zeros(3),
            np.zeros(3),
            np.ones(3),
            np.array([[0.2], [0.3], [-0.4]]),
            np.zeros(1),
        ]
    )
    model.compile(optimizer, "mse", **{"metrics": ["mae"], **settings})
    return model
