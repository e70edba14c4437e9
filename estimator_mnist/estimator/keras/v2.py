"""tf.keras.estimator of TensorFlow 2, whose checkpoints are object-based by default."""

from estimator_mnist.estimator.keras.model_to_estimator import (
    model_to_estimator_v2 as model_to_estimator,
)

__all__ = ["model_to_estimator"]
