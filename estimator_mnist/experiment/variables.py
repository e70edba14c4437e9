"""The variables of a checkpoint."""

import math
from collections.abc import Collection
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import compatibility, paths
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.models import normalize


class Variable(NamedTuple):
    """A variable of a checkpoint."""

    name: str
    shape: tuple[int, ...]
    trained: bool  # False for global_step and an optimizer's own

    @property
    def size(self) -> int:
        """Returns how many numbers it has."""
        return math.prod(self.shape)


def inspect(model_dir: str, path: str | None = None) -> tuple[str, list[Variable]]:
    """Returns the path of a checkpoint, and its variables by name.

    Args:
      path: prefix of the checkpoint; None for the newest in `model_dir`.

    Raises ExperimentError where nothing has been trained.
    """
    if path:
        return path, _variables(path)
    newest = paths.latest(model_dir)
    if not newest:
        raise errors.ExperimentError(experiments.NO_CHECKPOINT.format(model_dir))
    try:
        return newest, _variables(newest)
    except tf.errors.OpError:
        if paths.exists(newest):
            raise
        # A trainer has deleted it meanwhile, since there are newer ones.
        return inspect(model_dir)


def _variables(path: str) -> list[Variable]:
    shapes = paths.reader(path).get_variable_to_shape_map()
    return [
        Variable(name, tuple(shape), _is_trained(name, shapes))
        for name, shape in sorted(shapes.items())
    ]


def _is_trained(name: str, names: Collection[str]) -> bool:
    if name == tf.compat.v1.GraphKeys.GLOBAL_STEP:
        return False
    if name.rpartition("/")[0] == normalize.SCOPE:
        return False
    return not compatibility.is_optimizer_variable(name, names)
