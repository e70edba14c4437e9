"""Makes input functions that feed numpy arrays and pandas DataFrames in batches."""

import functools
import numbers
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from estimator_mnist import errors

Arrays = np.ndarray | dict[str, np.ndarray]


@runtime_checkable
class _Index(Protocol):
    def equals(self, other: object) -> bool: ...


@runtime_checkable
class _Indexed(Protocol):
    """A DataFrame or Series of pandas, which need not be installed."""

    index: _Index


@runtime_checkable
class _Column(Protocol):
    """A Series or DataFrame of pandas, in numpy_input_fn."""

    index: _Index

    def to_numpy(self) -> np.ndarray: ...


@runtime_checkable
class _Frame(Protocol):
    """A pandas DataFrame."""

    columns: Any
    index: _Index

    def __getitem__(self, column: str) -> Any: ...

    def __contains__(self, column: object) -> bool: ...


def numpy_input_fn(
    x: Arrays,
    y: Arrays | None = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
) -> "ArrayInput":
    """Returns an input_fn that gives batches of the rows of `x` and `y`, in order.

    Args:
      x: array of shape [rows, ...], or a dict of such arrays; columns of pandas count
        as arrays, by position.
      y: labels in the same form and with as many rows, or None.
      batch_size: rows per batch. Batches run across epochs: only the very last one
        may be smaller.
      num_epochs: passes over the data; None repeats it without end.
      shuffle: True or False; None, the default, is an error. True draws a new order
        for each epoch, from the graph's seed where it has one.
      queue_capacity, num_threads: accepted for compatibility; there is no queue.

    Returns:
      A function that returns `features`, or `(features, labels)` where there is a `y`,
      as tensors of shape [batch, ...] in the graph it is called in. Its argument
      `start_step` is the number of the first batch of an endless shuffled input.

    Raises:
      ValueError, TypeError: at once for the numbers and `shuffle`; from the returned
      function for the arrays.
    """
    del queue_capacity, num_threads
    batching = _batching(batch_size, num_epochs, shuffle)

    return ArrayInput(functools.partial(_features_and_labels, x, y), batching)


def pandas_input_fn(
    x: _Frame,
    y: _Frame | _Indexed | None = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
    target_column: str = "target",
) -> "ArrayInput":
    """Returns an input_fn that gives a DataFrame's columns in batches of its rows.

    `y` is a Series (labels are one tensor) or a DataFrame (labels are a dict), with the
    index of `x`. `target_column` must not name a column of `x`. The frames are copied.
    Everything else is as in `numpy_input_fn`.
    """
    del queue_capacity, num_threads
    batching = _batching(batch_size, num_epochs, shuffle)
    if not isinstance(x, _Frame):
        raise TypeError(
            "pandas_input_fn needs a pandas DataFrame as x, with pandas installed; "
            f"got {type(x).__name__}."
        )
    if y is not None:
        _check_target(x, y, target_column)
    features = _columns("x", x)
    labels = _columns("y", y) if isinstance(y, _Frame) else np.array(y)
    parts = (features,) if y is None else (features, labels)
    return ArrayInput(functools.partial(_checked, parts), batching)


class _Batching(NamedTuple):
    batch_size: int
    num_epochs: int | None
    shuffle: bool


