"""tf.contrib.eager, mostly called tfe: eager execution as TF 1.5 to 1.15 had it."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import eager_metrics as metrics

tf1 = tf.compat.v1

_SAME = {
    "Checkpoint": "train.Checkpoint",
    "GradientTape": "GradientTape",
    "TensorSpec": "TensorSpec",
    "Variable": "Variable",
    "custom_gradient": "custom_gradient",
    "defun": "function",
    "enable_eager_execution": "enable_eager_execution",
    "executing_eagerly": "executing_eagerly",
    "function": "function",
    "in_eager_mode": "executing_eagerly",
    "make_template": "make_template",
    "py_func": "py_function",
    "run": "app.run",
}
__all__ = [
    "Iterator",
    "Saver",
    "get_optimizer_variables",
    "gradients_function",
    "implicit_gradients",
    "implicit_value_and_gradients",
    "list_devices",
    "metrics",
    "num_gpus",
    "value_and_gradients_function",
    *_SAME,
]

Function = Callable[..., Any]
Params = Sequence[int | str] | None


class Iterator:
    """The elements of a dataset, one after the other; also `next()` as a method."""

    def __init__(self, dataset: tf.data.Dataset) -> None:
        self._elements = iter(dataset)

    def __iter__(self) -> "Iterator":
        return self

    def __next__(self) -> Any:
        return next(self._elements)

    def next(self) -> Any:
        """Returns the next element; raises StopIteration at the end."""
        return next(self._elements)

    def get_next(self, name: str | None = None) -> Any:
        """Returns the next element; raises OutOfRangeError at the end."""
        del name
        try:
            return next(self._elements)
        except StopIteration:
            raise tf.errors.OutOfRangeError(None, None, "End of sequence") from None


class Saver:
    """Saves and restores variables by their names."""

    def __init__(self, var_list: Any) -> None:
        self._saver = tf1.train.Saver(var_list)

    def save(self, file_prefix: str, global_step: Any = None) -> str:
        """Returns the path of the checkpoint that it writes."""
        return self._saver.save(None, file_prefix, global_step=global_step)

    def restore(self, file_prefix: str) -> None:
        """Gives the variables their values in a checkpoint."""
        self._saver.restore(None, file_prefix)


def implicit_value_and_gradients(f: Function) -> Function:
    """Returns a function with the arguments of `f`.

    It returns the value of `f`, and (gradient, variable) for each trainable variable
    that the value depends on.
    """

    @functools.wraps(f)
    def value_and_gradients(*args: Any, **kwargs: Any) -> Any:
        with tf.GradientTape() as tape:
            value = f(*args, **kwargs)
        variables = sorted(tape.watched_variables(), key=_handle)
        gradients = tape.gradient(value, variables)
        pairs = zip(gradients, variables, strict=True)
        return value, [(g, v) for g, v in pairs if g is not None]

    return value_and_gradients


def implicit_gradients(f: Function) -> Function:
    """Returns a function of what `implicit_value_and_gradients` has second."""
    both = implicit_value_and_gradients(f)
    return functools.wraps(f)(lambda *args, **kwargs: both(*args, **kwargs)[1])


def value_and_gradients_function(f: Function, params: Params = None) -> Function:
    """Returns a function of the value of `f`, and of its gradients by its arguments.

    Args:
      f: returns a tensor.
      params: numbers or names of the arguments; None: all.
    """

    @functools.wraps(f)
    def value_and_gradients(*args: Any, **kwargs: Any) -> Any:
        dy = kwargs.pop("dy", None)
        inputs = [tf.nest.map_structure(tf.convert_to_tensor, each) for each in args]
        chosen = [inputs[number] for number in _numbers(f, params, len(args))]
        with tf.GradientTape() as tape:
            tape.watch(chosen)
            value = f(*inputs, **kwargs)
        return value, tape.gradient(value, chosen, dy)

    return value_and_gradients


def gradients_function(f: Function, params: Params = None) -> Function:
    """Returns a function of what `value_and_gradients_function` has second."""
    both = value_and_gradients_function(f, params)
    return functools.wraps(f)(lambda *args, **kwargs: both(*args, **kwargs)[1])


def get_optimizer_variables(optimizer: tf.compat.v1.train.Optimizer) -> list[Any]:
    """Returns the variables of an optimizer."""
    return list(optimizer.variables())


def num_gpus() -> int:
    """Returns the number of GPUs."""
    return len(tf.config.list_logical_devices("GPU"))


def list_devices() -> list[str]:
    """Returns the names of the devices."""
    return [device.name for device in tf.config.list_logical_devices()]


def _numbers(f: Function, params: Params, n: int) -> list[int]:
    if params is None:
        return list(range(n))
    names = list(inspect.signature(f).parameters)
    return [names.index(each) if isinstance(each, str) else each for each in params]


def _handle(variable: tf.Variable) -> str:
    return variable.name


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.eager", names=_SAME)
