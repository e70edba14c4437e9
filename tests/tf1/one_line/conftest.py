"""The small MNIST of the runner's tests."""

from tests.runner.conftest import small_mnist

__all__ = ["small_mnist"]
