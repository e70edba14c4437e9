"""Operations of Keras 3 on tensors, such as keras.ops and `+`, as layers of Keras 2."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.keras import versions


def layer(compute: Callable[[list], Any], name: str) -> Any:
    """Returns a layer of Keras 2 that computes a function of a list of tensors.

    A copy of the layer has the same function, which has no variables.
    """
    base: Any = versions.keras2().layers.Layer

    class Operation(base):
        """Computes a function of its inputs."""

        def __init__(self, compute: Callable[[list], Any], **options: Any) -> None:
            super().__init__(**options)
            self._compute = compute

        def call(self, inputs: Any) -> Any:
            return self._compute(tf.nest.flatten(inputs))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "compute": self._compute}

    return Operation(compute, name=name)
