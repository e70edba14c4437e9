"""What a trained experiment has reached, and what it took."""

import glob
import math
import os
from collections.abc import Iterable
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.experiment import early_stopping
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.report import measures

tf1 = tf.compat.v1


class Measurement(NamedTuple):
    """A trained model."""

    model: str
    parameters: int  # numbers in the network's variables
    trainable: int  # those that an optimizer moves
    multiply_adds: int  # of convolutions and matrix products, for one image
    steps: int
    seconds: float  # of training, in all runs
    images_per_second: float  # while training
    accuracy: float  # on the test images
    low: float  # Wilson's 95 % interval of it
    high: float
    bytes: int  # of the newest checkpoint, the optimizer's slots in it


class Cost(NamedTuple):
    """What a network needs."""

    parameters: int  # numbers in its variables
    trainable: int  # those that an optimizer moves
    multiply_adds: int  # of convolutions and matrix products, for one image


def measure(experiment: Experiment, estimator: tf_estimator.Estimator) -> Measurement:
    """Evaluates the newest checkpoint on the test images, and reads what it took.

    Raises ExperimentError where nothing has been trained.
    """
    results = experiments.evaluate(experiment, estimator)
    images, steps = len(experiment.data.test.labels), int(results["global_step"])
    accuracy = float(results["accuracy"])
    low, high = measures.wilson(round(accuracy * images), images)
    seconds = early_stopping.EarlyStoppingState.load(experiment.model_dir).seconds
    # A model_dir of TF 1.x, for example, lacks how long it took.
    pace = steps * experiment.batch_size / seconds if seconds else math.nan
    checkpoint = estimator.latest_checkpoint() or ""
    kept = glob.glob(glob.escape(checkpoint) + ".*")
    return Measurement(
        experiment.model,
        *cost(experiment),
        steps,
        seconds or math.nan,
        pace,
        accuracy,
        float(low),
        float(high),
        sum(map(os.path.getsize, kept)),
    )


def cost(experiment: Experiment) -> Cost:
    """Counts parameters, those trainable, and multiply-adds for one image."""
    model = experiments.MODELS[experiment.model]
    side = 40 if experiment.translate else 28
    with tf.Graph().as_default() as graph:
        images = tf.zeros([1, side, side])
        model.network(images, {**experiment.params, "seed": 0}, False)
        return Cost(
            _numbers(tf1.global_variables()),
            _numbers(tf1.trainable_variables()),
            sum(map(_multiply_adds, graph.get_operations())),
        )


def _numbers(variables: Iterable[tf.Variable]) -> int:
    return sum(variable.shape.num_elements() for variable in variables)


def _multiply_adds(op: tf.Operation) -> int:
    """Counts one for each product of an input and a weight."""
    if op.type == "MatMul":
        return op.inputs[0].shape.num_elements() * op.outputs[0].shape[-1]
    if op.type == "Conv2D":
        *places, _ = op.outputs[0].shape
        return math.prod(places) * _weights(op.inputs[1])
    return 0


def _weights(kernel: tf.Tensor) -> int:
    """Counts the weights; of scattered ones, not the zeros between them."""
    op = kernel.op
    while op.type == "Transpose":
        op = op.inputs[0].op
    kept = op.inputs[1] if op.type == "ScatterNd" else kernel
    return kept.shape.num_elements()
