"""Input functions that feed numpy arrays and pandas DataFrames in batches."""

import functools
import numbers
import secrets
from typing import NamedTuple

import numpy as np
import tensorflow as tf


def numpy_input_fn(
    x,
    y=None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
):
    """Makes an input_fn giving batches of the rows of `x` and `y`, in their order.

    Args:
      x: array of shape [rows, ...], or a dict of such arrays.
      y: labels in the same form and with as many rows, or None.
      batch_size: rows per batch. Batches run across epochs: only the very last one
        may be smaller.
      num_epochs: passes over the data; None is without end.
      shuffle: True or False, to be said. True draws a new order for each epoch, from
        the graph's seed where it has one.
      queue_capacity, num_threads: accepted for compatibility; there is no queue.

    Returns:
      A function giving `features`, or `(features, labels)` where there is a `y`, as
      tensors of shape [batch, ...] in the graph it is called in. With an endless
      shuffled input it goes on at batch `start_step` where that is passed.

    Raises:
      ValueError, TypeError: at once for the numbers and `shuffle`; from the returned
      function for the arrays.
    """
    del queue_capacity, num_threads
    batching = _batching(batch_size, num_epochs, shuffle)

    return ArrayInput(functools.partial(_features_and_labels, x, y), batching)


def pandas_input_fn(
    x,
    y=None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
    target_column: str = "target",
):
    """Makes an input_fn giving a pandas DataFrame's columns in batches of its rows.

    `y` is a Series (labels are one tensor) or a DataFrame (labels are a dict), with the
    index of `x`. `target_column` must not name a column of `x`. The frames are copied.
    Everything else is as in `numpy_input_fn`.
    """
    del queue_capacity, num_threads
    batching = _batching(batch_size, num_epochs, shuffle)
    if not hasattr(x, "columns"):
        raise TypeError(
            "pandas_input_fn needs a pandas DataFrame as x, with pandas installed; "
            f"got {type(x).__name__}."
        )
    if y is not None:
        _check_target(x, y, target_column)
    features = _columns("x", x)
    labels = _columns("y", y) if hasattr(y, "columns") else np.array(y)
    parts = (features,) if y is None else (features, labels)
    return ArrayInput(functools.partial(_checked, parts), batching)


class _Batching(NamedTuple):
    batch_size: int
    num_epochs: int | None
    shuffle: bool


class ArrayInput:
    """An input_fn over arrays in memory; what predicts can take them as they are."""

    def __init__(self, read, batching: _Batching):
        self._read, self._batching = read, batching

    @property
    def shuffles(self) -> bool:
        """Whether each call draws an order of its own."""
        return self._batching.shuffle

    @property
    def sources(self) -> tuple:
        """What each call reads the arrays from: arrays, and dicts of them."""
        return self._read.args

    def __call__(self, start_step: int = 0):
        """The tensors of a batch, in the current graph."""
        shuffle, epochs = self._batching.shuffle, self._batching.num_epochs
        # A finite input starts afresh: its end is what tells training to stop.
        first = start_step if shuffle and epochs is None else 0
        structure = self._read()
        gather, last = _gatherer(structure, self._batching)
        # Only the batch's number comes from a dataset: the rows stay out of the graph,
        # and it starts several times as fast as a dataset that maps numbers to rows.
        numbers = tf.data.Dataset.range(first, last)
        number = tf.compat.v1.data.make_one_shot_iterator(numbers).get_next()
        specs = self._specs(structure)
        flat = tf.nest.flatten(specs)
        tensors = tf.numpy_function(gather, [number], [spec.dtype for spec in flat])
        for tensor, spec in zip(tensors, flat, strict=True):
            tensor.set_shape(spec.shape)
        return tf.nest.pack_sequence_as(structure, tensors)

    def arrays(self):
        """(specs, batches): structure of TensorSpecs, and an iterator of flat lists."""
        structure = self._read()
        gather, last = _gatherer(structure, self._batching)
        return self._specs(structure), (gather(number) for number in range(last))

    def _specs(self, structure):
        endless = self._batching.num_epochs is None
        rows = self._batching.batch_size if endless else None
        return tf.nest.map_structure(
            lambda array: tf.TensorSpec([rows, *array.shape[1:]], _dtype(array)),
            structure,
        )


