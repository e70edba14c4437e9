"""tf.contrib.learn.io: input_fns of arrays, as tf.estimator.inputs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from estimator_mnist import estimator as runtime
from estimator_mnist.tf1 import replacements

__all__ = [
    "extract_pandas_data",
    "extract_pandas_labels",
    "extract_pandas_matrix",
    "numpy_input_fn",
    "pandas_input_fn",
]

InputFn = Callable[[], Any]


def numpy_input_fn(
    x: Any,
    y: Any = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool = True,
    queue_capacity: int = 1000,
    num_threads: int = 1,
) -> InputFn:
    """Returns tf.estimator.inputs.numpy_input_fn, in random order by default."""
    return runtime.inputs.numpy_input_fn(
        x, y, batch_size, num_epochs, shuffle, queue_capacity, num_threads
    )


def pandas_input_fn(
    x: Any,
    y: Any = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool = True,
    queue_capacity: int = 1000,
    num_threads: int = 1,
    target_column: str = "target",
) -> InputFn:
    """Returns tf.estimator.inputs.pandas_input_fn, in random order by default."""
    options: dict[str, Any] = {"num_threads": num_threads}
    options["target_column"] = target_column
    return runtime.inputs.pandas_input_fn(
        x, y, batch_size, num_epochs, shuffle, queue_capacity, **options
    )


def extract_pandas_data(data: Any) -> Any:
    """Returns a DataFrame of numbers as a float array; other data as they are."""
    if not hasattr(data, "dtypes") or not hasattr(data, "columns"):
        return data
    bad = [
        str(name)
        for name in data
        if not np.issubdtype(data[name].dtype, np.number) and data[name].dtype != bool
    ]
    if bad:
        raise ValueError(
            "Data types for extracting pandas data must be int, float, or bool. Found: "
            + ", ".join(bad)
        )
    return data.values.astype("float")


def extract_pandas_matrix(data: Any) -> Any:
    """Returns a DataFrame as an array; other data as they are."""
    return data.values if hasattr(data, "columns") else data


def extract_pandas_labels(labels: Any) -> Any:
    """Returns a DataFrame of one column as an array; other data as they are."""
    if hasattr(labels, "columns"):
        if len(labels.columns) > 1:
            raise ValueError("Only one column for labels is allowed.")
        return labels.values
    return labels


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.io")
