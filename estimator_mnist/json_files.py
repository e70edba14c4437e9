"""Reads JSON files that anybody may have edited: a plain value, or one reason why not.

A file is bounded in size and in depth, and its fields are held against the dataclass
that they are to become.
"""

import json
import math
import types
import typing
from typing import Any, TypeVar

from estimator_mnist import errors, files

T = TypeVar("T")

MAX_BYTES = 256 << 20
MAX_DEPTH = 100


def read(path: str) -> Any:
    """Returns what the file at `path` holds.

    Raises:
      DamagedFileError: that is no JSON.
      NotAFileError: it is a folder, a pipe or the like.
      OSError: it cannot be read.
    """
    with files.opened(path) as file:
        content = file.read(MAX_BYTES + 1)
    try:
        return parse(content)
    except ValueError as error:
        raise errors.DamagedFileError(path, str(error)) from error


def read_as(kind: type[T], path: str) -> T:
    """Returns what the file at `path` holds as an instance of the dataclass `kind`.

    Raises what `read` does; DamagedFileError where a field is unknown or of another
    type, too.
    """
    content = read(path)
    try:
        return checked(kind, content)
    except ValueError as error:
        raise errors.DamagedFileError(path, str(error)) from error


def parse(content: bytes | str) -> Any:
    """Returns the value of JSON text, UTF-8 where it is bytes.

    Raises:
      ValueError: it is no JSON, too long, or nested too deeply.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES >> 20} MB")
    try:
        value = json.loads(content)
    except UnicodeDecodeError:
        raise ValueError("it is not in UTF-8") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    _check_depth(value)
    return value


def checked(kind: type[T], value: Any, nan: bool = False) -> T:
    """Returns `value`, an object of JSON, as an instance of the dataclass `kind`.

    Args:
      kind: its fields are bool, int, float or str, or one of these or None.
      nan: whether a float may be NaN, for what is not known.

    Raises:
      ValueError: it is no object, or a field is unknown, missing, of another type, or
        not finite.
    """
    if not isinstance(value, dict):
        raise ValueError(f"it is no object, but {errors.sample(value)}")
    hints = typing.get_type_hints(kind)
    for name in hints.keys() & value.keys():
        found = value[name]
        is_unknown = nan and isinstance(found, float) and math.isnan(found)
        if not (is_unknown or is_of(hints[name], found)):
            wanted = getattr(hints[name], "__name__", hints[name])
            raise ValueError(f"its {name} is {errors.sample(found)}, not {wanted}")
    try:
        return kind(**value)
    except TypeError as error:  # a name too many, or too few
        raise ValueError(str(error)) from None


def is_of(hint: Any, value: object) -> bool:
    """Returns whether a value of JSON is of a type such as `int | None`.

    An int is also a float, which is finite; a bool is neither.
    """
    if isinstance(hint, types.UnionType):
        return any(is_of(one, value) for one in typing.get_args(hint))
    if hint is types.NoneType:
        return value is None
    if hint is float:
        return is_of(int, value) or isinstance(value, float) and math.isfinite(value)
    return type(value) is hint


def _check_depth(value: Any) -> None:
    """Raises ValueError where lists and objects are more than MAX_DEPTH in another."""
    level, depth = [value], 0
    while level := [one for outer in level for one in _within(outer)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deeply")


def _within(value: Any) -> list[Any]:
    """Returns the lists and objects that are directly in a list or object."""
    if not isinstance(value, list | dict):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [one for one in inner if isinstance(one, list | dict)]
