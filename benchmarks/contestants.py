"""One contestant of a benchmark, in a process of its own.

python -m benchmarks.contestants NAME MODEL SECONDS DATA_DIR

Trains MODEL on translated MNIST, and prints a JSON object with `steps_per_s`, taken
over SECONDS once the first WARM_UP seconds of steps are over. All train the same net
with the same batch size and optimizer, and translate each image anew at each step, but
for `original`, whose images were translated beforehand, and `limit`, whose batch is
always the same and never leaves the graph.
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
    """Counts steps from WARM_UP seconds after the first, for `seconds`."""

    def __init__(self, seconds: float, clock=time.perf_counter):
        self._clock = clock
        self._seconds, self._first, self._from, self.steps_per_s = (
            seconds,
            None,
            None,
            0,
        )

    def is_over(self, step: int) -> bool:
        """Notes that `step` has been made; True once there is nothing left to time."""
        now = self._clock()
        if self._first is None:
            self._first = now
        if self._from is None and now - self._first >= WARM_UP:
            self._from = now, step
        if self._from is None or now - self._from[0] < self._seconds:
            return False
        self.steps_per_s = (step - self._from[1]) / (now - self._from[0])
        return True


def ours(model: str, seconds: float, data_dir: str, **more) -> float:
    """This package's program, but for its flags."""
    import tensorflow as tf

    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment

    watch = Stopwatch(seconds)

    class Timer(tf.compat.v1.train.SessionRunHook):
        every_step = False

        def begin(self):
            self._step = tf.compat.v1.train.get_global_step()

        def before_run(self, run_context):
            return tf.compat.v1.train.SessionRunArgs(self._step)

        def after_run(self, run_context, run_values):
            if watch.is_over(int(run_values.results)):
                run_context.request_stop()

    with tempfile.TemporaryDirectory() as folder:
        chosen = experiment.make(
            folder, model, "mnist", data_dir, translate=True, seed=SEED, **more
        )
        input_fn = input_fns.train_input_fn(
            chosen.data.train, chosen.batch_size, SEED, True
        )
        experiment.build_estimator(chosen).train(input_fn, [Timer()])
    return watch.steps_per_s


def ours_bfloat16(model: str, seconds: float, data_dir: str) -> float:
    """The same with --precision=bfloat16."""
    return ours(model, seconds, data_dir, precision="bfloat16")


def limit(model: str, seconds: float, data_dir: str) -> float:
    """The same net on one batch, RUN_SECS of steps inside one session.run, no hooks."""
    import tensorflow as tf

    from estimator_mnist import estimator
    from estimator_mnist.data import datasets, input_fns
    from estimator_mnist.estimator import run_config
    from estimator_mnist.estimator.session import fast_gradients, multi_step
    from estimator_mnist.models import catalog, model_fn

    tf1, chosen = tf.compat.v1, catalog.MODELS[model]
    data = datasets.load("mnist", data_dir).train
    batches = input_fns.train_input_fn(data, chosen.batch_size, SEED, True)()
    features, labels = next(batches.as_numpy_iterator())
    with tf.Graph().as_default():
        tf1.train.create_global_step()
        with fast_gradients.fast_products(tf1.get_default_graph()):
            spec = model_fn.around(chosen.network, estimator)(
                {"x": tf.constant(features["x"])},
                tf.constant(labels),
                "train",
                {**chosen.params, "seed": SEED},
            )
        loop = multi_step.Loop(spec.train_op)
        with tf1.Session(config=run_config.default_session_config()) as session:
            session.run(tf1.global_variables_initializer())
            loop.run(session, 2)
            started = time.perf_counter()
            loop.run(session, 5)
            several = int(multi_step.RUN_SECS * 5 / (time.perf_counter() - started))
            several = min(max(several, 1), multi_step.MOST_STEPS)
            watch, steps = Stopwatch(seconds), 0
            while not watch.is_over(steps):
                loop.run(session, several)
                steps += several
    return watch.steps_per_s


