"""tf.contrib.learn.learn_runner."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.learn.experiment import run

__all__ = ["run"]

__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.learn_runner")
