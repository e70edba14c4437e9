"""tf.examples.tutorials."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.examples.tutorials import mnist

__all__ = ["mnist"]

__getattr__ = replacements.module_getattr("tf.examples.tutorials")
