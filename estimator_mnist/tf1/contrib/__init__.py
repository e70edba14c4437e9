"""tf.contrib: its parts that today's TensorFlow or this package can do."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import (
    data,
    estimator,
    framework,
    layers,
    learn,
    metrics,
    predictor,
    rnn,
    training,
)

__all__ = [
    "data",
    "estimator",
    "framework",
    "layers",
    "learn",
    "metrics",
    "predictor",
    "rnn",
    "training",
]

__getattr__ = replacements.module_getattr("tf.contrib")
