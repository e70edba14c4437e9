"""tf.contrib.learn.datasets.base."""

from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.mnist import Dataset, Datasets

__all__ = ["Dataset", "Datasets"]

__path__ = []
__getattr__ = removed.explainer("tf.contrib.learn.datasets.base")
