"""tf.examples.tutorials.mnist."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.examples.tutorials.mnist import input_data, mnist

__all__ = ["input_data", "mnist"]

__getattr__ = replacements.module_getattr("tf.examples.tutorials.mnist")
