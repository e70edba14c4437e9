"""tf.contrib.tensorboard."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.tensorboard import plugins

__all__ = ["plugins"]

__getattr__ = replacements.module_getattr("tf.contrib.tensorboard")
