"""What Keras 2 calls for its own `keras.estimator.model_to_estimator`."""

from typing import Any

from estimator_mnist.estimator import keras
from estimator_mnist.estimator.estimator import Estimator


def model_to_estimator(
    *args: Any, use_v2_estimator: bool = False, **kwargs: Any
) -> Estimator:
    """Returns keras.model_to_estimator(...); there is one kind of Estimator here."""
    del use_v2_estimator
    return keras.model_to_estimator(*args, **kwargs)
