"""Calls a logit_fn: a function from features to logits."""

from collections.abc import Callable
from typing import Any, TypeAlias

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.arguments import argument_names

Logits: TypeAlias = tf.Tensor | dict[str, tf.Tensor]


def call_logit_fn(
    logit_fn: Callable[..., Logits],
    features: Any,
    mode: str,
    params: dict | None,
    config: RunConfig | None,
) -> Logits:
    """Returns logit_fn(features) with those of mode, params, config that it names.

    Raises:
      ValueError: it returns neither a Tensor nor a dict of Tensors.
    """
    offered = {"mode": mode, "params": params, "config": config}
    names = argument_names(logit_fn)
    logits = logit_fn(
        features=features, **{key: offered[key] for key in offered if key in names}
    )
    parts = logits.values() if isinstance(logits, dict) else [logits]
    if not all(isinstance(part, tf.Tensor) for part in parts):
        raise ValueError(
            "logit_fn should return a Tensor or a dictionary mapping strings to "
            f"Tensors.  logit_fn returned: {errors.sample(logits)}"
        )
    return logits
