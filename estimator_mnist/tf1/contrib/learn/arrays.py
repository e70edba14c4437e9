"""Arrays as input_fns, predictions as arrays, and inputs of serving."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from estimator_mnist import estimator as runtime

InputFn = Callable[[], Any]


class InputFnOps(NamedTuple):
    """Features, labels, and the placeholders that serving fills."""

    features: Any
    labels: Any
    default_inputs: Any


def receiver_of(served: Any) -> Any:
    """Returns `InputFnOps` as a ServingInputReceiver."""
    if not isinstance(served, InputFnOps):
        return served
    return runtime.export.ServingInputReceiver(served.features, served.default_inputs)


def input_of(
    x: Any,
    y: Any,
    input_fn: InputFn | None,
    batch_size: int | None,
    num_epochs: int | None,
    shuffle: bool,
) -> InputFn:
    """Returns an input_fn: that given, or one of the arrays.

    Raises:
      ValueError: both or none of x and input_fn are given.
    """
    if (x is None) == (input_fn is None):
        raise ValueError("Can not provide both input_fn and x, or none of them.")
    if input_fn is not None:
        return input_fn
    arrays, labels = _arrays(x), None if y is None else _arrays(y)
    if isinstance(labels, np.ndarray) and labels.dtype == np.float64:
        labels = labels.astype(np.float32)
    n = len(next(iter(arrays.values())) if isinstance(arrays, dict) else arrays)
    return runtime.inputs.numpy_input_fn(
        arrays, labels, batch_size or n, num_epochs, shuffle
    )


def stacked(found: list[Any], are_batches: bool) -> Any:
    """Returns a list of predictions as arrays, by their names."""
    join = np.concatenate if are_batches else np.stack
    if found and isinstance(found[0], dict):
        return {key: join([each[key] for each in found]) for key in found[0]}
    return join(found)


def _arrays(value: Any) -> Any:
    """Returns arrays; numbers of double precision as float32."""
    if isinstance(value, Mapping):
        return {name: _arrays(each) for name, each in value.items()}
    if hasattr(value, "values") and not callable(value.values):
        value = value.values  # of pandas
    array = np.asarray(list(value) if isinstance(value, Iterator) else value)
    return array.astype(np.float32) if array.dtype == np.float64 else array
