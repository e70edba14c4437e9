"""Gives numpy the names that it has removed, while an old script runs."""

import builtins
import contextlib
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

# Old name -> the name in numpy today.
_RENAMED = {
    "alltrue": "all",
    "bool8": "bool_",
    "cfloat": "complex128",
    "clongfloat": "clongdouble",
    "complex_": "complex128",
    "cumproduct": "cumprod",
    "float_": "float64",
    "Inf": "inf",
    "infty": "inf",
    "Infinity": "inf",
    "longfloat": "longdouble",
    "mat": "asmatrix",
    "NaN": "nan",
    "NAN": "nan",
    "PINF": "inf",
    "product": "prod",
    "rank": "ndim",
    "round_": "round",
    "row_stack": "vstack",
    "singlecomplex": "complex64",
    "sometrue": "any",
    "string_": "bytes_",
    "trapz": "trapezoid",
    "typeDict": "sctypeDict",
    "unicode_": "str_",
}
# Old name -> the builtin that it was.
_BUILTINS = {
    **{name: name for name in ("bool", "int", "float", "complex", "object", "str")},
    "alen": "len",
    "long": "int",
    "unicode": "str",
}
_WARNINGS = ("ComplexWarning", "RankWarning", "VisibleDeprecationWarning")


@contextlib.contextmanager
def numpy_names() -> Iterator[None]:
    """Gives numpy the names it had in 2018, as `np.product` and `np.float`.

    Names that this numpy has stay its own. At the end of the block the others are
    removed; until then the whole process has them.
    """
    missing = {k: v for k, v in _old_names().items() if k not in vars(np)}
    for name, value in missing.items():
        setattr(np, name, value)
    try:
        yield
    finally:
        for name in missing:
            vars(np).pop(name, None)


def _old_names() -> dict[str, Any]:
    names: dict[str, Any] = {
        "NINF": -np.inf,
        "NZERO": -0.0,
        "PZERO": 0.0,
        "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype),
        "asscalar": lambda a: a.item(),
        "in1d": lambda ar1, ar2, **options: np.isin(np.ravel(ar1), ar2, **options),
        "math": math,
        "msort": lambda a: np.sort(a, axis=0),
    }
    names |= {old: getattr(builtins, new) for old, new in _BUILTINS.items()}
    names |= {k: v for k, v in vars(np.exceptions).items() if k in _WARNINGS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other versions of numpy warn of some names
        renamed = {old: getattr(np, new, None) for old, new in _RENAMED.items()}
    return names | {old: value for old, value in renamed.items() if value is not None}
