"""Reads MNIST as the TF 1.x tutorials did: `read_data_sets` and `next_batch`."""

import math
import os
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from estimator_mnist import files
from estimator_mnist.data import addresses, datasets, idx

tf1 = tf.compat.v1

# The environment variable with the folder of MNIST; see `read_data_sets`.
DATA_DIR_VARIABLE = "ESTIMATOR_MNIST_DATA_DIR"

_FAKE_EXAMPLES, _FAKE_PIXELS, _CLASSES = 10000, 784, 10

# (images, labels) for training, (images, labels) for testing.
TrainAndTest = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Dataset(NamedTuple):
    """Examples of a small data set, and their labels."""

    data: np.ndarray
    target: np.ndarray


class Datasets(NamedTuple):
    """The three parts of a data set: of MNIST, each is a `DataSet`."""

    train: Any
    validation: Any
    test: Any


class _NamedFile(Protocol):
    """A file that Python or tf.gfile has opened."""

    @property
    def name(self) -> str:
        """Returns the path of the file."""


class DataSet:
    """Images and labels in memory, in batches.

    Programs may overwrite the attributes `_images`, `_labels` and `_num_examples`, as
    coursework does: `images`, `labels` and `next_batch` use them.
    """

    def __init__(
        self,
        images: np.ndarray | list[Any],
        labels: np.ndarray | list[Any],
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: tf.DType = tf.float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        """Takes images [n, 28, 28, 1] with values 0..255.

        Args:
          images: as above.
          labels: one label, or one row of labels, per image.
          fake_data: for 10,000 examples that are all the same; `images` is not read.
          one_hot: whether the labels of fake examples are one-hot.
          dtype: tf.float32 scales to [0, 1], tf.uint8 does not.
          reshape: to [n, 784].
          seed: of numpy's global generator, which shuffles. None takes the graph's
            seed; if that is None, too, the generator is not seeded.

        Raises:
          TypeError: `dtype` is another one.
          ValueError: there is not one label per image.
        """
        self._seed(seed)
        dtype = tf.as_dtype(dtype).base_dtype
        if dtype not in (tf.uint8, tf.float32):
            raise TypeError(f"Invalid image dtype {dtype}, expected uint8 or float32.")
        self.one_hot, self._fake_data = one_hot, fake_data
        self._num_examples = _FAKE_EXAMPLES if fake_data else len(images)
        if not fake_data:
            images = _prepared(images, labels, dtype, reshape)
        self._images: Any = images
        self._labels: Any = labels
        self._epochs_completed, self._index_in_epoch = 0, 0

    @property
    def images(self) -> np.ndarray:
        """Returns the images, in their present order: [n, 784], or as given."""
        return self._images

    @property
    def labels(self) -> np.ndarray:
        """Returns the labels, in the order of the images."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """Returns the number of examples in an epoch."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """Returns how often `next_batch` has come to the end."""
        return self._epochs_completed

    def next_batch(
        self, batch_size: int, fake_data: bool = False, shuffle: bool = True
    ) -> tuple[Any, Any]:
        """Returns the next `batch_size` images and labels.

        The last batch of an epoch is filled with examples of the next. With `shuffle`,
        `images` and `labels` are put into a new order at the beginning of each epoch.
        Fake data are lists: images of 784 ones, labels 0.
        """
        if fake_data or self._fake_data:
            return self._fake_batch(batch_size)
        if shuffle and self._epochs_completed == 0 and self._index_in_epoch == 0:
            self._shuffle()
        first = self._take(batch_size)
        missing = batch_size - len(first[0])
        if not missing:
            return first
        self._epochs_completed, self._index_in_epoch = self._epochs_completed + 1, 0
        if shuffle:
            self._shuffle()
        second = self._take(missing)
        images, labels = map(np.concatenate, zip(first, second, strict=True))
        return images, labels

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        start = self._index_in_epoch
        self._index_in_epoch = end = min(start + n, self._num_examples)
        return self._images[start:end], self._labels[start:end]

    def _shuffle(self) -> None:
        order = np.random.permutation(self._num_examples)
        self._images, self._labels = self._images[order], self._labels[order]

    def _fake_batch(self, n: int) -> tuple[list[Any], list[Any]]:
        zeros = [0 for _ in range(1, _CLASSES)]
        label = [1, *zeros] if self.one_hot else 0
        return [[1] * _FAKE_PIXELS for _ in range(n)], [label for _ in range(n)]

    def _seed(self, seed: int | None) -> None:
        graph_seed, op_seed = tf1.get_seed(seed)
        numpy_seed = graph_seed if seed is None else op_seed
        if numpy_seed is not None:
            np.random.seed(numpy_seed)


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: tf.DType = tf.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str | None = None,
) -> Datasets:
    """Returns MNIST's 60,000 training images, split in two, and its 10,000 test images.

    They come from `train_dir`, if it holds them; else from the folder that the
    environment variable ESTIMATOR_MNIST_DATA_DIR names; else from where
    `datasets.load("auto")` finds them, with a warning if that is not MNIST. A script
    whose `train_dir` or `source_url` names fashion gets Fashion-MNIST.

    Args:
      train_dir: folder of MNIST's files.
      validation_size: the number of the first images, which are for validation. Of the
        embedded digits it is their own share, if this is more than all of them.
      source_url: not read, the server is gone.
      one_hot: for labels float64 [n, 10]; otherwise they are uint8 [n].
      fake_data, dtype, reshape, seed: as in `DataSet`.

    Raises:
      ValueError: `validation_size` is negative or more than there are.
      DataError: as `datasets.load`.
    """
    options = {"one_hot": one_hot, "dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        fake = [DataSet([], [], fake_data=True, **options) for _ in Datasets._fields]
        return Datasets(*fake)
    is_fashion = "fashion" in f"{train_dir} {source_url}".lower()
    data = _find(train_dir, "fashion_mnist" if is_fashion else "mnist")
    if source_url:
        tf1.logging.info("source_url %s is not read.", source_url)
    tf1.logging.info("Read %s from %s.", data.name, data.source)
    images, labels = data.published_training()
    held_out = _held_out(validation_size, data)
    pairs = (
        (images[held_out:], labels[held_out:]),
        (images[:held_out], labels[:held_out]),
        data.test,
    )
    return Datasets(*(_data_set(*pair, **options) for pair in pairs))


def load_data(name: str) -> TrainAndTest:
    """Loads what `tf.keras.datasets.NAME.load_data()` does, as `read_data_sets` does.

    Returns:
      (images, labels) of the 60,000 for training and of the 10,000 for testing, uint8
      [n, 28, 28] and uint8 [n].
    """
    data = _find(None, name)
    images, labels = data.published_training()
    test_images, test_labels = data.test
    return (
        (images, labels.astype(np.uint8)),
        (test_images, test_labels.astype(np.uint8)),
    )


def fetch(url: str, path: str | Path) -> bool:
    """Writes to `path` what a known address of MNIST or Fashion-MNIST had.

    Returns False, and writes nothing, for another address.

    Raises:
      DataNotFoundError, DataError: as `datasets.load`.
    """
    address = addresses.find(url)
    if address is None:
        return False
    elsewhere = os.environ.get(DATA_DIR_VARIABLE) or None
    data = datasets.load(address.dataset, elsewhere)
    files.write_bytes(str(path), addresses.content(address, data))
    return True


def load_mnist(train_dir: str = "MNIST-data") -> Datasets:
    """Returns what `read_data_sets` does with its defaults."""
    return read_data_sets(train_dir)


def extract_images(f: _NamedFile) -> np.ndarray:
    """Reads the images of the open IDX file `f`: uint8 [n, 28, 28, 1]."""
    return idx.read_images(f.name)[..., np.newaxis]


def extract_labels(
    f: _NamedFile, one_hot: bool = False, num_classes: int = 10
) -> np.ndarray:
    """Reads the labels of the open IDX file `f`.

    Returns:
      uint8 [n], or float64 [n, num_classes] if `one_hot`.
    """
    labels = idx.read_labels(f.name)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns class numbers [n] as float64 [n, num_classes], with a one in each row."""
    return np.eye(num_classes)[labels_dense]


def _prepared(images: Any, labels: Any, dtype: tf.DType, reshape: bool) -> np.ndarray:
    if len(images) != len(labels):
        raise ValueError(
            f"images.shape: {np.shape(images)} labels.shape: {np.shape(labels)}: give "
            "one label per image."
        )
    if reshape:
        images = images.reshape(len(images), math.prod(images.shape[1:]))
    if dtype == tf.float32:
        images = np.multiply(images, np.float32(1 / 255), dtype=np.float32)
    return images


def _find(train_dir: str | Path | None, name: str) -> datasets.DataSet:
    if train_dir and datasets.holds(name, train_dir):
        return datasets.load(name, train_dir)
    elsewhere = os.environ.get(DATA_DIR_VARIABLE) or None
    return datasets.load("auto" if name == "mnist" else name, elsewhere)


def _held_out(validation_size: int, data: datasets.DataSet) -> int:
    """Returns how many of the first images are for validation."""
    total = len(data.train.images) + len(data.validation.images)
    if data.name == "digits" and validation_size > total:
        return len(data.validation.images)
    if not 0 <= validation_size <= total:
        raise ValueError(
            f"Validation size should be between 0 and {total}. "
            f"Received: {validation_size}."
        )
    return validation_size


def _data_set(images: np.ndarray, labels: np.ndarray, **options: Any) -> DataSet:
    labels = labels.astype(np.uint8)
    if options["one_hot"]:
        labels = dense_to_one_hot(labels, _CLASSES)
    return DataSet(images[..., np.newaxis], labels, **options)
