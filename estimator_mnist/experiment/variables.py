"""The variables of checkpoints: which there are, what is in them, how two differ."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import contents, paths
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

    Raises:
      ExperimentError: nothing has been trained.
      DamagedCheckpointError: it cannot be read.
    """
    checkpoint = opened(path or model_dir)
    return checkpoint.path, [
        Variable(entry.name, entry.shape, _role_of(entry) == PARAMETER)
        for entry in checkpoint.entries
    ]


# What a variable is there for.
PARAMETER, OPTIMIZER, OTHER = "parameter", "optimizer", "other"
_NO_NUMBERS = (tf.string, tf.resource, tf.variant)
_Figures = tuple[float | None, float | None, int | None, int | None]
_NOTHING: _Figures = (None, None, None, None)


class Summary(NamedTuple):
    """A variable in figures; those of numbers are None where it has none."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    size: int  # how many numbers, or strings
    mean: float | None  # of the finite ones, as is
    deviation: float | None  # the standard one
    nan: int | None
    infinite: int | None
    role: str  # PARAMETER, OPTIMIZER or OTHER


class Difference(NamedTuple):
    """A variable that two checkpoints do not have alike."""

    name: str
    what: str  # in words
    largest: float | None  # absolute difference, where shapes are the same


def opened(path: str) -> contents.Contents:
    """Opens the checkpoint that `path` names in any of the ways of contents.locate.

    Raises:
      ExperimentError: there is none.
      DamagedCheckpointError: it cannot be read.
    """
    prefix = contents.locate(path)
    if prefix is None:
        raise errors.ExperimentError(experiments.NO_CHECKPOINT.format(path))
    try:
        return contents.Contents(prefix)
    except errors.DamagedCheckpointError:
        if paths.exists(prefix):
            raise
        # A trainer has deleted it meanwhile, since there are newer ones.
        return opened(path)


def summaries(checkpoint: contents.Contents) -> Iterator[Summary]:
    """Yields the figures of each variable; one is in memory at a time."""
    for entry in checkpoint.entries:
        known = _NOTHING
        if entry.dtype not in _NO_NUMBERS:
            known = _figures(checkpoint.read(entry))
        kind, role = entry.dtype.name, _role_of(entry)
        yield Summary(entry.name, entry.shape, kind, entry.size, *known, role)


def differences(
    one: contents.Contents, other: contents.Contents
) -> Iterator[Difference]:
    """Yields the variables that `other` lacks, has besides, or has otherwise."""
    here, there = ({e.name: e for e in side.entries} for side in (one, other))
    for name in sorted(here.keys() | there.keys()):
        if name not in there or name not in here:
            where = one.path if name in here else other.path
            yield Difference(name, f"only in {where}", None)
            continue
        before, after = here[name], there[name]
        if (before.shape, before.dtype) != (after.shape, after.dtype):
            sides = (f"{list(e.shape)} {e.dtype.name}" for e in (before, after))
            yield Difference(name, " and ".join(sides), None)
        elif found := _difference(one.read(before), other.read(after)):
            yield Difference(name, *found)


def _role_of(entry: contents.Entry) -> str:
    if entry.of_optimizer:
        return OPTIMIZER
    of_ours = entry.name.rpartition("/")[0] == normalize.SCOPE
    return OTHER if entry.is_counter or of_ours else PARAMETER


def _figures(value: np.ndarray) -> _Figures:
    """Returns mean, deviation, the counts of NaN and of infinite numbers."""
    numbers = _wide(value)
    nan, infinite = int(np.isnan(numbers).sum()), int(np.isinf(numbers).sum())
    finite = numbers[np.isfinite(numbers)] if nan or infinite else numbers
    if not finite.size or np.iscomplexobj(finite):
        return None, None, nan, infinite
    with np.errstate(over="ignore"):
        return float(finite.mean()), float(finite.std()), nan, infinite


def _wide(value: np.ndarray) -> np.ndarray:
    """Returns numbers, bool and bfloat16 among them, as NumPy computes best."""
    return value.astype(np.complex128 if np.iscomplexobj(value) else np.float64)


def _difference(one: np.ndarray, other: np.ndarray) -> tuple[str, float | None] | None:
    """Returns in what two values of one shape differ, and by how much, or None."""
    if one.dtype == object:
        strings = np.sum(one != other)
        return (f"{strings} of {one.size} strings", None) if strings else None
    first, second = _wide(one), _wide(other)
    unlike = (first != second) & ~(np.isnan(first) & np.isnan(second))
    if not unlike.any():
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(first - second)[unlike]
    known = gap[~np.isnan(gap)]
    largest = float(known.max()) if known.size else None
    return f"{int(unlike.sum())} of {one.size} numbers", largest