def _gatherer(structure, batching: _Batching):
    """A function from a batch's number to its rows, and the number of batches."""
    batch_size, num_epochs, shuffle = batching
    arrays = tf.nest.flatten(structure)
    rows = len(arrays[0])
    total = None if num_epochs is None else rows * num_epochs
    order = _order_of_epochs(rows, shuffle)

    def gather(batch):
        index = _rows_of_batch(int(batch), batch_size, rows, total, order)
        return [array[index] for array in arrays]

    return gather, np.iinfo(np.int64).max if total is None else -(-total // batch_size)


def _order_of_epochs(rows: int, shuffle: bool):
    """A function of the epoch's number giving the order of its rows."""
    if not shuffle:
        order = np.arange(rows)
        return lambda epoch: order
    seed = tf.compat.v1.get_default_graph().seed
    seed = secrets.randbits(64) if seed is None else seed % 2**64

    @functools.lru_cache(maxsize=2)  # a batch may lie across two epochs
    def permutation(epoch: int) -> np.ndarray:
        key = np.array([seed, epoch], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key)).permutation(rows)

    return permutation


def _rows_of_batch(batch: int, batch_size: int, rows: int, total, order) -> np.ndarray:
    start = batch * batch_size
    end = start + batch_size if total is None else min(start + batch_size, total)
    parts = []
    while start < end:
        epoch, offset = divmod(start, rows)
        parts.append(order(epoch)[offset : offset + end - start])
        start += len(parts[-1])
    return np.concatenate(parts)


def _features_and_labels(x, y):
    if not isinstance(x, (dict, np.ndarray)):
        raise TypeError(f"x must be a dict or array; got {type(x).__name__}")
    if isinstance(x, dict) and not x:
        raise ValueError("x cannot be an empty dict")
    if isinstance(y, dict) and not y:
        raise ValueError("y cannot be empty dict, use None instead.")
    if isinstance(x, dict) and isinstance(y, dict) and set(x) & set(y):
        both = set(x) & set(y)
        raise ValueError(
            f"{len(both)} duplicate keys are found in both x and y: {both}"
        )
    parts = (_sorted("x", x),) if y is None else (_sorted("x", x), _sorted("y", y))
    return _checked(parts)


def _sorted(name: str, arrays):
    if isinstance(arrays, dict):
        return {key: _array(f"{name}[{key!r}]", arrays[key]) for key in sorted(arrays)}
    return _array(name, arrays)


def _array(name: str, array) -> np.ndarray:
    if not isinstance(array, np.ndarray) or not array.ndim:
        raise TypeError(
            f"{name} must be an array with a row per example; got "
            f"{type(array).__name__}: {array!r}. Wrap it in np.array."
        )
    _dtype(array, name)
    return array


def _dtype(array: np.ndarray, name: str = "") -> tf.DType:
    try:
        return tf.as_dtype(array.dtype)
    except TypeError as error:
        raise TypeError(
            f"{name} has dtype {array.dtype}, which TensorFlow cannot hold: convert it "
            "to numbers or strings."
        ) from error


def _checked(parts: tuple):
    """`(features, labels)` or `features` from the parts, all with the same rows."""
    shapes = [tf.nest.map_structure(np.shape, part) for part in parts]
    lengths = {len(array) for array in tf.nest.flatten(parts)}
    if len(lengths) > 1:
        raise ValueError(
            "Length of tensors in x and y is mismatched. All elements in x and y must "
            f"have the same length.\nShapes in x: {shapes[0]}\n"
            f"Shapes in y: {shapes[1] if len(shapes) > 1 else None}\n"
        )
    if lengths in ({0}, set()):
        raise ValueError("x cannot be an empty array: it has no row to give.")
    return parts[0] if len(parts) == 1 else parts


def _columns(name: str, frame) -> dict:
    if not frame.columns.is_unique:
        raise ValueError(f"{name} has columns of the same name: {frame.columns}")
    return {c: _array(f"{name}[{c!r}]", np.array(frame[c])) for c in frame.columns}


def _check_target(x, y, target_column: str) -> None:
    if target_column in x:
        raise ValueError(
            f"Cannot use name {target_column} for target column: DataFrame already has "
            f"a column with that name: {x.columns}. Pass another target_column."
        )
    index = getattr(y, "index", None)
    if not hasattr(index, "equals") or not x.index.equals(index):
        raise ValueError(
            "Index for x and y are mismatched.\n"
            f"Index for x: {x.index}\nIndex for y: {index}\n"
        )


def _batching(batch_size, num_epochs, shuffle):
    if not isinstance(shuffle, bool):
        raise ValueError(
            "shuffle must be provided and explicitly set as boolean (it is recommended "
            f"to set it as True for training); got {shuffle}"
        )
    for name, value, least in (
        ("batch_size", batch_size, 1),
        ("num_epochs", 0 if num_epochs is None else num_epochs, 0),
    ):
        if not isinstance(value, numbers.Integral) or value < least:
            raise ValueError(f"{name} must be an integer >= {least}; got {value!r}.")
    return _Batching(int(batch_size), num_epochs, shuffle)
