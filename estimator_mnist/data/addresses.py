"""Knows the addresses at which MNIST and Fashion-MNIST have been published.

Many of those servers are gone. What they had is made of a data set that `datasets`
finds in a folder or a cache, or downloads and verifies.
"""

import gzip
import io
import pickle
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from estimator_mnist.data import datasets

_ZALANDO = "zalandoresearch/fashion-mnist"
# Data set -> the folders that have had its IDX files.
_FOLDERS = {
    "mnist": (
        "yann.lecun.com/exdb/mnist",
        "storage.googleapis.com/cvdf-datasets/mnist",
        "ossci-datasets.s3.amazonaws.com/mnist",
        "azureopendatastorage.blob.core.windows.net/mnist",
    ),
    "fashion_mnist": (
        "storage.googleapis.com/tensorflow/tf-keras-datasets",
        "fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        f"github.com/{_ZALANDO}/raw/master/data/fashion",
        f"github.com/{_ZALANDO}/blob/master/data/fashion",
        f"raw.githubusercontent.com/{_ZALANDO}/master/data/fashion",
        f"cdn.rawgit.com/{_ZALANDO}/master/data/fashion",
    ),
}
# Form, one of _ARCHIVES -> where there have been files with all of MNIST in that form.
_FILES = {
    "npz": (
        "storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "s3.amazonaws.com/img-datasets/mnist.npz",
    ),
    "two pickled parts": ("s3.amazonaws.com/img-datasets/mnist.pkl.gz",),
    "three pickled parts": (
        "deeplearning.net/data/mnist/mnist.pkl.gz",
        "www.deeplearning.net/data/mnist/mnist.pkl.gz",
        "www.iro.umontreal.ca/~lisa/deep/data/mnist/mnist.pkl.gz",
        "github.com/mnielsen/neural-networks-and-deep-learning/raw/master/data/"
        "mnist.pkl.gz",
    ),
}
_UINT8 = 0x08
# That of Python 2, which wrote those files.
_PICKLE_PROTOCOL = 2


class Address(NamedTuple):
    """What an address had.

    Attributes:
      dataset: the name of the data set.
      form: the name of an IDX file, without its `.gz`, or the form of an archive.
      is_packed: whether an IDX file has been packed with gzip.
    """

    dataset: str
    form: str
    is_packed: bool = True


def find(url: str) -> Address | None:
    """Returns what the address had, or None for an address that is not known."""
    place = re.sub(r"^\w+://", "", re.split(r"[?#]", url.strip())[0])
    place = re.sub("/{2,}", "/", place.lstrip("/"))
    for form, places in _FILES.items():
        if place in places:
            return Address("mnist", form)
    folder, _, name = place.rpartition("/")
    file = name.removesuffix(".gz")
    for dataset, folders in _FOLDERS.items():
        if folder in folders and file in datasets.FILES:
            return Address(dataset, file, name.endswith(".gz"))
    return None


def content(address: Address, data: datasets.DataSet) -> bytes:
    """Returns the bytes that an address had.

    A packed file that is found as it was published is returned as it is; otherwise what
    is in it is the same, and its bytes may differ. `data` is `address.dataset`, loaded.
    """
    archive = _ARCHIVES.get(address.form)
    if archive is not None:
        return archive(data)
    published = Path(data.source, f"{address.form}.gz")
    if address.is_packed and published.is_file():
        return published.read_bytes()
    idx_file = _idx_file(data, address.form)
    return _packed(idx_file) if address.is_packed else idx_file


def _idx_file(data: datasets.DataSet, name: str) -> bytes:
    split = data.test if name.startswith("t10k") else data.published_training()
    array = split.images if "images" in name else split.labels
    header = bytes((0, 0, _UINT8, array.ndim))
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def _npz(data: datasets.DataSet) -> bytes:
    file, train = io.BytesIO(), data.published_training()
    np.savez(
        file,
        x_train=train.images,
        y_train=train.labels,
        x_test=data.test.images,
        y_test=data.test.labels,
    )
    return file.getvalue()


def _two_pickled_parts(data: datasets.DataSet) -> bytes:
    parts = tuple(tuple(split) for split in (data.published_training(), data.test))
    return _packed(pickle.dumps(parts, _PICKLE_PROTOCOL))


def _three_pickled_parts(data: datasets.DataSet) -> bytes:
    """Returns training, validation (the last sixth of the published) and test images.

    As of deeplearning.net: images float32 [n, 784] in [0, 1), labels int64.
    """
    images, labels = data.published_training()
    held_out = len(images) // 6
    splits = (
        (images[:-held_out], labels[:-held_out]),
        (images[-held_out:], labels[-held_out:]),
        data.test,
    )
    parts = tuple(
        (x.reshape(len(x), -1) / np.float32(256), y.astype(np.int64)) for x, y in splits
    )
    return _packed(pickle.dumps(parts, _PICKLE_PROTOCOL))


def _packed(unpacked: bytes) -> bytes:
    return gzip.compress(unpacked, compresslevel=1, mtime=0)


_ARCHIVES: dict[str, Callable[[datasets.DataSet], bytes]] = {
    "npz": _npz,
    "two pickled parts": _two_pickled_parts,
    "three pickled parts": _three_pickled_parts,
}