class ArrayInput:
    """An input_fn over arrays in memory, which predict can read without a session."""

    def __init__(self, read: functools.partial, batching: _Batching) -> None:
        """Initializes the input_fn.

        Args:
          read: returns the arrays, `features` or `(features, labels)`, or raises what
            is wrong with them.
          batching: how to make batches of them.
        """
        self._read = read
        self._batching = batching

    @property
    def shuffles(self) -> bool:
        """Returns whether each call draws an order of its own."""
        return self._batching.shuffle

    @property
    def is_endless(self) -> bool:
        """Returns whether its batches never end."""
        return self._batching.num_epochs is None

    @property
    def sources(self) -> tuple:
        """What each call reads the arrays from: arrays, and dicts of them."""
        return self._read.args

    def __call__(self, start_step: int = 0) -> Any:
        """Returns the tensors of a batch, in the current graph.

        Args:
          start_step: number of the first batch; counts for an endless shuffled input.
        """
        shuffle, epochs = self._batching.shuffle, self._batching.num_epochs
        # A finite input starts at its beginning, since its end stops training.
        first = start_step if shuffle and epochs is None else 0
        structure = self._read()
        gather, last = _gatherer(structure, self._batching)
        # The dataset gives the batch's number alone: the rows stay out of the graph,
        # and it starts several times as fast as a dataset that maps numbers to rows.
        number = _next_number(first, last, shuffle)
        flat = _flatten(self._specs(structure))
        tensors = tf.numpy_function(gather, [number], [spec.dtype for spec in flat])
        for tensor, spec in zip(tensors, flat, strict=True):
            tensor.set_shape(spec.shape)
        return _pack(structure, tensors)

    def arrays(self) -> tuple[Any, Iterator[list[np.ndarray]]]:
        """Returns the structure of TensorSpecs, and an iterator over batches.

        A batch is a list of arrays, one for each TensorSpec in the structure's order.
        """
        structure = self._read()
        gather, last = _gatherer(structure, self._batching)
        return self._specs(structure), (gather(number) for number in range(last))

    def _specs(self, structure: Any) -> Any:
        endless = self._batching.num_epochs is None
        rows = self._batching.batch_size if endless else None
        specs = [
            tf.TensorSpec([rows, *array.shape[1:]], _dtype(array))
            for array in _flatten(structure)
        ]
        return _pack(structure, specs)


def _flatten(structure: Any) -> list:
    """Returns the leaves of features or (features, labels), each a dict or a leaf."""
    parts = structure if isinstance(structure, tuple) else (structure,)
    return [leaf for part in parts for leaf in _leaves(part)]


def _leaves(part: Any) -> list:
    return [part[key] for key in _keys(part)] if isinstance(part, dict) else [part]


def _pack(structure: Any, flat: Iterable) -> Any:
    """Returns the structure with other leaves, which are in the order of `_flatten`."""
    leaves = iter(flat)

    def fill(part: Any) -> Any:
        if not isinstance(part, dict):
            return next(leaves)
        filled = {key: next(leaves) for key in _keys(part)}
        return {key: filled[key] for key in part}

    return (
        tuple(fill(part) for part in structure)
        if isinstance(structure, tuple)
        else fill(structure)
    )


def _keys(part: dict) -> list:
    """Returns the keys in the order of tf.nest, or theirs, if they do not compare.

    A DataFrame may have columns "x" and 1.
    """
    try:
        return sorted(part)
    except TypeError:
        return list(part)


def _next_number(first: int, last: int, draws_seed: bool) -> tf.Tensor:
    """Returns an int64 [] that is first, first + 1 and so on, below last.

    Args:
      draws_seed: whether the graph's next random op gets its seed after one for this.
        The original's input draws one where it shuffles; a one-shot iterator always.
    """
    graph = tf.compat.v1.get_default_graph()
    seed = graph.seed
    graph.seed = seed if draws_seed else None
    try:
        numbers = tf.data.Dataset.range(first, last)
        return tf.compat.v1.data.make_one_shot_iterator(numbers).get_next()
    finally:
        graph.seed = seed


