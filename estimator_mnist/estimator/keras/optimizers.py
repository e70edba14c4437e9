"""Optimizers of Keras 2 that work in a graph."""

from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.keras import versions

tf1 = tf.compat.v1

# Settings of Keras's newer optimizers that those for graphs lack.
_LACKING = {"weight_decay": "weight decay", "use_ema": "averages of the variables"}


def for_graphs(model: Any) -> Any:
    """Returns the optimizer of a compiled Keras 2 model, as one that works in a graph.

    A newer optimizer of Keras (tf.keras.optimizers since TensorFlow 2.11) becomes the
    one of that name in tf.keras.optimizers.legacy.

    Raises:
      KerasModelError: there is none of that name, or it lacks a setting.
    """
    keras, optimizer = versions.keras2_of(model), model.optimizer
    legacy = keras.optimizers.legacy
    is_newer = isinstance(optimizer, keras.optimizers.Optimizer)
    if not is_newer or isinstance(optimizer, legacy.Optimizer):
        return optimizer
    name = type(optimizer).__name__
    if not hasattr(legacy, name):
        raise errors.KerasModelError(
            f"The model is compiled with {name}, which does not work in a graph: "
            "compile it with one of keras.optimizers.legacy or tf.compat.v1.train."
        )
    config = optimizer.get_config()
    if lost := [what for key, what in _LACKING.items() if config.get(key)]:
        raise errors.KerasModelError(
            f"The model is compiled with {name}, whose {' and '.join(lost)} would be "
            f"lost in a graph: compile it with keras.optimizers.legacy.{name} or an "
            "optimizer of tf.compat.v1.train."
        )
    tf1.logging.warning(
        "You are using `tf.keras.optimizers.experimental.Optimizer` in TF estimator, "
        "which only supports `tf.keras.optimizers.legacy.Optimizer`. Automatically "
        "converting your optimizer to `tf.keras.optimizers.legacy.Optimizer`."
    )
    return keras.__internal__.optimizers.convert_to_legacy_optimizer(optimizer)
