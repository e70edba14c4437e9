"""input_fns on tf.data whose batches are a function of (seed, step).

The pixels stay in numpy arrays: the graph holds a counter of steps and the name of a
Python function, so a GraphDef is a few kilobytes and no iterator state needs saving.
"""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from estimator_mnist.data import idx
from estimator_mnist.data import translate as placing
from estimator_mnist.data.datasets import Split

# The translation that TF 1.8 recorded accuracies on, see numpy.random.RandomState(2).
EVAL_SEED = 2

_PREFETCH = 4
_ORDER, _CORNERS = 0, 1

InputFn = Callable[..., tf.data.Dataset]


def train_input_fn(
    split: Split, batch_size: int, seed: int, translate: bool, one_hot: bool = False
) -> InputFn:
    """Returns `input_fn(start_step=0)`, an endless Dataset of shuffled batches.

    Each element is ({"x": float32 [batch_size, side, side] in 0..1}, labels), labels
    int32 [batch_size] or, if one_hot, float32 [batch_size, 10]; side is 40 if
    translate, else 28. Element k of input_fn(start_step=n) is element n + k of
    input_fn(): batch s holds positions s * batch_size and on of one permutation of the
    images after the other. Each image is at a new place each time it is seen.

    Raises:
      ValueError: for an empty split, a batch_size below 1 or a negative seed.
    """
    _check(split, batch_size)
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}")
    n = len(split.labels)

    @functools.lru_cache(maxsize=2)
    def plan_of(epoch):
        order = _rng(seed, _ORDER, epoch).permutation(n)
        return order, placing.offsets(n, _rng(seed, _CORNERS, epoch))

    def batch_at(step):
        start = int(step) * batch_size
        rows, corners = _positions(plan_of, n, start, start + batch_size)
        return _batch(split, rows, corners if translate else None, one_hot)

    def input_fn(start_step: int = 0) -> tf.data.Dataset:
        steps = tf.data.Dataset.range(start_step, tf.int64.max)
        return _dataset(steps, batch_at, batch_size, translate, one_hot)

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

    def input_fn() -> tf.data.Dataset:
        starts = tf.data.Dataset.range(0, n, batch_size)
        return _dataset(starts, batch_from, None, translate, one_hot)

    return input_fn


def _check(split, batch_size):
    if not len(split.labels):
        raise ValueError("split is empty: it needs at least one image")
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, got {batch_size}")


def _rng(*key):
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))


def _positions(plan_of, n, start, stop):
    """Rows and corners at positions start..stop-1 of all epochs laid end to end."""
    parts = []
    while start < stop:
        epoch, first = divmod(start, n)
        last = min(n, first + stop - start)
        parts.append([column[first:last] for column in plan_of(epoch)])
        start += last - first
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _batch(split, rows, corners, one_hot):
    images, labels = split.images[rows], split.labels[rows]
    if corners is not None:
        images = placing.place(images, corners)
    pixels = images.astype(np.float32)
    pixels /= 255
    if one_hot:
        labels = np.eye(idx.CLASSES, dtype=np.float32)[labels]
    return pixels, labels


def _dataset(positions, batch_at, batch_size, translate, one_hot):
    side = placing.CANVAS if translate else idx.SIDE
    label_shape = [batch_size, idx.CLASSES] if one_hot else [batch_size]
    dtypes = [tf.float32, tf.float32 if one_hot else tf.int32]

    def as_tensors(position):
        pixels, labels = tf.numpy_function(batch_at, [position], dtypes)
        pixels.set_shape([batch_size, side, side])
        labels.set_shape(label_shape)
        return {"x": pixels}, labels

    return positions.map(as_tensors).prefetch(_PREFETCH)
