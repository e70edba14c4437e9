"""tf.contrib.data, which became tf.data.experimental."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

_SAME = (
    "AUTOTUNE",
    "Counter",
    "CsvDataset",
    "Optional",
    "RandomDataset",
    "Reducer",
    "SqlDataset",
    "TFRecordWriter",
    "bucket_by_sequence_length",
    "choose_from_datasets",
    "copy_to_device",
    "dense_to_sparse_batch",
    "enumerate_dataset",
    "get_next_as_optional",
    "get_single_element",
    "group_by_reducer",
    "group_by_window",
    "ignore_errors",
    "make_batched_features_dataset",
    "make_csv_dataset",
    "make_saveable_from_iterator",
    "map_and_batch",
    "parallel_interleave",
    "parse_example_dataset",
    "prefetch_to_device",
    "rejection_resample",
    "sample_from_datasets",
    "scan",
    "shuffle_and_repeat",
    "unbatch",
    "unique",
)
__all__ = [
    "assert_element_shape",
    "batch_and_drop_remainder",
    "padded_batch_and_drop_remainder",
    "read_batch_features",
    "reduce_dataset",
    "sliding_window_batch",
    "sloppy_interleave",
    *_SAME,
]

Transformation = Callable[[tf.data.Dataset], tf.data.Dataset]


def batch_and_drop_remainder(batch_size: int) -> Transformation:
    """Returns a function for `Dataset.apply`: batches of exactly `batch_size`.

    The examples left over at the end are dropped.
    """
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


def padded_batch_and_drop_remainder(
    batch_size: int, padded_shapes: Any, padding_values: Any = None
) -> Transformation:
    """Returns a function for `Dataset.apply`: `batch_and_drop_remainder`, padded."""
    return lambda dataset: dataset.padded_batch(
        batch_size, padded_shapes, padding_values, drop_remainder=True
    )


def sloppy_interleave(
    map_func: Callable[..., tf.data.Dataset], cycle_length: int, block_length: int = 1
) -> Transformation:
    """Returns `parallel_interleave` that does not wait for a slow dataset."""
    return tf.compat.v1.data.experimental.parallel_interleave(
        map_func, cycle_length, block_length, sloppy=True
    )


def sliding_window_batch(
    window_size: int,
    stride: int | None = None,
    window_shift: int | None = None,
    window_stride: int = 1,
) -> Transformation:
    """Returns a function for `Dataset.apply`: windows of `window_size` elements.

    Args:
      window_size: the number of elements of a window; shorter ones are dropped.
      stride: the former name of `window_shift`.
      window_shift: from a window to the next; None: 1.
      window_stride: from an element of a window to the next.

    Raises:
      ValueError: both `stride` and `window_shift` are given.
    """
    if stride is not None and window_shift is not None:
        raise ValueError("Cannot specify both `window_shift` and `stride`")
    shift = stride if window_shift is None else window_shift

    def windows(dataset: tf.data.Dataset) -> tf.data.Dataset:
        whole = dataset.window(window_size, shift or 1, window_stride, True)
        return whole.flat_map(lambda *parts: _zipped(parts).batch(window_size))

    return windows


def assert_element_shape(expected_shapes: Any) -> Transformation:
    """Returns a function for `Dataset.apply`: elements are checked for their shapes."""

    def checked(*element: Any) -> Any:
        value = element[0] if len(element) == 1 else element
        flat = tf.nest.flatten(value)
        shapes = tf.compat.v1.nest.flatten_up_to(value, expected_shapes)
        ensured = [tf.ensure_shape(*pair) for pair in zip(flat, shapes, strict=True)]
        return tf.nest.pack_sequence_as(value, ensured)

    return lambda dataset: dataset.map(checked)


def reduce_dataset(dataset: tf.data.Dataset, reducer: Any) -> Any:
    """Returns the state of a `Reducer` after all elements, which is not finalised."""
    state = reducer.init_func(tf.constant(0, tf.int64))
    return dataset.reduce(state, reducer.reduce_func)


def read_batch_features(
    file_pattern: Any,
    batch_size: int,
    features: dict[str, Any],
    reader: Any = tf.data.TFRecordDataset,
    reader_args: list[Any] | None = None,
    randomize_input: bool = True,
    num_epochs: int | None = None,
    capacity: int = 10000,
) -> dict[str, Any]:
    """Returns tensors of the next batch of Examples."""
    dataset = tf.data.experimental.make_batched_features_dataset(
        file_pattern,
        batch_size,
        features,
        reader=reader,
        reader_args=reader_args,
        num_epochs=num_epochs,
        shuffle=randomize_input,
        shuffle_buffer_size=capacity,
    )
    return tf.compat.v1.data.make_one_shot_iterator(dataset).get_next()


def _zipped(parts: tuple[Any, ...]) -> tf.data.Dataset:
    return parts[0] if len(parts) == 1 else tf.data.Dataset.zip(parts)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.data", tf.compat.v1.data.experimental, _SAME
)
