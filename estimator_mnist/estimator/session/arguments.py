"""Checks what users give: functions by the names of their arguments, lists by type."""

import collections.abc
import functools
import inspect


def argument_names(function) -> set[str]:
    """Names that `function` can be called with; '**' stands for any other name."""
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


def instances(given, kind: type, name: str) -> list:
    """`given`, an iterable or None, as a list of instances of `kind`.

    Raises TypeError that names the argument where something else is in it.
    """
    wanted = f"{name} must be a list of {kind.__name__}"
    if given is not None and not isinstance(given, collections.abc.Iterable):
        raise TypeError(f"{wanted}, given: {given}")
    given = list(given or [])
    for one in given:
        if not isinstance(one, kind):
            raise TypeError(f"{wanted}, given: {one}")
    return given
