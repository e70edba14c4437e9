"""tf.examples.tutorials."""

from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.examples.tutorials import mnist

__all__ = ["mnist"]

__getattr__ = removed.explainer("tf.examples.tutorials")
