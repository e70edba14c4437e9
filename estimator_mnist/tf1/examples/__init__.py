"""tf.examples."""

from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.examples import tutorials

__all__ = ["tutorials"]

__getattr__ = removed.explainer("tf.examples")
