"""tf.contrib.tensorboard.plugins."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.tensorboard.plugins import projector

__all__ = ["projector"]

__getattr__ = replacements.module_getattr("tf.contrib.tensorboard.plugins")
