"""tf.contrib.learn.datasets."""

from collections.abc import Callable
from typing import Any

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.learn.datasets import base, mnist
from estimator_mnist.tf1.mnist import Dataset, Datasets

__all__ = ["DATASETS", "base", "load_dataset", "load_iris", "mnist"]


def load_iris(data_path: str | None = None) -> Dataset:
    """Returns Fisher's irises: float64 [150, 4] and int64 [150].

    Raises:
      ModuleNotFoundError: scikit-learn, which has them, is not installed.
    """
    del data_path  # TF 1.x could read another file
    from sklearn import datasets

    irises = datasets.load_iris()
    return Dataset(data=irises.data, target=irises.target)


DATASETS: dict[str, Callable[[], Any]] = {"iris": load_iris, "mnist": mnist.load_mnist}


def load_dataset(
    name: str, size: str = "small", test_with_fake_data: bool = False
) -> Dataset | Datasets:
    """Returns the data set `name`, one of `DATASETS`.

    Raises ValueError for another one.
    """
    del size, test_with_fake_data  # of dbpedia
    if name not in DATASETS:
        raise ValueError(
            f"Name of dataset is not found: {name}. Left are {', '.join(DATASETS)}."
        )
    return DATASETS[name]()


__getattr__ = replacements.module_getattr("tf.contrib.learn.datasets")
