"""Python 2's own functions, for programs that were converted from it."""

import numbers
import operator
import warnings
from typing import Any

import numpy as np
import tensorflow as tf

__all__ = ["cmp", "old_div", "old_idiv"]

_Dimension = tf.compat.v1.Dimension
_ROUNDS = (
    "a division of integers rounds down, as in Python 2: 7 / 2 is 3. Write 7 // 2, or "
    "7 / 2.0 if that was a mistake."
)


def old_div(a: Any, b: Any) -> Any:
    """Returns `a / b` as Python 2 had it: of integers, rounded down.

    Integers are also arrays, tensors and dimensions of integers. Warns, once for a
    line, where something was rounded or may have been.
    """
    if not (_is_integral(a) and _is_integral(b)):
        return a / b
    _say(a, b)
    return a // b


def old_idiv(a: Any, b: Any) -> Any:
    """Returns what `a /= b` made of `a` in Python 2; changes arrays in place."""
    if not (_is_integral(a) and _is_integral(b)):
        return operator.itruediv(a, b)
    _say(a, b)
    return operator.ifloordiv(a, b)


def cmp(a: Any, b: Any) -> int:
    """Returns -1, 0 or 1, as `a` is less than, equal to or greater than `b`."""
    return (a > b) - (a < b)


def _is_integral(value: object) -> bool:
    if isinstance(value, tf.Tensor | tf.Variable):
        return value.dtype.is_integer
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu"
    return isinstance(value, numbers.Integral | _Dimension)


def _say(a: Any, b: Any) -> None:
    are_numbers = isinstance(a, numbers.Integral) and isinstance(b, numbers.Integral)
    if not are_numbers or (b and a % b):
        warnings.warn(_ROUNDS, stacklevel=3)
