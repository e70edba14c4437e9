"""tf.contrib.learn: its data sets."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.learn import datasets

__all__ = ["datasets"]

__getattr__ = replacements.module_getattr("tf.contrib.learn")
