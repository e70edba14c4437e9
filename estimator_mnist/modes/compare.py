"""Compares models trained on the same data: their size, their cost, their accuracy."""

import glob
import math
import os
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.experiment import early_stopping, experiment
from estimator_mnist.modes import tables
from estimator_mnist.report import measures

tf1 = tf.compat.v1

TABLE, PICTURE = "compare.csv", "compare.png"
_HEADINGS = {
    "model": "model",
    "parameters": "parameters",
    "trainable": "trainable",
    "multiply_adds": "multiply-adds/image",
    "steps": "steps",
    "seconds": "training, s",
    "images_per_second": "images/s",
    "accuracy": "accuracy",
    "low": "95 % from",
    "high": "to",
    "bytes": "on disk, bytes",
}


class Row(NamedTuple):
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


def measure_each(models: list[str], experiment_of: Callable, train: Callable) -> list:
    """A list with the Row of each model, trained before.

    Args:
      experiment_of: name of a model -> Experiment.
      train: called with the Experiment and its Estimator; returns at once where there
        is nothing to train.

    Raises ExperimentError where there is no model of a name.
    """
    unknown = set(models) - set(experiment.MODELS)
    if unknown or not models:
        raise errors.ExperimentError(
            f"--models={','.join(models)}: name one or more of "
            f"{', '.join(experiment.MODELS)}."
        )
    rows = []
    for model in models:
        chosen = experiment_of(model)
        runner = experiment.build_estimator(chosen)
        train(chosen, runner)
        rows.append(measure(chosen, runner))
    return rows


def measure(chosen: experiment.Experiment, runner) -> Row:
    """What a trained experiment has reached and what it took.

    Raises ExperimentError where nothing has been trained.
    """
    results = experiment.evaluate(chosen, runner)
    images, steps = len(chosen.data.test.labels), int(results["global_step"])
    low, high = measures.wilson(round(results["accuracy"] * images), images)
    seconds = early_stopping.Course.load(chosen.model_dir).seconds
    # A directory of TF 1.x, for one, does not tell how long it took.
    pace = steps * chosen.batch_size / seconds if seconds else math.nan
    kept = glob.glob(glob.escape(runner.latest_checkpoint()) + ".*")
    return Row(
        chosen.model,
        *cost(chosen),
        steps,
        seconds or math.nan,
        pace,
        float(results["accuracy"]),
        float(low),
        float(high),
        sum(map(os.path.getsize, kept)),
    )


def cost(chosen: experiment.Experiment) -> tuple[int, int, int]:
    """Parameters, those trainable, and multiply-adds for one image."""
    kind = experiment.MODELS[chosen.model]
    side = 40 if chosen.translate else 28
    with tf.Graph().as_default() as graph:
        images = tf.zeros([1, side, side])
        kind.network(images, {**chosen.params, "seed": 0}, False)
        return (
            _numbers(tf1.global_variables()),
            _numbers(tf1.trainable_variables()),
            sum(map(_multiply_adds, graph.get_operations())),
        )


def table(rows: list[Row]) -> str:
    """The rows in columns, under headings."""
    return tables.aligned(list(_HEADINGS.values()), rows)


def write(rows: list[Row], folder: str) -> list[str]:
    """Writes compare.csv and compare.png to `folder`; returns their paths."""
    # Here, because matplotlib takes a second to import, and no other mode draws.
    from estimator_mnist.report import compare_figure, figure_style

    paths = [os.path.join(folder, name) for name in (TABLE, PICTURE)]
    tables.write_csv(paths[0], list(_HEADINGS), rows)
    files.write_bytes(paths[1], figure_style.png(compare_figure.draw(rows)))
    return paths


def _numbers(variables):
    return sum(variable.shape.num_elements() for variable in variables)


def _multiply_adds(op):
    """One for each product of an input and a weight."""
    if op.type == "MatMul":
        return op.inputs[0].shape.num_elements() * op.outputs[0].shape[-1]
    if op.type == "Conv2D":
        *places, _ = op.outputs[0].shape
        return math.prod(places) * _weights(op.inputs[1])
    return 0


def _weights(kernel):
    """How many there are; of scattered ones those, not the zeros between them."""
    op = kernel.op
    while op.type == "Transpose":
        op = op.inputs[0].op
    kept = op.inputs[1] if op.type == "ScatterNd" else kernel
    return kept.shape.num_elements()
