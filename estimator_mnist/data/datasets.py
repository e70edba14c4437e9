"""Finds, downloads and verifies the data sets mnist, fashion_mnist and digits."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import logging

from estimator_mnist import errors
from estimator_mnist.data import digits, idx, npz

NAMES = ("auto", "mnist", "fashion_mnist", "digits")
SPLITS = ("train", "validation", "test")

DIGIT_NAMES = tuple("0123456789")

_TRAIN_IMAGES, _TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
_TEST_IMAGES, _TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
# The IDX files of a published data set, each also with .gz.
FILES = (_TRAIN_IMAGES, _TRAIN_LABELS, _TEST_IMAGES, _TEST_LABELS)

# TF 1.x held out the first 5,000 of 60,000; of a smaller set, the same share.
_VALIDATION, _VALIDATION_SHARE = 5000, 12
_DIGITS_TEST, _DIGITS_VALIDATION = 300, 200


class Split(NamedTuple):
    """Some examples of a data set.

    Attributes:
      images: uint8 [n, 28, 28].
      labels: uint8 [n], each 0..9.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class DataSet:
    """A data set in memory.

    Attributes:
      checksum: SHA-256 of the examples, the same for each form of the files.
      source: the folder or file that they were read from.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    checksum: str
    source: str

    def published_training(self) -> Split:
        """Returns all the training images, in the order of the published file."""
        pairs = zip(self.validation, self.train, strict=True)
        return Split(*map(np.concatenate, pairs))


class _Published(NamedTuple):
    """What is known of a published data set before it is read."""

    class_names: tuple[str, ...]
    keras_cache: str  # file or folder below Keras's cache
    base_urls: tuple[str, ...]
    sha256: tuple[str, ...]  # of the unpacked FILES, in their order

    @property
    def checksums(self) -> Mapping[str, str]:
        """SHA-256 by file."""
        return dict(zip(FILES, self.sha256, strict=True))


_PUBLISHED = {
    "mnist": _Published(
        DIGIT_NAMES,
        "mnist.npz",
        (
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    "fashion_mnist": _Published(
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        "fashion-mnist",
        (
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
}

_NOT_FOUND = """\
no {name} found.
  Looked in: {places}
  for: {files} (each also with .gz), or {name}.npz
  Download: {reason}
  Remedy: put the files into one folder and name it with --data_dir, or take the
  embedded digits, which need neither files nor network: --dataset=digits"""

_FALLBACK = """
******************************************************************************
*  NOT MNIST: training and evaluation use scikit-learn's embedded digits,    *
*  1,797 images of 8x8 pixels enlarged to 28x28. Their accuracies cannot be  *
*  compared with MNIST's.                                                    *
******************************************************************************
The reason: %s"""


def load(
    name: str = "auto",
    data_dir: str | os.PathLike | None = None,
    *,
    download: bool = True,
    base_urls: Sequence[str] | None = None,
) -> DataSet:
    """Finds a data set, verifies it and reads it into memory.

    Args:
      name: one of NAMES; "auto" is mnist or, if that is not found, digits, with a
        warning.
      data_dir: folder that holds the IDX files or Keras's npz, itself or in its
        subfolder `name`; searched before Keras's cache and that of this package.
      download: whether to download what is not found into this package's cache.
      base_urls: mirrors to download from in place of the default ones.

    Raises:
      DataNotFoundError: the data set is neither found nor downloaded.
      DataError: the name is unknown, or the files found are incomplete, damaged or
        another data set's; for "auto" too.
    """
    if name not in NAMES:
        raise errors.DataError(
            f"dataset {name!r} is unknown, choose from {', '.join(NAMES)}"
        )
    if name == "digits":
        return _load_digits()
    if name != "auto":
        return _load_published(name, data_dir, download, base_urls)
    try:
        return _load_published("mnist", data_dir, download, base_urls)
    except errors.DataNotFoundError as reason:
        logging.warning(_FALLBACK, reason)
        return _load_digits()


def without_examples(name: str, checksum: str = "") -> DataSet:
    """Returns a data set by its name, with no images: for what needs its classes alone.

    Args:
      name: one of NAMES, but for "auto".
      checksum: of the examples that are left out.
    """
    nothing = _split(np.zeros((0, idx.SIDE, idx.SIDE), np.uint8), np.zeros(0, np.uint8))
    published = _PUBLISHED.get(name)
    return DataSet(
        name=name,
        train=nothing,
        validation=nothing,
        test=nothing,
        class_names=published.class_names if published else DIGIT_NAMES,
        checksum=checksum,
        source="",
    )


def holds(name: str, data_dir: str | os.PathLike) -> bool:
    """Returns whether `data_dir` or its subfolder has files of a published data set."""
    if not _home(data_dir).is_dir():
        return False
    *places, _ = _candidates(name, data_dir)  # the last one is Keras's
    return any(
        place.exists() if place.suffix == ".npz" else bool(_find_files(place))
        for place in places
    )


def cache_dir() -> Path:
    """Returns the folder of downloads: below XDG_CACHE_HOME or ~/.cache."""
    parent = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _home(parent) / "estimator_mnist"


def _home(path: str | os.PathLike) -> Path:
    """Returns the path with the home folder for `~`; of nobody's it stays."""
    return Path(os.path.expanduser(path))


