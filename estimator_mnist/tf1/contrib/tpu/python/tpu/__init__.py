"""tf.contrib.tpu.python.tpu: its modules that programs import, as public namespaces."""

import tensorflow as tf

from estimator_mnist.estimator import tpu
from estimator_mnist.tf1 import replacements

__all__ = ["bfloat16", "tpu_config", "tpu_estimator", "tpu_optimizer"]

tpu_config = tpu_estimator = tpu
bfloat16 = tpu_optimizer = tf.compat.v1.tpu

__getattr__ = replacements.module_getattr("tf.contrib.tpu")
