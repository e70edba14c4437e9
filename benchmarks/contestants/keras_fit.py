"""Trains with Keras's fit; a map of TensorFlow's ops translates each batch."""

import contextlib

from benchmarks.contestants.stopwatch import ROOM, SIDE, Stopwatch, stopping_callback


def keras(model: str, seconds: float, data_dir: str) -> float:
    """Trains with Keras's fit; a map of TensorFlow's ops translates each batch."""

    from estimator_mnist.data import datasets
    from estimator_mnist.models import catalog

    settings, watch = catalog.MODELS[model], Stopwatch(seconds)

    train = datasets.load("mnist", data_dir).train
    batches = translated_batches(train, settings.batch_size)
    net = keras_net(model, settings.params)
    with contextlib.suppress(StopIteration):
        stop = stopping_callback(watch)
        net.fit(batches, steps_per_epoch=10**7, callbacks=[stop], verbose=0)
    return watch.steps_per_s


def translated_batches(split, batch_size: int):
    """Returns an endless Dataset, shuffled and translated by TensorFlow's ops."""
    import tensorflow as tf

    def translated(images, labels):
        wide = tf.pad(images, [[0, 0], [ROOM, ROOM], [ROOM, ROOM]])
        corners = tf.random.uniform([2, tf.shape(images)[0], 1], 1, ROOM + 1, tf.int32)
        rows, columns = tf.unstack(corners + tf.range(SIDE))
        placed = tf.gather(wide, rows, axis=1, batch_dims=1)
        placed = tf.gather(placed, columns, axis=2, batch_dims=1)
        return tf.cast(placed, tf.float32) / 255, labels

    batches = tf.data.Dataset.from_tensor_slices((split.images, split.labels))
    batches = batches.shuffle(len(split.labels)).repeat()
    batches = batches.batch(batch_size, drop_remainder=True)
    return batches.map(translated, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def keras_net(model: str, params: dict):
    """Returns the model in Keras, compiled with its optimizer."""
    from tensorflow.keras import Input, Sequential, layers

    hidden = {"linear": linear_layers, "mlp": mlp_layers, "cnn": cnn_layers}[model]
    net = Sequential([Input([SIDE, SIDE]), *hidden(params, layers)])
    net.add(layers.Dense(10, "softmax", dtype="float32"))  # of a mixed precision, too
    loss = "sparse_categorical_crossentropy"
    net.compile(keras_optimizer(params), loss, metrics=["accuracy"])
    return net


def linear_layers(params: dict, layers) -> list:
    """Returns the hidden layers of the linear model."""
    return [layers.Flatten()]


def mlp_layers(params: dict, layers) -> list:
    """Returns the hidden layers of the MLP."""
    return [layers.Flatten(), layers.Dense(params["hidden_units"], "relu")]


def cnn_layers(params: dict, layers) -> list:
    """Returns the hidden layers of the CNN."""
    return [
        layers.Reshape([SIDE, SIDE, 1]),
        layers.Conv2D(params["filters"], params["kernel_size"], padding="same"),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(params["dense_units"], "relu"),
        layers.Dropout(params["dropout_rate"]),
    ]


def keras_optimizer(params: dict):
    """Returns Keras's optimizer with the model's learning rate."""
    from tensorflow.keras import optimizers

    kind = {"adam": optimizers.Adam, "gradient_descent": optimizers.SGD}
    rate = params["learning_rate"]
    if params["decay_steps"]:
        rate = optimizers.schedules.ExponentialDecay(
            rate, params["decay_steps"], 0.5, staircase=True
        )
    return kind[params["optimizer"]](rate)