def _load_published(
    name: str,
    data_dir: str | os.PathLike | None,
    download: bool,
    base_urls: Sequence[str] | None,
) -> DataSet:
    published, cache = _PUBLISHED[name], cache_dir() / name
    *places, keras = _candidates(name, data_dir)
    for place in [*places, keras]:
        arrays = _read(place)
        if arrays:
            break
    else:
        reason: str | None = "not tried, as told"
        if download or _is_complete(cache):
            urls = base_urls or published.base_urls
            reason = _fetch(published.checksums, cache, urls)
        if reason:
            looked = [*places, keras, cache]
            raise errors.DataNotFoundError(_not_found(name, looked, reason))
        place, arrays = cache, _read_files(cache, _find_files(cache))
    if data_dir is not None and place not in places:
        logging.warning("data_dir %s holds no %s: taking %s.", data_dir, name, place)
    return _verified(name, arrays, place)


def _candidates(name: str, data_dir: str | os.PathLike | None) -> list[Path]:
    """Returns the folders and npz files that may hold the data set, in order."""
    keras = _home("~/.keras/datasets") / _PUBLISHED[name].keras_cache
    if data_dir is None:
        return [keras]
    root = _home(data_dir)
    if not root.is_dir():
        what = "is a file" if root.exists() else "no such folder"
        raise errors.DataError(
            f"--data_dir={root}: {what}: name the folder that holds the data, or leave "
            "it out to look in the caches."
        )
    npz_name = f"{name}.npz"
    return [root / name, root, root / name / npz_name, root / npz_name, keras]


def _read(place: Path) -> tuple[np.ndarray, ...] | None:
    """Returns the four arrays in the order of FILES, or None if there are no files."""
    if place.suffix == ".npz":
        return npz.read(place) if place.exists() else None
    found = _find_files(place)
    return _read_files(place, found) if found else None


def _read_files(folder: Path, found: Mapping[str, Path]) -> tuple[np.ndarray, ...]:
    missing = [file for file in FILES if file not in found]
    if missing:
        raise errors.DataError(
            f"{folder}: holds {', '.join(found)} but not {', '.join(missing)}: "
            "complete the set, or move it away"
        )
    train = idx.read_pair(found[_TRAIN_IMAGES], found[_TRAIN_LABELS])
    return *train, *idx.read_pair(found[_TEST_IMAGES], found[_TEST_LABELS])


