"""tf.contrib.learn.datasets.base."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.mnist import Dataset, Datasets

__all__ = ["Dataset", "Datasets"]

__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.datasets.base")