def original(model: str, seconds: float, data_dir: str) -> float:
    """tf.compat.v1.estimator with its numpy_input_fn, on TensorFlow 2.15."""
    import tensorflow as tf

    from estimator_mnist import compat
    from estimator_mnist.data import datasets, translation
    from estimator_mnist.models import catalog, model_fn

    runtime, chosen = compat.tensorflow_estimator(), catalog.MODELS[model]
    data = datasets.load("mnist", data_dir).train
    corners = translation.random_corners(len(data.labels), np.random.RandomState(SEED))
    images = translation.place(data.images, corners).astype(np.float32) / 255
    watch = Stopwatch(seconds)

    class Timer(tf.compat.v1.train.SessionRunHook):
        _steps = 0

        def after_run(self, run_context, run_values):
            self._steps += 1
            if watch.is_over(self._steps):
                run_context.request_stop()

    with tempfile.TemporaryDirectory() as folder:
        runner = runtime.Estimator(
            model_fn.around(chosen.network, runtime),
            folder,
            params={**chosen.params, "seed": SEED},
        )
        input_fn = runtime.inputs.numpy_input_fn(
            {"x": images},
            data.labels.astype(np.int32),
            batch_size=chosen.batch_size,
            num_epochs=None,
            shuffle=True,
        )
        runner.train(input_fn, [Timer()])
    return watch.steps_per_s


def keras(model: str, seconds: float, data_dir: str) -> float:
    """Keras's fit, with one vectorised map of TensorFlow's ops per batch."""
    import tensorflow as tf

    from estimator_mnist.data import datasets
    from estimator_mnist.models import catalog

    chosen, watch = catalog.MODELS[model], Stopwatch(seconds)

    class Timer(tf.keras.callbacks.Callback):
        _steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self._steps += 1
            if watch.is_over(self._steps):
                raise StopIteration

    train = datasets.load("mnist", data_dir).train
    batches = translated_batches(train, chosen.batch_size)
    net = keras_net(model, chosen.params)
    with contextlib.suppress(StopIteration):
        net.fit(batches, steps_per_epoch=10**7, callbacks=[Timer()], verbose=0)
    return watch.steps_per_s


def translated_batches(split, batch_size: int):
    """An endless Dataset, shuffled and translated by TensorFlow's ops."""
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
    """The model in Keras, compiled with its optimizer."""
    from tensorflow.keras import Input, Sequential, layers, optimizers

    hidden = {
        "linear": lambda: [],
        "mlp": lambda: [layers.Dense(params["hidden_units"], "relu")],
        "cnn": lambda: [layers.Dense(params["dense_units"], "relu")],
    }[model]()
    convolution = (
        [
            layers.Reshape([SIDE, SIDE, 1]),
            layers.Conv2D(
                params.get("filters"), params.get("kernel_size"), padding="same"
            ),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]
        if model == "cnn"
        else []
    )
    dropout = [layers.Dropout(params["dropout_rate"])] if model == "cnn" else []
    net = Sequential([Input([SIDE, SIDE]), *convolution, layers.Flatten()])
    for layer in [*hidden, *dropout, layers.Dense(10, "softmax")]:
        net.add(layer)
    kind = {"adam": optimizers.Adam, "gradient_descent": optimizers.SGD}
    rate = params["learning_rate"]
    if params["decay_steps"]:
        rate = optimizers.schedules.ExponentialDecay(
            rate, params["decay_steps"], 0.5, staircase=True
        )
    optimizer = kind[params["optimizer"]](rate)
    loss = "sparse_categorical_crossentropy"
    net.compile(optimizer, loss, metrics=["accuracy"])
    return net


def pytorch(model: str, seconds: float, data_dir: str) -> float:
    """PyTorch's usual loop, with a vectorised translation per batch."""
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
    """(net, optimizer, batch size); settings as in models.catalog, TensorFlow aside."""
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
    """Runs one contestant, and prints what it reached."""
    reached = CONTESTANTS[name](model, float(seconds), data_dir)
    print(json.dumps({"steps_per_s": reached}))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(*sys.argv[1:])