def _gatherer(
    structure: Any, batching: _Batching
) -> tuple[Callable[[int], list[np.ndarray]], int]:
    """Returns a function from a batch's number to its rows, and how many there are."""
    batch_size, num_epochs, shuffle = batching
    arrays = _flatten(structure)
    rows = len(arrays[0])
    total = None if num_epochs is None else rows * num_epochs
    order = _order_of_epochs(rows, shuffle)

    def gather(batch: int) -> list[np.ndarray]:
        index = _rows_of_batch(int(batch), batch_size, rows, total, order)
        return [_as_fed(array[index]) for array in arrays]

    last = np.iinfo(np.int64).max if total is None else -(-total // batch_size)
    return gather, int(last)


def _as_fed(array: np.ndarray) -> np.ndarray:
    """Returns the array as a session takes it when it is fed.

    `tf.numpy_function` copies the bytes of a number, in whichever order they are, and
    takes text for ASCII. Feeding reads numbers in their byte order, and encodes text.
    """
    array = np.asarray(array)  # not a subclass such as chararray, which strips spaces
    if array.dtype.kind == "U":
        encoded = [text.encode() for text in array.ravel().tolist()]
        return np.array(encoded, object).reshape(array.shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _order_of_epochs(rows: int, shuffle: bool) -> Callable[[int], np.ndarray]:
    """Returns a function from an epoch's number to the order of its rows."""
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


def _rows_of_batch(
    batch: int,
    batch_size: int,
    rows: int,
    total: int | None,
    order: Callable[[int], np.ndarray],
) -> np.ndarray:
    start = batch * batch_size
    end = start + batch_size if total is None else min(start + batch_size, total)
    parts: list[np.ndarray] = []
    while start < end:
        epoch, offset = divmod(start, rows)
        parts.append(order(epoch)[offset : offset + end - start])
        start += len(parts[-1])
    return np.concatenate(parts)


def _features_and_labels(x: Arrays, y: Arrays | None) -> Any:
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
    if isinstance(x, np.ndarray) and x.ndim and not len(x):
        raise ValueError("x cannot be an empty array: it has no row to give.")
    parts = (_sorted("x", x),) if y is None else (_sorted("x", x), _sorted("y", y))
    return _checked(parts)


def _sorted(name: str, arrays: Arrays) -> Arrays:
    if isinstance(arrays, dict):
        return {key: _array(f"{name}[{key!r}]", arrays[key]) for key in sorted(arrays)}
    return _array(name, arrays)


def _array(name: str, array: object) -> np.ndarray:
    if isinstance(array, _Column):
        array = array.to_numpy()
    if not isinstance(array, np.ndarray) or not array.ndim:
        raise TypeError(
            f"{name} must be an array with a row per example; got "
            f"{type(array).__name__}: {errors.sample(array)}. Wrap it in np.array."
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


def _checked(parts: tuple) -> Any:
    """Returns `(features, labels)` or `features`, where all have as many rows."""
    shapes = [_pack(part, map(np.shape, _leaves(part))) for part in parts]
    lengths = {len(array) for array in _flatten(parts)}
    if len(lengths) > 1:
        raise ValueError(
            "Length of tensors in x and y is mismatched. All elements in x and y must "
            f"have the same length.\nShapes in x: {shapes[0]}\n"
            f"Shapes in y: {shapes[1] if len(shapes) > 1 else None}\n"
        )
    if lengths in ({0}, set()):
        raise ValueError("x cannot be an empty array: it has no row to give.")
    return parts[0] if len(parts) == 1 else parts


def _columns(name: str, frame: _Frame) -> dict[str, np.ndarray]:
    if not frame.columns.is_unique:
        raise ValueError(f"{name} has columns of the same name: {frame.columns}")
    return {c: _array(f"{name}[{c!r}]", np.array(frame[c])) for c in frame.columns}


def _check_target(x: _Frame, y: object, target_column: str) -> None:
    if target_column in x:
        raise ValueError(
            f"Cannot use name {target_column} for target column: DataFrame already has "
            f"a column with that name: {x.columns}. Pass another target_column."
        )
    index = y.index if isinstance(y, _Indexed) else None
    if not isinstance(index, _Index) or not x.index.equals(index):
        raise ValueError(
            "Index for x and y are mismatched.\n"
            f"Index for x: {x.index}\nIndex for y: {index}\n"
        )


def _batching(
    batch_size: int, num_epochs: int | None, shuffle: bool | None
) -> _Batching:
    if not isinstance(shuffle, bool):
        raise ValueError(
            "shuffle must be provided and explicitly set as boolean (it is recommended "
            f"to set it as True for training); got {errors.sample(shuffle)}"
        )
    epochs = 0 if num_epochs is None else num_epochs
    for name, value, least in ("batch_size", batch_size, 1), ("num_epochs", epochs, 0):
        if not isinstance(value, numbers.Integral) or value < least:
            raise ValueError(
                f"{name} must be an integer >= {least}; got {errors.sample(value)}."
            )
    return _Batching(int(batch_size), num_epochs, shuffle)
