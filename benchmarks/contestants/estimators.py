"""Trains with this package, with tf.estimator, and at the limit of the machine."""

import tempfile
import time

import numpy as np

from benchmarks.contestants.stopwatch import SEED, Stopwatch, stopping_hook


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
    from estimator_mnist.estimator.session.steps import graph_loop
    from estimator_mnist.models import catalog

    tf1, settings = tf.compat.v1, catalog.MODELS[model]
    data = datasets.load("mnist", data_dir).train
    batches = input_fns.train_input_fn(data, settings.batch_size, SEED, True)()
    features, labels = next(batches.as_numpy_iterator())
    watch, steps = Stopwatch(seconds), 0
    with tf.Graph().as_default():
        loop = graph_loop.Loop(train_op_of(settings, features["x"], labels))
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
    from estimator_mnist.estimator.session.steps import multi_step

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
