"""Methods that objects have lost since: `rewriting` has programs ask here for them.

Each is a line in `_METHODS`: what stands for the method of an object that has lost it,
or None for an object that never had it.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from estimator_mnist import compat

_METHODS: Mapping[str, Callable[[Any], Callable[..., Any] | None]] = {
    "apply": lambda value: value.__call__ if _is_keras_layer(value) else None,
    "as_matrix": lambda value: value.to_numpy if _is_of_pandas(value) else None,
    "iteritems": lambda value: value.items if _is_of_pandas(value) else None,
    "tostring": lambda value: value.tobytes if _is_of_numpy(value) else None,
}
NAMES = frozenset(_METHODS)


def member(value: Any, name: str) -> Any:
    """Returns `value.NAME`, or what stands for it.

    Raises:
      AttributeError: the object has no such method, and had none.
    """
    try:
        return getattr(value, name)
    except AttributeError:
        instead = _METHODS[name](value)
        if instead is None:
            raise
        return instead


def _is_keras_layer(value: object) -> bool:
    return isinstance(value, compat.keras().layers.Layer)


def _is_of_numpy(value: object) -> bool:
    return isinstance(value, np.ndarray | np.generic)


def _is_of_pandas(value: object) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series)
