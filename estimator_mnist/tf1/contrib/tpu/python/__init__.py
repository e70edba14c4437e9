"""tf.contrib.tpu.python, for programs that import its inner modules."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.tpu.python import tpu

__all__ = ["tpu"]

__getattr__ = replacements.module_getattr("tf.contrib.tpu")