def _find_files(folder: Path) -> dict[str, Path]:
    """Returns the paths of those of FILES that `folder` holds."""
    found: dict[str, Path] = {}
    for file in FILES:
        there = [path for path in _spellings(folder, file) if path.exists()]
        # Popular archives have a folder that is called as the file, with it or beside.
        files = [path for path in there if path.is_file()]
        if there:
            found[file] = (files or there)[0]
    return found


def _spellings(folder: Path, file: str) -> Iterator[Path]:
    """Yields where a file of the data set may be, and how it may be called."""
    for spelling in (file, file.replace("-idx", ".idx")):
        for name in (spelling, f"{spelling}.gz"):
            yield folder / name
            yield folder / name / name


def _is_complete(folder: Path) -> bool:
    return len(_find_files(folder)) == len(FILES)


def _fetch(
    checksums: Mapping[str, str], folder: Path, base_urls: Sequence[str]
) -> str | None:
    """Downloads the files that `folder` lacks; returns None, or why this failed."""
    if _is_complete(folder):
        return None
    # Here, because most runs have their data and need no HTTP library.
    from estimator_mnist.data import download

    try:
        download.fetch(checksums, folder, base_urls)
    except errors.DownloadError as error:
        return str(error)
    return None


def _not_found(name: str, places: Sequence[Path], reason: str) -> str:
    return _NOT_FOUND.format(
        name=name,
        places=", ".join(str(place) for place in places),
        files=", ".join(FILES),
        reason=reason,
    )


def _verified(name: str, arrays: tuple[np.ndarray, ...], place: Path) -> DataSet:
    """Verifies the four arrays of a published data set; splits them as TF 1.x did."""
    checksums = [idx.content_sha256(array) for array in arrays]
    _check_identity(name, checksums, place)
    images, labels, *test = arrays
    if len(images) < 2:
        raise errors.DataError(
            f"{place}: one training image cannot be divided into training and "
            "validation: get the whole set"
        )
    held_out = max(1, min(_VALIDATION, len(images) // _VALIDATION_SHARE))
    return DataSet(
        name=name,
        train=_split(images[held_out:], labels[held_out:]),
        validation=_split(images[:held_out], labels[:held_out]),
        test=_split(*test),
        class_names=_PUBLISHED[name].class_names,
        checksum=_combined(checksums),
        source=str(place),
    )


def _check_identity(name: str, checksums: Sequence[str], place: Path) -> None:
    """Raises DataError for files known to be others; warns of unknown ones."""
    known = {
        checksum: (other, file)
        for other, published in _PUBLISHED.items()
        for file, checksum in published.checksums.items()
    }
    for file, checksum in zip(FILES, checksums, strict=True):
        found = known.get(checksum, (name, file))
        if found != (name, file):
            raise errors.DataError(
                f"{place}: {file} of {name} is really {found[1]} of {found[0]}: put "
                f"the right file there, or choose --dataset={found[0]}"
            )
    if tuple(checksums) != _PUBLISHED[name].sha256:
        logging.warning("%s is not %s as published; it is used as it is.", place, name)


def _load_digits() -> DataSet:
    images, labels = digits.load()
    # numpy guarantees RandomState's stream, so that the split never changes.
    order = np.random.RandomState(0).permutation(len(images))
    held_out = _DIGITS_TEST + _DIGITS_VALIDATION
    parts = np.split(order, [_DIGITS_TEST, held_out])
    test, validation, train = (_split(images[part], labels[part]) for part in parts)
    return DataSet(
        name="digits",
        train=train,
        validation=validation,
        test=test,
        class_names=DIGIT_NAMES,
        checksum=_combined([idx.content_sha256(images), idx.content_sha256(labels)]),
        source="scikit-learn",
    )


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    for array in (images, labels):
        # The checksum must stay that of the data that is trained on.
        array.setflags(write=False)
    return Split(images, labels)


def _combined(checksums: Sequence[str]) -> str:
    return hashlib.sha256("".join(checksums).encode()).hexdigest()
