"""arg_scope: defaults of layers, within a block."""

import contextlib
import contextvars
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

Result = TypeVar("Result")
# Layer -> its keyword arguments.
Scope = Mapping[Callable[..., Any], Mapping[str, Any]]

# The scope of the `with arg_scope` blocks that the running code is in.
_scope: contextvars.ContextVar[Scope] = contextvars.ContextVar("arg_scope")


@runtime_checkable
class _TakesArgScope(Protocol):
    """A function that `add_arg_scope` has marked."""

    takes_arg_scope: bool


@contextlib.contextmanager
def arg_scope(
    list_ops_or_scope: Sequence[Callable[..., Any]] | Scope, **kwargs: Any
) -> Iterator[Scope]:
    """Gives these layers `kwargs` as their defaults, within the block.

    Args:
      list_ops_or_scope: functions marked with `add_arg_scope`, as those of
        tf.contrib.layers; or what an earlier `with arg_scope(...) as scope` gave.
      **kwargs: arguments of all these functions.

    Raises:
      ValueError: a function is not marked, or a scope comes with `kwargs`.
    """
    if isinstance(list_ops_or_scope, Mapping):
        if kwargs:
            raise ValueError("arg_scope: a scope that is used again takes no kwargs.")
        scope = dict(list_ops_or_scope)
    else:
        scope = dict(_scope.get({}))
        for op in list_ops_or_scope:
            if not has_arg_scope(op):
                raise ValueError(f"{op} is not decorated with @add_arg_scope")
            scope[op] = {**scope.get(op, {}), **kwargs}
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


def add_arg_scope(func: Callable[..., Result]) -> Callable[..., Result]:
    """Lets `arg_scope` set arguments of `func`; those given in a call go first."""

    @functools.wraps(func)
    def with_scope(*args: Any, **kwargs: Any) -> Result:
        return func(*args, **{**_scope.get({}).get(with_scope, {}), **kwargs})

    cast(_TakesArgScope, with_scope).takes_arg_scope = True
    return with_scope


def has_arg_scope(func: Callable[..., Any]) -> bool:
    """Returns whether `func` was marked with `add_arg_scope`."""
    return isinstance(func, _TakesArgScope)


def current_arg_scope() -> Scope:
    """Returns the defaults that are in force, by function."""
    return _scope.get({})


def arg_scoped_arguments(func: Callable[..., Any]) -> tuple[str, ...]:
    """Returns the names of the arguments of `func` that `arg_scope` can set."""
    parameters = inspect.signature(func).parameters.values()
    return tuple(each.name for each in parameters if each.default is not each.empty)


def arg_scope_func_key(op: Callable[..., Any]) -> str:
    """Returns a text that stands for `op`."""
    return str(op)
