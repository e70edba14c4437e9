"""tf.contrib: its parts that today's TensorFlow or this package can do."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import (
    cluster_resolver,
    data,
    distribute,
    estimator,
    framework,
    layers,
    learn,
    metrics,
    predictor,
    rnn,
    stand_ins,
    tpu,
    training,
)

__all__ = [
    "boosted_trees",
    "cluster_resolver",
    "data",
    "distribute",
    "estimator",
    "factorization",
    "framework",
    "layers",
    "learn",
    "metrics",
    "predictor",
    "rnn",
    "tensor_forest",
    "tpu",
    "training",
]

boosted_trees = stand_ins.stand_in("tf.contrib.boosted_trees")
factorization = stand_ins.stand_in("tf.contrib.factorization")
tensor_forest = stand_ins.stand_in("tf.contrib.tensor_forest")

__getattr__ = replacements.module_getattr("tf.contrib")
