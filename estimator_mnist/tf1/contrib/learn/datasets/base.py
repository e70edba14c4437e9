"""tf.contrib.learn.datasets.base."""

import urllib.request
from pathlib import Path

import tensorflow as tf

from estimator_mnist.tf1 import mnist, replacements
from estimator_mnist.tf1.mnist import Dataset, Datasets

__all__ = ["Dataset", "Datasets", "maybe_download"]


def maybe_download(filename: str, work_directory: str, source_url: str) -> str:
    """Returns the path of `filename` in `work_directory`; fetches it if it is missing.

    A known address of MNIST or Fashion-MNIST is answered with the files that
    `read_data_sets` finds; any other one is read.

    Raises:
      DataNotFoundError: a known address, whose data set is not found.
      OSError: the other address cannot be read.
    """
    path = Path(work_directory, filename)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not mnist.fetch(source_url, path):
            urllib.request.urlretrieve(source_url, path)
            size = path.stat().st_size
            tf.compat.v1.logging.info(
                "Successfully downloaded %s %d bytes.", filename, size
            )
    return str(path)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.datasets.base")
