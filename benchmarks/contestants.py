"""Trains with one contestant of a benchmark, in a process of its own.

python -m benchmarks.contestants NAME MODEL SECONDS DATA_DIR

Trains MODEL on translated MNIST, and prints a JSON object with `steps_per_s`, taken
over SECONDS after WARM_UP seconds of steps. All train the same network with the same
batch size and optimizer, and translate each image again at each step. Exceptions are
`original`, whose images were translated beforehand, and `limit`, whose only batch stays
in the graph.
"""

import contextlib
import json
import os
import sys
import tempfile
import time

import numpy as np

WARM_UP = 2.0
SEED = 0
SIDE, ROOM = 40, 12


class Stopwatch:
    """Measures steps per second for `seconds`, from WARM_UP seconds after the first."""

    def __init__(self, seconds: float, clock=time.perf_counter):
        self._clock = clock
        self._seconds = seconds
        self._first = None  # time of the first step
        self._start = None  # time and step at the end of the warm-up
        self.steps_per_s = 0

    def is_over(self, step: int) -> bool:
        """Records that `step` is done; returns whether the measurement is complete."""
        now = self._clock()
        if self._first is None:
            self._first = now
        if self._start is None and now - self._first >= WARM_UP:
            self._start = now, step
        if self._start is None or now - self._start[0] < self._seconds:
            return False
        self.steps_per_s = (step - self._start[1]) / (now - self._start[0])
        return True


def stopping_hook(watch: Stopwatch):
    """Returns a SessionRunHook, content with several steps per run, that stops it."""
    import tensorflow as tf

    tf1 = tf.compat.v1

    class Timer(tf1.train.SessionRunHook):
        every_step = False

        def __init__(self):
            self._step = None

        def begin(self):
            self._step = tf1.train.get_global_step()

        def before_run(self, run_context):
            return tf1.train.SessionRunArgs(self._step)

        def after_run(self, run_context, run_values):
            if watch.is_over(int(run_values.results)):
                run_context.request_stop()

    return Timer()


