"""input_fns on tf.data whose batches are a function of (seed, step).

The pixels stay in numpy arrays: the graph holds a counter of steps and the name of a
Python function, so a GraphDef is a few kilobytes and no iterator state needs saving.
"""

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist.data import idx
from estimator_mnist.data import translate as placing
from estimator_mnist.data.datasets import Split
from estimator_mnist.estimator.python_state import function_of_arguments

# The translation that TF 1.8 recorded accuracies on, see numpy.random.RandomState(2).
EVAL_SEED = 2

_PREFETCH = 4
# Calling Python or TensorFlow costs more than making a batch, so that several are made
# in one call: as many as the processor's caches still hold when they are float32.
_CALL_BYTES = 2 << 20  # uint8
_ORDER, _CORNERS, _STRIDE = 0, 1, 2
# Positions of an epoch that are shuffled together, so that memory is the same however
# many images there are; all of MNIST's are fewer.
_BLOCK = 1 << 16

InputFn = Callable[..., tf.data.Dataset]


class Shard(NamedTuple):
    """What one of several workers reads; by default there is one, who reads all.

    Attributes:
      index, count: which worker this is, of how many.
      of_batch: each batch is divided among the workers, which make a step together;
        False: they take whole batches in turns, as their steps are apart.
    """

    index: int = 0
    count: int = 1
    of_batch: bool = False


def train_input_fn(
    split: Split,
    batch_size: int,
    seed: int,
    translate: bool,
    one_hot: bool = False,
    shard: Shard = Shard(),  # noqa: B008
) -> InputFn:
    """Returns `input_fn(start_step=0)`, an endless Dataset of shuffled batches.

    Each element is ({"x": float32 [batch_size, side, side] in 0..1}, labels), labels
    int32 [batch_size] or, if one_hot, float32 [batch_size, 10]; side is 40 if
    translate, else 28. Element k of input_fn(start_step=n) is element n + k of
    input_fn(): batch s holds positions s * batch_size and on of one permutation of the
    images after the other. Each image is at a new place each time it is seen.

    The workers' shards make up these batches: start_step counts steps of all workers,
    and where batches are divided, an element has batch_size / shard.count examples.

    Raises:
      ValueError: for an empty split, a batch_size below 1 or that cannot be divided, or
        a negative seed.
    """
    _check(split, batch_size)
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}")
    n = len(split.labels)

    @functools.lru_cache(maxsize=1)
    def block_at(epoch, block):
        return _block(n, seed, epoch, block)

    mine = _size_of_share(batch_size, shard)
    in_round = shard.count * mine
    several = _batches_per_call(mine, translate)
    shape = [several, mine]

    def batches_from(turn):
        start = int(turn) * in_round
        plan = _positions(block_at, n, start, start + several * in_round)
        rows, corners = (_share(column, several, shard) for column in plan)
        made = _batch(split, rows, corners if translate else None, one_hot)
        return [part.reshape(*shape, *part.shape[1:]) for part in made]

    def input_fn(start_step: int = 0) -> tf.data.Dataset:
        start = start_step if shard.of_batch else start_step // shard.count
        turns = tf.data.Dataset.range(start, tf.int64.max, several)
        calls = _dataset(turns, batches_from, shape, translate, one_hot)
        # Ahead of time goes by calls, so that threads seldom wait for one another.
        batches = calls.prefetch(1).flat_map(_batches)
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return batches.apply(endless).with_options(_one_thread())

    return input_fn


