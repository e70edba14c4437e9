"""Gives numpy the names and arguments that it has removed, while an old script runs."""

import builtins
import contextlib
import functools
import inspect
import math
import warnings
from collections.abc import Callable, Iterator
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
# Function -> its old argument, and that argument's name today.
_ARGUMENTS = {
    "histogram": ("normed", "density"),
    "histogram2d": ("normed", "density"),
    "histogramdd": ("normed", "density"),
    "reshape": ("newshape", "shape"),
}
_WARNINGS = ("ComplexWarning", "RankWarning", "VisibleDeprecationWarning")


@contextlib.contextmanager
def numpy_names() -> Iterator[None]:
    """Gives numpy the names it had in 2018, as `np.product` and `np.float`.

    So it does with arguments, as `np.reshape(a, newshape=[2])`. Names that this numpy
    has stay its own. At the end of the block numpy is what it was before; until then
    the whole process has the old names.
    """
    missing = {k: v for k, v in _old_names().items() if k not in vars(np)}
    replaced = {name: getattr(np, name) for name in _old_functions()}
    for name, value in (missing | _old_functions()).items():
        setattr(np, name, value)
    try:
        yield
    finally:
        for name in missing:
            vars(np).pop(name, None)
        for name, value in replaced.items():
            setattr(np, name, value)


def _old_functions() -> dict[str, Callable[..., Any]]:
    """Returns the functions that have lost arguments, with those."""
    functions = {
        name: _with_argument(getattr(np, name), *names)
        for name, names in _ARGUMENTS.items()
        if names[0] not in inspect.signature(getattr(np, name)).parameters
    }
    return functions | {"fromstring": _fromstring(np.fromstring)}


def _with_argument(
    function: Callable[..., Any], old: str, new: str
) -> Callable[..., Any]:
    @functools.wraps(function)
    def with_argument(*args: Any, **options: Any) -> Any:
        if old in options:
            options[new] = options.pop(old)
        return function(*args, **options)

    # What a nested block reads, to leave it as it is.
    parameters = inspect.signature(function).parameters.values()
    added = inspect.Parameter(old, inspect.Parameter.KEYWORD_ONLY, default=None)
    names = [*parameters, added]
    vars(with_argument)["__signature__"] = inspect.Signature(names)
    return with_argument


def _fromstring(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `np.fromstring` that reads bytes, as `np.frombuffer` does now."""

    @functools.wraps(function)
    def fromstring(
        string: Any,
        dtype: Any = float,
        count: int = -1,
        *,
        sep: str = "",
        **options: Any,
    ) -> Any:
        if sep == "":
            return np.frombuffer(string, dtype, count).copy()
        return function(string, dtype, count, sep=sep, **options)

    return fromstring


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
