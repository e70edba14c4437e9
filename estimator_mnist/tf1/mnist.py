"""MNIST as the TF 1.x tutorials read it: `read_data_sets` and `next_batch`."""

import collections
import math
import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from estimator_mnist.data import datasets, idx

tf1 = tf.compat.v1

# Names the folder with MNIST for scripts that know of none; see `read_data_sets`.
DATA_DIR_VARIABLE = "ESTIMATOR_MNIST_DATA_DIR"

_FAKE_EXAMPLES, _FAKE_PIXELS, _CLASSES = 10000, 784, 10

Dataset = collections.namedtuple("Dataset", ["data", "target"])
Datasets = collections.namedtuple("Datasets", ["train", "validation", "test"])


class DataSet:
    """Images and labels in memory, given out in batches.

    The attributes `_images`, `_labels` and `_num_examples` may be overwritten, as
    coursework does: `images`, `labels` and `next_batch` go by them.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: tf.DType = tf.float32,
        reshape: bool = True,
        seed: int | None = None,
    ):
        """Takes images [n, 28, 28, 1] with values 0..255.

        Args:
          images, labels: one label, or one row of labels, per image.
          fake_data: 10,000 examples that are all the same; `images` is not read.
          one_hot: whether the labels of fake examples are.
          dtype: tf.float32, scaled to [0, 1], or tf.uint8, as they are.
          reshape: to [n, 784].
          seed: of numpy's global generator, which shuffles; None: the graph's seed,
            and where there is none, what the program has set.

        Raises:
          TypeError: another dtype.
          ValueError: not one label per image.
        """
        self._seed(seed)
        dtype = tf.as_dtype(dtype).base_dtype
        if dtype not in (tf.uint8, tf.float32):
            raise TypeError(f"Invalid image dtype {dtype}, expected uint8 or float32.")
        self.one_hot, self._fake_data = one_hot, fake_data
        self._num_examples = _FAKE_EXAMPLES if fake_data else len(images)
        if not fake_data:
            images = _prepared(images, labels, dtype, reshape)
        self._images, self._labels = images, labels
        self._epochs_completed, self._index_in_epoch = 0, 0

    @property
    def images(self) -> np.ndarray:
        return self._images

    @property
    def labels(self) -> np.ndarray:
        return self._labels

    @property
    def num_examples(self) -> int:
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        return self._epochs_completed

    def next_batch(
        self, batch_size: int, fake_data: bool = False, shuffle: bool = True
    ) -> tuple[Sequence, Sequence]:
        """The next `batch_size` images and labels; the last batch goes over the end.

        With `shuffle`, `images` and `labels` are put into a new order at the beginning
        of each epoch. Fake data are lists: images of 784 ones, labels 0.
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
        return tuple(np.concatenate(parts) for parts in zip(first, second, strict=True))

    def _take(self, n):
        start = self._index_in_epoch
        self._index_in_epoch = end = min(start + n, self._num_examples)
        return self._images[start:end], self._labels[start:end]

    def _shuffle(self):
        order = np.random.permutation(self._num_examples)
        self._images, self._labels = self._images[order], self._labels[order]

    def _fake_batch(self, n):
        label = [1] + [0] * (_CLASSES - 1) if self.one_hot else 0
        return [[1] * _FAKE_PIXELS for _ in range(n)], [label for _ in range(n)]

    def _seed(self, seed):
        graph_seed, op_seed = tf1.get_seed(seed)
        chosen = graph_seed if seed is None else op_seed
        if chosen is not None:
            np.random.seed(chosen)


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
    """MNIST's 60,000 training images, the first of them for validation, and 10,000.

    They come from `train_dir`, if it holds them; else from the folder that the
    environment variable ESTIMATOR_MNIST_DATA_DIR names; else from where
    `datasets.load("auto")` finds them, with a warning where that is not MNIST. A script
    whose `train_dir` or `source_url` names fashion gets Fashion-MNIST.

    Args:
      validation_size: how many; of the embedded digits their own share, where there
        are not so many.
      source_url: not read, the server is gone.
      the others: as in `DataSet`; labels are uint8 [n], or `one_hot` float64 [n, 10].

    Raises:
      ValueError: validation_size is negative or more than there are.
      DataError: as `datasets.load`.
    """
    how = {"one_hot": one_hot, "dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        return Datasets(*(DataSet([], [], fake_data=True, **how) for _ in range(3)))
    is_fashion = "fashion" in f"{train_dir} {source_url}".lower()
    data = _find(train_dir, "fashion_mnist" if is_fashion else "mnist")
    if source_url:
        tf1.logging.info("source_url %s is not read.", source_url)
    tf1.logging.info("Read %s from %s.", data.name, data.source)
    images, labels = map(np.concatenate, zip(data.validation, data.train, strict=True))
    held_out = _held_out(validation_size, data)
    pairs = (
        (images[held_out:], labels[held_out:]),
        (images[:held_out], labels[:held_out]),
        data.test,
    )
    return Datasets(*(_data_set(*pair, **how) for pair in pairs))


def load_data(name: str) -> tuple[tuple, tuple]:
    """`tf.keras.datasets.NAME.load_data()`, found as `read_data_sets` finds it.

    Returns:
      (images, labels) of the 60,000 for training and of the 10,000 for testing, uint8
      [n, 28, 28] and uint8 [n].
    """
    data = _find(None, name)
    images, labels = map(np.concatenate, zip(data.validation, data.train, strict=True))
    test_images, test_labels = data.test
    return (
        (images, labels.astype(np.uint8)),
        (test_images, test_labels.astype(np.uint8)),
    )


def load_mnist(train_dir: str = "MNIST-data") -> Datasets:
    """`read_data_sets` with its defaults."""
    return read_data_sets(train_dir)


def extract_images(f) -> np.ndarray:
    """The images of the open IDX file `f`, gzipped or not: uint8 [n, 28, 28, 1]."""
    return idx.read_images(f.name)[..., np.newaxis]


def extract_labels(f, one_hot: bool = False, num_classes: int = 10) -> np.ndarray:
    """The labels of the open IDX file `f`: uint8 [n], or one_hot [n, num_classes]."""
    labels = idx.read_labels(f.name)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense: np.ndarray, num_classes: int) -> np.ndarray:
    """Class numbers [n] as float64 [n, num_classes] with a one in each row."""
    return np.eye(num_classes)[labels_dense]


def _prepared(images, labels, dtype, reshape):
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


def _find(train_dir, name):
    if train_dir and datasets.holds(name, train_dir):
        return datasets.load(name, train_dir)
    elsewhere = os.environ.get(DATA_DIR_VARIABLE) or None
    return datasets.load("auto" if name == "mnist" else name, elsewhere)


def _held_out(validation_size, data):
    """How many of the first images are for validation."""
    total = len(data.train.images) + len(data.validation.images)
    if data.name == "digits" and validation_size > total:
        return len(data.validation.images)
    if not 0 <= validation_size <= total:
        raise ValueError(
            f"Validation size should be between 0 and {total}. "
            f"Received: {validation_size}."
        )
    return validation_size


def _data_set(images, labels, **how):
    labels = labels.astype(np.uint8)
    if how["one_hot"]:
        labels = dense_to_one_hot(labels, _CLASSES)
    return DataSet(images[..., np.newaxis], labels, **how)
