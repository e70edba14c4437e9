"""tf.contrib.learn.datasets.mnist."""

from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.mnist import (
    DataSet,
    dense_to_one_hot,
    extract_images,
    extract_labels,
    load_mnist,
    read_data_sets,
)

__all__ = [
    "DataSet",
    "dense_to_one_hot",
    "extract_images",
    "extract_labels",
    "load_mnist",
    "read_data_sets",
]

__path__ = []
__getattr__ = removed.explainer("tf.contrib.learn.datasets.mnist")