def stopping_callback(watch: Stopwatch, steps_per_execution: int = 1):
    """Returns a callback of Keras that ends `fit` by StopIteration."""
    import tensorflow as tf

    class Timer(tf.keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self._steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self._steps += steps_per_execution
            if watch.is_over(self._steps):
                raise StopIteration

    return Timer()


def ours(model: str, seconds: float, data_dir: str, **settings) -> float:
    """Trains as this package's program does, without its flags."""
    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment as experiments

    watch = Stopwatch(seconds)
    with tempfile.TemporaryDirectory() as folder:
        experiment = experiments.make(
            folder,
            model=model,
            dataset="mnist",
            data_dir=data_dir,
            translate=True,
            seed=SEED,
            **settings,
        )
        input_fn = input_fns.train_input_fn(
            experiment.data.train, experiment.batch_size, SEED, True
        )
        experiments.build_estimator(experiment).train(input_fn, [stopping_hook(watch)])
    return watch.steps_per_s


def ours_bfloat16(model: str, seconds: float, data_dir: str) -> float:
    """Trains as `ours`, with --precision=bfloat16."""
    return ours(model, seconds, data_dir, precision="bfloat16")


def limit(model: str, seconds: float, data_dir: str) -> float:
    """Trains on one batch without hooks, RUN_SECS of steps in each session.run."""
    import tensorflow as tf

    from estimator_mnist.data import datasets, input_fns
    from estimator_mnist.estimator import run_config
    from estimator_mnist.estimator.session import multi_step
    from estimator_mnist.models import catalog

    tf1, settings = tf.compat.v1, catalog.MODELS[model]
    data = datasets.load("mnist", data_dir).train
    batches = input_fns.train_input_fn(data, settings.batch_size, SEED, True)()
    features, labels = next(batches.as_numpy_iterator())
    watch, steps = Stopwatch(seconds), 0
    with tf.Graph().as_default():
        loop = multi_step.Loop(train_op_of(settings, features["x"], labels))
        with tf1.Session(config=run_config.default_session_config()) as session:
            session.run(tf1.global_variables_initializer())
            steps_per_run = find_steps_per_run(loop, session)
            while not watch.is_over(steps):
                loop.run(session, steps_per_run)
                steps += steps_per_run
    return watch.steps_per_s


def train_op_of(settings, images, labels):
    """Builds the model on a constant batch, as Estimator does; returns its train_op."""
    import tensorflow as tf

    from estimator_mnist import estimator as tf_estimator
    from estimator_mnist.estimator.session import fast_gradients
    from estimator_mnist.models import model_fn

    tf.compat.v1.train.create_global_step()
    with fast_gradients.fast_products(tf.compat.v1.get_default_graph()):
        spec = model_fn.make_model_fn(settings.network, tf_estimator)(
            {"x": tf.constant(images)},
            tf.constant(labels),
            "train",
            {**settings.params, "seed": SEED},
        )
    return spec.train_op


def find_steps_per_run(loop, session) -> int:
    """Returns the number of steps that take RUN_SECS."""
    from estimator_mnist.estimator.session import multi_step

    loop.run(session, 2)
    started = time.perf_counter()
    loop.run(session, 5)
    steps = int(multi_step.RUN_SECS * 5 / (time.perf_counter() - started))
    return min(max(steps, 1), multi_step.MOST_STEPS)


def original(model: str, seconds: float, data_dir: str) -> float:
    """Trains with tf.compat.v1.estimator and its numpy_input_fn, TensorFlow 2.15."""
    import tensorflow as tf

    from estimator_mnist import compat
    from estimator_mnist.data import datasets, translation
    from estimator_mnist.models import catalog, model_fn

    tf_estimator, settings = compat.tensorflow_estimator(), catalog.MODELS[model]
    data = datasets.load("mnist", data_dir).train
    corners = translation.random_corners(len(data.labels), np.random.RandomState(SEED))
    images = translation.place(data.images, corners).astype(np.float32) / 255
    watch = Stopwatch(seconds)

    class Timer(tf.compat.v1.train.SessionRunHook):
        def __init__(self):
            self._steps = 0

        def after_run(self, run_context, run_values):
            self._steps += 1
            if watch.is_over(self._steps):
                run_context.request_stop()

    with tempfile.TemporaryDirectory() as folder:
        estimator = tf_estimator.Estimator(
            model_fn.make_model_fn(settings.network, tf_estimator),
            folder,
            params={**settings.params, "seed": SEED},
        )
        input_fn = tf_estimator.inputs.numpy_input_fn(
            {"x": images},
            data.labels.astype(np.int32),
            batch_size=settings.batch_size,
            num_epochs=None,
            shuffle=True,
        )
        estimator.train(input_fn, [Timer()])
    return watch.steps_per_s


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
    net.add(layers.Dense(10, "softmax"))
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


def pytorch(model: str, seconds: float, data_dir: str) -> float:
    """Trains with PyTorch's usual loop and a vectorised translation per batch."""
    import torch

    from estimator_mnist.data import datasets

    torch.set_num_threads(os.cpu_count())
    data = datasets.load("mnist", data_dir).train
    images = torch.tensor(data.images).reshape(-1, 28 * 28)
    labels = torch.tensor(data.labels).long()
    net, optimizer, batch_size = torch_net(model)
    cross_entropy, watch, steps = torch.nn.CrossEntropyLoss(), Stopwatch(seconds), 0
    pixel = torch.arange(28)[:, None] * SIDE + torch.arange(28)  # on the canvas
    pixel, order = pixel.reshape(1, -1), torch.randperm(len(labels))
    while not watch.is_over(steps):
        first = steps * batch_size % (len(labels) - batch_size)
        rows = order[first : first + batch_size]
        corners = torch.randint(0, ROOM, [2, batch_size, 1])
        places = pixel + corners[0] * SIDE + corners[1]
        x = torch.zeros(batch_size, SIDE * SIDE)
        x.scatter_(1, places, images[rows].float() / 255)
        loss = cross_entropy(net(x), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
    return watch.steps_per_s


def torch_net(model: str):
    """Returns network, optimizer and batch size, with models.catalog's settings.

    They are repeated here, because a Python with PyTorch may have no TensorFlow.
    """
    from torch import nn, optim

    if model == "linear":
        net = nn.Linear(SIDE * SIDE, 10)
        return net, optim.SGD(net.parameters(), 0.5), 100
    if model == "mlp":
        net = nn.Sequential(nn.Linear(SIDE * SIDE, 500), nn.ReLU(), nn.Linear(500, 10))
    else:
        net = nn.Sequential(
            nn.Unflatten(1, (1, SIDE, SIDE)),
            nn.Conv2d(1, 32, 5, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * 20 * 20, 1024),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(1024, 10),
        )
    return net, optim.Adam(net.parameters(), 1e-4), 50


CONTESTANTS = {
    one.__name__: one for one in (ours, ours_bfloat16, limit, original, keras, pytorch)
}


def main(name: str, model: str, seconds: str, data_dir: str) -> None:
    """Runs one contestant, and prints its steps per second."""
    steps_per_s = CONTESTANTS[name](model, float(seconds), data_dir)
    print(json.dumps({"steps_per_s": steps_per_s}))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(*sys.argv[1:])
