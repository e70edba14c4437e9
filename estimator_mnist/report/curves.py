"""Scalars of event files as curves, as one run however often it was resumed."""

import os
from typing import NamedTuple

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1

TRAIN = "train"
_EVAL_PREFIX = "eval"
_EVENT_FILE = ".tfevents."


class Curve(NamedTuple):
    """One scalar over the global step."""

    steps: np.ndarray  # int64, ascending
    values: np.ndarray  # float64


def of_run(model_dir: str) -> dict[str, dict[str, Curve]]:
    """Curves by run, `train` or the name of an eval folder, and by tag.

    Runs without event files are left out.
    """
    folders = {TRAIN: model_dir}
    for name in sorted(os.listdir(model_dir)):
        if name.startswith(_EVAL_PREFIX):
            folders[name] = os.path.join(model_dir, name)
    runs = {name: read(folder) for name, folder in folders.items()}
    return {name: curves for name, curves in runs.items() if curves}


def read(folder: str) -> dict[str, Curve]:
    """The scalars of the event files in `folder`, by tag.

    A session that starts at a step takes the place of what an earlier, killed one wrote
    from this step on; of a step that was written twice, the later value counts.
    """
    found: dict[str, dict[int, float]] = {}
    for path in _event_files(folder):
        for event in _events(path):
            if event.session_log.status == tf1.SessionLog.START:
                _forget_from(found, event.step)
            for tag, value in _scalars(event):
                found.setdefault(tag, {})[event.step] = value
    return {tag: _curve(points) for tag, points in found.items() if points}


def _event_files(folder):
    """In the order of their writing: names begin with the time."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [os.path.join(folder, n) for n in sorted(names) if _EVENT_FILE in n]


def _events(path):
    try:
        yield from tf1.train.summary_iterator(path)
    except tf.errors.DataLossError:
        # Cut short by a kill, or being written.
        return


def _scalars(event):
    for value in event.summary.value:
        if value.HasField("simple_value"):
            yield value.tag, value.simple_value
        elif value.HasField("tensor") and not value.tensor.tensor_shape.dim:
            number = tf.make_ndarray(value.tensor)
            if np.issubdtype(number.dtype, np.number):
                yield value.tag, float(number)


def _forget_from(found, step):
    for points in found.values():
        for late in [s for s in points if s >= step]:
            del points[late]


def _curve(points):
    steps = sorted(points)
    values = [points[step] for step in steps]
    return Curve(np.array(steps, np.int64), np.array(values, np.float64))
