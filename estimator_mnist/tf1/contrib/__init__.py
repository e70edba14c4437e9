"""tf.contrib, as far as it has an equal in today's TensorFlow or in this package."""

from estimator_mnist.tf1 import removed
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

__getattr__ = removed.explainer("tf.contrib")
