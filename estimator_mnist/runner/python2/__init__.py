"""Python 2 programs, converted in memory by fissix and the fixers here."""

from estimator_mnist.runner.python2.conversion import converted, is_python_2

__all__ = ["converted", "is_python_2"]