def eval_input_fn(
    split: Split,
    batch_size: int,
    translate: bool,
    seed: int = EVAL_SEED,
    one_hot: bool = False,
    corners: np.ndarray | None = None,
) -> InputFn:
    """Returns `input_fn()`, one pass over every image in order, for predict too.

    Elements are as train_input_fn's, the last one may be smaller. An image's place
    depends on seed and its position in the split alone, not on the batch size; it is
    the image's row of corners, int [n, 2], where these are given.

    Raises:
      ValueError: for an empty split or a batch_size below 1.
    """
    _check(split, batch_size)
    n = len(split.labels)
    if translate and corners is None:
        corners = placing.offsets(n, np.random.RandomState(seed))

    def batch_from(start):
        rows = slice(int(start), int(start) + batch_size)
        return _batch(split, rows, corners[rows] if translate else None, one_hot)

    @function_of_arguments
    def input_fn() -> tf.data.Dataset:
        starts = tf.data.Dataset.range(0, n, batch_size)
        batches = _dataset(starts, batch_from, [None], translate, one_hot)
        return batches.prefetch(_PREFETCH).map(_as_features)

    return input_fn


def _check(split, batch_size):
    if not len(split.labels):
        raise ValueError("split is empty: it needs at least one image")
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, got {batch_size}")


def _rng(*key):
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))


def _block(n, seed, epoch, block):
    """Which of n images are at the positions of a block of an epoch, and their places.

    Blocks go on around the images as around a ring, in equal strides that meet each
    image once, and shuffle what they met.
    """
    positions = np.arange(block * _BLOCK, min((block + 1) * _BLOCK, n))
    rows = np.sort(positions * _stride(n, _rng(seed, _STRIDE, epoch)) % n)
    _rng(seed, _ORDER, epoch, block).shuffle(rows)
    return rows, placing.offsets(len(rows), _rng(seed, _CORNERS, epoch, block))


def _stride(n, rng):
    stride = 0
    while math.gcd(stride, n) > 1:
        stride = rng.integers(n)
    return stride


def _positions(block_at, n, start, stop):
    """Rows and corners at positions start..stop-1 of all epochs laid end to end."""
    parts = []
    while start < stop:
        epoch, first = divmod(start, n)
        block, at = divmod(first, _BLOCK)
        parts.append([part[at : at + stop - start] for part in block_at(epoch, block)])
        start += len(parts[-1][0])
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _size_of_share(batch_size, shard):
    if not shard.of_batch:
        return batch_size
    if batch_size % shard.count:
        raise ValueError(
            f"batch_size {batch_size} cannot be divided among {shard.count} workers: "
            "take a multiple of their number"
        )
    return batch_size // shard.count


def _share(column, turns, shard):
    """What is this worker's of a column of so many turns, in which each has one."""
    if shard.count == 1:
        return column
    parts = column.reshape(turns, shard.count, -1, *column.shape[1:])
    return parts[:, shard.index].reshape(-1, *column.shape[1:])


def _batches_per_call(batch_size, translate):
    side = placing.CANVAS if translate else idx.SIDE
    return max(1, _CALL_BYTES // (batch_size * side * side))


def _one_thread():
    """Ops of the input share one thread, and leave the others to the model."""
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    return options


def _batch(split, rows, corners, one_hot):
    images, labels = split.images[rows], split.labels[rows]
    if corners is not None:
        images = placing.place(images, corners)
    if one_hot:
        return images, np.eye(idx.CLASSES, dtype=np.float32)[labels]
    return images, labels.astype(np.int32)


def _batches(images, labels):
    """One by one, in the memory of all that one call made."""
    return tf.data.Dataset.from_tensor_slices(_as_features(images, labels))


def _dataset(positions, batch_at, batch_shape, translate, one_hot):
    """What `batch_at` makes of each of `positions`: uint8 images in `batch_shape`."""
    side = placing.CANVAS if translate else idx.SIDE
    label_shape = [*batch_shape, *[idx.CLASSES] * one_hot]
    dtypes = [tf.uint8, tf.float32 if one_hot else tf.int32]

    def as_tensors(position):
        images, labels = tf.numpy_function(batch_at, [position], dtypes)
        images.set_shape([*batch_shape, side, side])
        labels.set_shape(label_shape)
        return images, labels

    return positions.map(as_tensors)


def _as_features(images, labels):
    """Batches as a model_fn takes them; till then they need a quarter of the memory."""
    return {"x": tf.cast(images, tf.float32) / 255}, labels
