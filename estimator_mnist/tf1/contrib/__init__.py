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
    stand_ins,
    training,
)

__all__ = [
    "boosted_trees",
    "data",
    "estimator",
    "factorization",
    "framework",
    "layers",
    "learn",
    "metrics",
    "predictor",
    "rnn",
    "tensor_forest",
    "training",
]

boosted_trees = stand_ins.stand_in("tf.contrib.boosted_trees")
factorization = stand_ins.stand_in("tf.contrib.factorization")
tensor_forest = stand_ins.stand_in("tf.contrib.tensor_forest")

__getattr__ = replacements.module_getattr("tf.contrib")
