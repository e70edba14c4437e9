"""tf.examples.tutorials.mnist.input_data."""

from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.mnist import read_data_sets

__all__ = ["read_data_sets"]

__path__ = []
__getattr__ = removed.explainer("tf.examples.tutorials.mnist.input_data")
