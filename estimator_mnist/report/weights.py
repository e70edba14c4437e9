"""Which weights of a checkpoint can be looked at as images."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

_UNITS_PER_CLASS = 4
_MOST_MAPS = 40


class Maps(NamedTuple):
    """Weights that lie on the input image, as images."""

    variable: str
    images: np.ndarray  # [maps, side, side]
    units: np.ndarray  # [maps] which column, or filter, of the variable each one is
    of: int  # how many the variable has
    by_class: bool  # whether map i belongs to class i % classes


def of_checkpoint(path: str, names: list[str], side: int, classes: int) -> Maps | None:
    """The maps of the layer that reads the image; None where none can be drawn.

    Args:
      path: prefix of the checkpoint.
      names: its trained variables.
      side: of the images, pixels.
      classes: how many.
    """
    reader = tf.train.load_checkpoint(path)
    shapes = reader.get_variable_to_shape_map()
    convs = [n for n in names if len(shapes[n]) == 4 and shapes[n][2] == 1]
    dense = [n for n in names if len(shapes[n]) == 2 and shapes[n][0] == side * side]
    if convs:
        return _kernels(convs[0], reader.get_tensor(convs[0]))
    if not dense:
        return None
    after = [n for n in names if shapes[n] == [shapes[dense[0]][1], classes]]
    kernel = reader.get_tensor(dense[0])
    units, by_class = _choice(kernel, [reader.get_tensor(n) for n in after], classes)
    images = kernel[:, units].T.reshape(-1, side, side)
    return Maps(dense[0], images, units, kernel.shape[1], by_class)


def _kernels(name, kernel):
    images = np.moveaxis(kernel[:, :, 0, :], -1, 0)
    count = len(images)
    return Maps(name, images, np.arange(count), count, by_class=False)


def _choice(kernel, after, classes):
    """All units if there is one per class, else those that speak for each class most.

    Where the next layer is not the last, those with the largest weights.
    """
    units = kernel.shape[1]
    if units == classes:
        return np.arange(units), True
    if after:
        best = np.argsort(-after[0], axis=0, kind="stable")
        return best[:_UNITS_PER_CLASS].ravel(), True
    norms = np.linalg.norm(kernel, axis=0)
    return np.argsort(-norms, kind="stable")[:_MOST_MAPS], False
