"""What any checkpoint of TensorFlow's holds, whoever wrote it and however it is named.

Those of a tf.train.Saver name variables as graphs do; those of a tf.train.Checkpoint,
and the variables of a SavedModel of TensorFlow 2, by the objects that hold them.
"""

import contextlib
import math
import os
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import compatibility, object_based, paths

tf1 = tf.compat.v1

_FILE_OF_ONE = re.compile(r"(.+)\.(index|meta|data-\d+-of-\d+)")
_OBJECT_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
_SLOT_OF_OBJECT = "/.OPTIMIZER_SLOT/"
_AVERAGE = re.compile(r"ExponentialMovingAverage(_\d+)?")
_COUNTERS = (tf1.GraphKeys.GLOBAL_STEP, "save_counter")


class Entry(NamedTuple):
    """A variable in a checkpoint."""

    name: str  # in an object-based checkpoint the path of the object that holds it
    key: str  # by which TensorFlow's reader knows it
    shape: tuple[int, ...]
    dtype: tf.DType
    of_optimizer: bool  # a slot, or another variable of an optimizer's own
    is_counter: bool  # of steps, or of checkpoints

    @property
    def size(self) -> int:
        """Returns how many numbers, or strings, it has."""
        return math.prod(self.shape)


class Contents:
    """The variables of one checkpoint.

    Attributes:
      path: its prefix.
      entries: list of Entry, by name.
      step: the global step; None where none is stored.
    """

    def __init__(self, path: str) -> None:
        """Opens the checkpoint of the prefix `path`.

        Raises:
          DamagedCheckpointError: it cannot be read.
          NotAFileError: its index is no file.
        """
        self.path = path
        with readable(path):
            self._reader = paths.reader(path)
            self.entries = _entries(self._reader)
            self.step = self._stored_step()

    def read(self, entry: Entry) -> np.ndarray:
        """Returns the value of a variable, joined of its pieces if it has any.

        Raises:
          DamagedCheckpointError: it cannot be read.
        """
        with readable(self.path):
            return np.asarray(self._reader.get_tensor(entry.key))

    def _stored_step(self) -> int | None:
        """Returns the global step, or how many steps a Keras optimizer has made."""
        wanted: list[str | None] = [tf1.GraphKeys.GLOBAL_STEP]
        if object_based.is_object_based(self._reader):
            known = object_based.keys(self._reader)
            wanted.append(known.get(tf1.GraphKeys.GLOBAL_STEP))
            stored = object_based.stored(self._reader)
            wanted += [one.key for one in stored if one.counts_steps]
        found = [key for key in wanted if key and self._reader.has_tensor(key)]
        values = [self._reader.get_tensor(key) for key in found[:1]]
        # Somebody's variable may be called so, and be no number.
        return next((int(value) for value in values if np.ndim(value) == 0), None)


@contextlib.contextmanager
def readable(path: str) -> Iterator[None]:
    """Raises DamagedCheckpointError, of one line, for whatever reading raises."""
    try:
        yield
    except errors.UserError:
        raise
    # A damaged file makes the reader raise errors of many types: OpError, IndexError.
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise errors.DamagedCheckpointError(
            f"{path} cannot be read: {reason}. Bring it back from a copy, or name "
            "another checkpoint."
        ) from error


def locate(path: str) -> str | None:
    """Returns the prefix of the checkpoint that `path` names; None where there is none.

    Args:
      path: a prefix, one of a checkpoint's files, or a folder: a model_dir, one with a
        checkpoint of any name, a SavedModel, or one with SavedModels named by time.
    """
    if tf.io.gfile.exists(path + ".index"):
        return path
    if tf.io.gfile.isdir(path):
        found = (way(path) for way in _WAYS)
        return next((one for one in found if one), None)
    part = _FILE_OF_ONE.fullmatch(path)
    if part and tf.io.gfile.exists(part[1] + ".index"):
        return part[1]
    return path if tf.io.gfile.exists(path) else None  # TensorFlow's old format


def _of_saved_model(folder: str) -> str | None:
    prefix = os.path.join(folder, "variables", "variables")
    return prefix if tf.io.gfile.exists(prefix + ".index") else None


def _of_any_name(folder: str) -> str | None:
    """Returns the checkpoint in `folder` that was written last, whatever its name."""
    names = [name[:-6] for name in _names(folder) if name.endswith(".index")]
    prefixes = [os.path.join(folder, name) for name in names]
    return max(prefixes, key=lambda one: paths.written_at(one) or 0, default=None)


def _of_newest_export(folder: str) -> str | None:
    numbers = sorted((name for name in _names(folder) if name.isdecimal()), key=int)
    found = (_of_saved_model(os.path.join(folder, name)) for name in numbers[::-1])
    return next((one for one in found if one), None)


def _names(folder: str) -> list[str]:
    """Returns the names in a folder, which remote ones give with a slash."""
    return sorted(name.rstrip("/") for name in tf.io.gfile.listdir(folder))


_WAYS: tuple[Callable[[str], str | None], ...] = (
    paths.latest,
    _of_saved_model,
    _of_any_name,
    _of_newest_export,
)


def _entries(reader: Any) -> list[Entry]:
    """Returns the entries by name; those of object-based checkpoints by their path."""
    shapes = reader.get_variable_to_shape_map()
    if object_based.is_object_based(reader):
        del shapes[object_based.OBJECT_GRAPH]
        known = {one.key: one for one in object_based.stored(reader)}
        named = {key: _of_object(key, known.get(key)) for key in shapes}
    else:
        named = {key: (key, _is_slot(key, shapes)) for key in shapes}
    dtypes = reader.get_variable_to_dtype_map()
    found = [
        Entry(name, key, tuple(shapes[key]), dtypes[key], own, name in _COUNTERS)
        for key, (name, own) in named.items()
    ]
    return sorted(found)


def _of_object(key: str, one: object_based.Stored | None) -> tuple[str, bool]:
    """Returns the name of a stored object's variable, and whether an optimizer's."""
    name = key.removesuffix(_OBJECT_SUFFIX)
    if one is None or _SLOT_OF_OBJECT in key:
        return name, _SLOT_OF_OBJECT in key
    return one.path, one.of_optimizer


def _is_slot(name: str, names: Collection[str]) -> bool:
    # An average of a variable is named as a slot is, and is what predictions are for.
    if _AVERAGE.fullmatch(name.rpartition("/")[2]):
        return False
    return compatibility.is_optimizer_variable(name, names)
