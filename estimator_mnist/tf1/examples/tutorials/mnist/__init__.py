"""tf.examples.tutorials.mnist."""

from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.examples.tutorials.mnist import input_data

__all__ = ["input_data"]

__getattr__ = removed.explainer("tf.examples.tutorials.mnist")
