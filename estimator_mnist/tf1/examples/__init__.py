"""tf.examples."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.examples import tutorials

__all__ = ["tutorials"]

__getattr__ = replacements.module_getattr("tf.examples")
