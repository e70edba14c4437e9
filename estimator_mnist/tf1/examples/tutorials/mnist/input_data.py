"""tf.examples.tutorials.mnist.input_data."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.mnist import read_data_sets

__all__ = ["read_data_sets"]

__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.examples.tutorials.mnist.input_data")
