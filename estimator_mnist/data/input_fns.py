"""input_fns on tf.data whose batches are a function of (seed, step).

The pixels stay in numpy arrays: the graph holds a counter of steps and the name of a
Python function, so a GraphDef is a few kilobytes and no iterator state needs saving.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from estimator_mnist.data import idx, translation
from estimator_mnist.data.datasets import Split
from estimator_mnist.data.example_order import ExampleOrder
from estimator_mnist.data.shard import Shard
from estimator_mnist.estimator.python_state import function_of_arguments

# The translation that TF 1.8 recorded accuracies on, see numpy.random.RandomState(2).
EVAL_SEED = 2

_PREFETCH = 4
# Calling Python or TensorFlow costs more than making a batch, so that several are made
# in one call: as many as the processor's caches still hold when they are float32.
_CALL_BYTES = 2 << 20  # uint8
# A call's batches come all at once, and then none for as long as several steps. With
# those of 2, 4 and 8 calls ready, `linear` made 0.83, 0.86 and 0.91 of the limit.
_CALLS_READY = 8
_ONLY_WORKER = Shard()
# Without branches and loops there is nothing to translate. TensorFlow would, into files
# in the folder of temporary ones, which stay there where the process is killed.
_as_written = tf.autograph.experimental.do_not_convert

InputFn = Callable[..., tf.data.Dataset]
_Batch = tuple[np.ndarray, np.ndarray]  # images uint8, labels


def train_input_fn(
    split: Split,
    batch_size: int,
    seed: int,
    translate: bool,
    one_hot: bool = False,
    shard: Shard = _ONLY_WORKER,
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
    examples = _Examples(split, translate, one_hot)
    order = ExampleOrder(len(split.labels), seed)
    source = _TrainBatches(examples, order, shard, shard.batch_size(batch_size))

    def input_fn(start_step: int = 0) -> tf.data.Dataset:
        start = start_step if shard.of_batch else start_step // shard.count
        return source.dataset(start)

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

    Elements are those of train_input_fn; the last one may be smaller. The place of an
    image depends on seed and its position in the split alone, not on the batch size.
    Where corners, int [n, 2], are given, it is the image's row of corners.

    Raises:
      ValueError: for an empty split or a batch_size below 1.
    """
    _check(split, batch_size)
    n = len(split.labels)
    if translate and corners is None:
        corners = translation.random_corners(n, np.random.RandomState(seed))
    examples = _Examples(split, translate, one_hot)

    def batch_from(start: int) -> _Batch:
        rows = slice(int(start), int(start) + batch_size)
        return examples.batch(rows, None if corners is None else corners[rows])

    @function_of_arguments
    def input_fn() -> tf.data.Dataset:
        starts = tf.data.Dataset.range(0, n, batch_size)
        batches = examples.dataset(starts, batch_from, [None]).map(_as_features)
        return batches.prefetch(_PREFETCH).with_options(_untuned())

    return input_fn


def _check(split: Split, batch_size: int) -> None:
    if not len(split.labels):
        raise ValueError("split is empty: it needs at least one image")
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, got {batch_size}")


@dataclasses.dataclass(frozen=True, eq=False)
class _Examples:
    """The examples of a split in the form that the network takes them."""

    split: Split
    translate: bool
    one_hot: bool

    @property
    def side(self) -> int:
        """Height and width of an image, pixels."""
        return translation.CANVAS if self.translate else idx.SIDE

    def batch(self, rows: np.ndarray | slice, corners: np.ndarray | None) -> _Batch:
        """Returns the images and labels of `rows`.

        If the images are translated, `corners` gives their places, int [n, 2].
        Images are uint8 [n, side, side], labels int32 [n] or float32 [n, 10].
        """
        images, labels = self.split.images[rows], self.split.labels[rows]
        if self.translate and corners is not None:
            images = translation.place(images, corners)
        if self.one_hot:
            return images, np.eye(idx.CLASSES, dtype=np.float32)[labels]
        return images, labels.astype(np.int32)

    def dataset(
        self,
        positions: tf.data.Dataset,
        batch_at: Callable[[int], Sequence[np.ndarray]],
        batch_shape: list[int | None],
    ) -> tf.data.Dataset:
        """Returns a Dataset of (images, labels): `batch_at` of each of `positions`.

        Images are uint8 [*batch_shape, side, side].
        """
        label_shape = [*batch_shape, idx.CLASSES] if self.one_hot else batch_shape
        dtypes = [tf.uint8, tf.float32 if self.one_hot else tf.int32]

        @_as_written
        def as_tensors(position: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            images, labels = tf.numpy_function(batch_at, [position], dtypes)
            images.set_shape([*batch_shape, self.side, self.side])
            labels.set_shape(label_shape)
            return images, labels

        return positions.map(as_tensors)


class _TrainBatches:
    """One worker's batches of training, made several in one call."""

    def __init__(
        self, examples: _Examples, order: ExampleOrder, shard: Shard, batch_size: int
    ) -> None:
        self._examples = examples
        self._order = order
        self._shard = shard
        self._batch_size = batch_size
        self._per_call = max(1, _CALL_BYTES // (batch_size * examples.side**2))

    def dataset(self, start: int) -> tf.data.Dataset:
        """Returns an endless Dataset of (features, labels) from batch `start` on."""
        starts = tf.data.Dataset.range(start, tf.int64.max, self._per_call)
        shape: list[int | None] = [self._per_call, self._batch_size]
        calls = self._examples.dataset(starts, self._batches_from, shape)
        # Whole calls are prefetched, so that threads seldom wait for one another.
        batches = calls.prefetch(1).flat_map(_one_by_one)
        batches = batches.prefetch(_CALLS_READY * self._per_call)
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return batches.apply(endless).with_options(_one_thread())

    def _batches_from(self, start: int) -> list[np.ndarray]:
        """Returns images and labels [batches, batch_size, ...] from batch `start`."""
        of_all_workers = self._shard.count * self._batch_size
        first = int(start) * of_all_workers
        rows, corners = (
            self._shard.select(values, self._per_call)
            for values in self._order.at(first, first + self._per_call * of_all_workers)
        )
        shape = [self._per_call, self._batch_size]
        return [
            values.reshape(*shape, *values.shape[1:])
            for values in self._examples.batch(rows, corners)
        ]


def _untuned() -> tf.data.Options:
    """Returns options without the thread that tunes a Dataset.

    It sleeps for up to a minute, and what ends an iterator waits for it, each second
    time: it is woken just before it is told to end.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return options


def _one_thread() -> tf.data.Options:
    """Returns options that leave all threads but one to the ops of the model."""
    options = _untuned()
    options.threading.private_threadpool_size = 1
    return options


@_as_written
def _one_by_one(images: tf.Tensor, labels: tf.Tensor) -> tf.data.Dataset:
    """Splits what one call made into batches, without copying it."""
    return tf.data.Dataset.from_tensor_slices(_as_features(images, labels))


@_as_written
def _as_features(
    images: tf.Tensor, labels: tf.Tensor
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Converts batches to float32, late, because as uint8 they take a quarter."""
    return {"x": tf.cast(images, tf.float32) / 255}, labels
