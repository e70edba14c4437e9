"""tf.contrib.framework: its names for functions of tf.train, and arg_scope."""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

__all__ = [
    "add_arg_scope",
    "arg_scope",
    "argsort",
    "assert_global_step",
    "create_global_step",
    "get_global_step",
    "get_or_create_global_step",
    "get_trainable_variables",
    "get_variables",
    "has_arg_scope",
    "init_from_checkpoint",
    "list_variables",
    "load_checkpoint",
    "load_variable",
    "nest",
]

argsort = tf.argsort
assert_global_step = tf1.train.assert_global_step
create_global_step = tf1.train.create_global_step
get_global_step = tf1.train.get_global_step
get_or_create_global_step = tf1.train.get_or_create_global_step
get_trainable_variables = tf1.trainable_variables
get_variables = tf1.global_variables
init_from_checkpoint = tf1.train.init_from_checkpoint
list_variables = tf.train.list_variables
load_checkpoint = tf.train.load_checkpoint
load_variable = tf.train.load_variable
nest = tf1.nest

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


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.framework")
