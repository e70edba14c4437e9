"""Optimizers of canned estimators, which may be named by a word."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import tensorflow as tf

tf1 = tf.compat.v1

OptimizerLike: TypeAlias = (
    str | tf.compat.v1.train.Optimizer | Callable[[], tf.compat.v1.train.Optimizer]
)

_BY_NAME: Mapping[str, type] = MappingProxyType(
    {
        "Adagrad": tf1.train.AdagradOptimizer,
        "Adam": tf1.train.AdamOptimizer,
        "Ftrl": tf1.train.FtrlOptimizer,
        "RMSProp": tf1.train.RMSPropOptimizer,
        "SGD": tf1.train.GradientDescentOptimizer,
    }
)


def get_optimizer_instance(
    optimizer: OptimizerLike, learning_rate: float
) -> tf.compat.v1.train.Optimizer:
    """Returns the optimizer that a canned estimator was given.

    Args:
      optimizer: `Adagrad`, `Adam`, `Ftrl`, `RMSProp` or `SGD`; an optimizer; or a
        function without arguments, or a class, that is called and returns one, in the
        graph of the model.
      learning_rate: of an optimizer that is given by its name.

    Raises:
      ValueError: no optimizer has that name, or it is something else.
    """
    if isinstance(optimizer, str):
        return _named(optimizer)(learning_rate=learning_rate)
    found = optimizer() if callable(optimizer) else optimizer
    if not isinstance(found, tf1.train.Optimizer):
        raise ValueError(
            f"The given object is not an Optimizer instance. Given: {found}. Give an "
            "optimizer of tf.compat.v1.train, a function that returns one, or one of "
            f"the names {tuple(_BY_NAME)}."
        )
    return found


def _named(name: str) -> type:
    if name not in _BY_NAME:
        raise ValueError(
            f"Unsupported optimizer name: {name}. Supported names are: "
            f"{tuple(_BY_NAME)}"
        )
    return _BY_NAME[name]
