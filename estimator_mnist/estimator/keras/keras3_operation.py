"""Operations of Keras 3 on tensors, such as keras.ops and `+`, as layers of Keras 2."""

from typing import Any

from estimator_mnist.estimator.keras import versions


def layer(operation: Any) -> Any:
    """Returns a layer of Keras 2 that computes an operation of Keras 3.

    It is called with the operation's own arguments. An operation has no variables, so
    that it works in a graph.
    """
    keras2 = versions.keras2()

    class Operation(keras2.layers.Layer):
        """Calls an operation; a copy of the layer has the same one."""

        def __init__(self, operation: Any, **options: Any) -> None:
            super().__init__(**options)
            self._operation = operation

        def call(self, *args: Any, **kwargs: Any) -> Any:
            return self._operation.call(*args, **kwargs)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "operation": self._operation}

    return Operation(operation, name=operation.name)
