"""The weights of a checkpoint that can be shown as images."""

from typing import NamedTuple

import numpy as np

from estimator_mnist.estimator.checkpoint import paths

_UNITS_PER_CLASS = 4
_MAX_MAPS = 40


class WeightMaps(NamedTuple):
    """The weights of the layer that reads the image, as images."""

    variable: str
    images: np.ndarray  # [maps, side, side]
    units: np.ndarray  # int [maps], column or filter of the variable, of each map
    of: int  # the number of units of the variable
    by_class: bool  # whether map i belongs to class i % classes


def of_checkpoint(
    path: str, names: list[str], side: int, classes: int
) -> WeightMaps | None:
    """Returns the maps of the layer that reads the image, or None if it has none.

    Args:
      path: prefix of the checkpoint.
      names: its trained variables.
      side: height and width of the images, pixels.
      classes: the number of classes.
    """
    reader = paths.reader(path)
    shapes = reader.get_variable_to_shape_map()
    convs = [n for n in names if len(shapes[n]) == 4 and shapes[n][2] == 1]
    dense = [n for n in names if len(shapes[n]) == 2 and shapes[n][0] == side * side]
    if convs:
        return _kernels(convs[0], reader.get_tensor(convs[0]))
    if not dense:
        return None
    after = [n for n in names if shapes[n] == [shapes[dense[0]][1], classes]]
    kernel = reader.get_tensor(dense[0])
    units, by_class = _units(kernel, [reader.get_tensor(n) for n in after], classes)
    images = kernel[:, units].T.reshape(-1, side, side)
    return WeightMaps(dense[0], images, units, kernel.shape[1], by_class)


def _kernels(name: str, kernel: np.ndarray) -> WeightMaps:
    images = np.moveaxis(kernel[:, :, 0, :], -1, 0)
    count = len(images)
    return WeightMaps(name, images, np.arange(count), count, by_class=False)


def _units(
    kernel: np.ndarray, after: list[np.ndarray], classes: int
) -> tuple[np.ndarray, bool]:
    """Selects units of a dense layer; returns them, and whether they go by class.

    These are all units if there is one per class; if the next layer is the last, those
    with the largest weights to each class; else those with the largest weights.

    Args:
      kernel: [pixels, units].
      after: the kernels [units, classes] that may follow; none if there are more
        hidden layers.
    """
    units = kernel.shape[1]
    if units == classes:
        return np.arange(units), True
    if after:
        best = np.argsort(-after[0], axis=0, kind="stable")
        return best[:_UNITS_PER_CLASS].ravel(), True
    norms = np.linalg.norm(kernel, axis=0)
    return np.argsort(-norms, kind="stable")[:_MAX_MAPS], False
