"""tf.contrib.learn.datasets."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.learn.datasets import base, mnist
from estimator_mnist.tf1.mnist import Datasets

__all__ = ["base", "load_dataset", "mnist"]


def load_dataset(
    name: str, size: str = "small", test_with_fake_data: bool = False
) -> Datasets:
    """Returns the data set `name`, which must be "mnist".

    Raises ValueError for another one.
    """
    del size, test_with_fake_data  # of dbpedia
    if name != "mnist":
        raise ValueError(f"Name of dataset is not found: {name}. Only mnist is left.")
    return mnist.load_mnist()


__getattr__ = replacements.module_getattr("tf.contrib.learn.datasets")
