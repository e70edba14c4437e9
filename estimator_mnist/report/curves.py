"""Reads the scalars of event files as curves; a resumed run is one run."""

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import event_files

TRAIN = "train"
_EVAL_PREFIX = "eval"


class Curve(NamedTuple):
    """One scalar over the global step."""

    steps: np.ndarray  # int64, ascending
    values: np.ndarray  # float64


def of_run(model_dir: str) -> dict[str, dict[str, Curve]]:
    """Returns curves by run, `train` or the name of an eval folder, and by tag.

    Runs without event files are left out.
    """
    folders = {TRAIN: model_dir}
    for name in sorted(os.listdir(model_dir)):
        if name.startswith(_EVAL_PREFIX):
            folders[name] = os.path.join(model_dir, name)
    runs = {name: read(folder) for name, folder in folders.items()}
    return {name: curves for name, curves in runs.items() if curves}


def read(folder: str) -> dict[str, Curve]:
    """Returns the scalars of the event files in `folder`, by tag.

    A session that starts at a step replaces what an earlier, killed one wrote from this
    step on. If a step was written twice, the later value counts.
    """
    found: dict[str, dict[int, float]] = {}
    for step, summary in event_files.summaries(folder):
        for tag, value in _scalars(summary):
            found.setdefault(tag, {})[step] = value
    return {tag: _curve(points) for tag, points in found.items()}


def _scalars(summary: tf.compat.v1.Summary) -> Iterator[tuple[str, float]]:
    """Yields tag and value of each scalar, in either of the two formats."""
    for value in summary.value:
        if value.HasField("simple_value"):
            yield value.tag, value.simple_value
        elif value.HasField("tensor") and not value.tensor.tensor_shape.dim:
            number = tf.make_ndarray(value.tensor)
            if np.issubdtype(number.dtype, np.number):
                yield value.tag, float(number)


def _curve(points: Mapping[int, float]) -> Curve:
    steps = sorted(points)
    values = [points[step] for step in steps]
    return Curve(np.array(steps, np.int64), np.array(values, np.float64))
