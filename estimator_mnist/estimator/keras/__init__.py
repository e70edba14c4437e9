"""Keras models as Estimators: `model_to_estimator`, of tf.compat.v1.keras.estimator."""

from estimator_mnist.estimator.keras.model_to_estimator import model_to_estimator

__all__ = ["model_to_estimator"]
