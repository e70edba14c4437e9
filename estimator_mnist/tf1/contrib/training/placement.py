"""Strategies that place variables on parameter servers."""

import random
from collections.abc import Callable
from typing import Any

import tensorflow as tf


def byte_size_load_fn(op: tf.Operation) -> int:
    """Returns the bytes of an op's only output, counting 8 for a string.

    Raises:
      ValueError: the op has several outputs, or their shape is not known.
    """
    if len(op.outputs) != 1:
        raise ValueError(f"Op {op} must have a single output")
    output = op.outputs[0]
    size = 8 if output.dtype == tf.string else output.dtype.size
    if not output.shape.is_fully_defined():
        raise ValueError(f"Shape {output.shape} is not fully defined")
    return size * output.shape.num_elements()


class GreedyLoadBalancingStrategy:
    """Places an op on the task that has the least load so far.

    It is a `ps_strategy` of tf.train.replica_device_setter.

    Args:
      num_tasks: number of parameter servers.
      load_fn: load of an op, as `byte_size_load_fn`.
    """

    def __init__(
        self, num_tasks: int, load_fn: Callable[[tf.Operation], float]
    ) -> None:
        self._load_fn = load_fn
        self._loads: list[float] = [0 for _ in range(num_tasks)]

    def __call__(self, op: tf.Operation) -> int:
        """Returns the task of an op, an int below num_tasks."""
        task = self._loads.index(min(self._loads))
        self._loads[task] += self._load_fn(op)
        return task


class RandomStrategy:
    """Places an op on a task that depends on its name and the seed alone.

    Args:
      num_ps: number of parameter servers.
      seed: of the choices.
    """

    def __init__(self, num_ps: int, seed: int = 0) -> None:
        self._num_ps, self._seed = num_ps, seed

    def __call__(self, op: Any) -> int:
        """Returns the task of an op, an int below num_ps."""
        return random.Random(f"{op.name}_{self._seed}").randrange(self._num_ps)
