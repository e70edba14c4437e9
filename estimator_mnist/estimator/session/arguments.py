"""Checks what users give: functions by the names of their arguments, lists by type."""

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

import tensorflow as tf

from estimator_mnist import errors

_T = TypeVar("_T")

_MISSING = "{what} ({function}) must include {argument} argument."
_UNEXPECTED = (
    "{what} ({function}) has following not expected args: {unexpected}. "
    "It may name {allowed}."
)


def argument_names(function: Callable[..., object]) -> set[str]:
    """Returns the names `function` can be called with; '**' stands for any other."""
    names = set()
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            names.add("**")
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            names.add(name)
    # What partial() has bound by keyword stays in its signature with a new default.
    while isinstance(function, functools.partial):
        names -= set(function.keywords)
        function = function.func
    return names


def check_arguments(
    function: Callable[..., object],
    what: str,
    required: Sequence[str] = (),
    allowed: Collection[str] | None = None,
    missing: str = _MISSING,
    unexpected: str = _UNEXPECTED,
) -> set[str]:
    """Checks the names of a user's function's arguments, and returns them.

    Args:
      function: what the user gave.
      what: the name of the argument that it was given as, for messages.
      required: names that it has to have.
      allowed: all names that it may have, beside `self` and `**`; None for any.
      missing: message for a missing name, a format of `what`, `function`, `argument`
        (the missing one) and `given` (all that it has).
      unexpected: message for names that are not allowed, a format of `what`,
        `function`, `unexpected` (those names) and `allowed`.

    Raises:
      ValueError: a required name is missing, or one is not allowed.
      TypeError: `function` cannot be called.
    """
    names = argument_names(function)
    words: dict[str, object] = {"what": what, "function": function}
    for argument in required:
        if argument not in names:
            given = sorted(names)
            raise ValueError(missing.format(**words, argument=argument, given=given))
    if allowed is not None:
        unknown = sorted(names.difference(allowed, {"self", "**"}))
        if unknown:
            words |= {"unexpected": unknown, "allowed": sorted(allowed)}
            raise ValueError(unexpected.format(**words))
    return names


def instances(given: object, kind: type[_T], rule: str) -> list[_T]:
    """Returns `given`, an iterable or None, as a list of instances of `kind`.

    Raises:
      TypeError: something else is in it. The message begins with `rule`.
    """
    if given is None:
        return []
    if not isinstance(given, Iterable):
        raise TypeError(f"{rule}, given: {errors.sample(given)}")
    found = list(given)
    for one in found:
        if not isinstance(one, kind):
            raise TypeError(f"{rule}, given: {errors.sample(one)}")
    return found


def hooks(given: object) -> list[tf.compat.v1.train.SessionRunHook]:
    """Returns hooks given for a call as a list; raises TypeError as `instances`."""
    return instances(
        given, tf.compat.v1.train.SessionRunHook, "Hooks must be a SessionRunHook"
    )


def as_dict(given: object, name: str) -> dict:
    """Returns `given` where it is a dict, else a dict with `given` under `name`."""
    return given if isinstance(given, dict) else {name: given}
