"""tf.contrib.data, which became tf.data.experimental."""

from collections.abc import Callable

import tensorflow as tf

from estimator_mnist.tf1 import replacements

_SAME = (
    "Counter",
    "CsvDataset",
    "bucket_by_sequence_length",
    "choose_from_datasets",
    "dense_to_sparse_batch",
    "enumerate_dataset",
    "get_single_element",
    "group_by_window",
    "ignore_errors",
    "make_batched_features_dataset",
    "make_csv_dataset",
    "map_and_batch",
    "parallel_interleave",
    "rejection_resample",
    "sample_from_datasets",
    "scan",
    "shuffle_and_repeat",
    "unbatch",
    "unique",
)
__all__ = ["batch_and_drop_remainder", *_SAME]


def batch_and_drop_remainder(
    batch_size: int,
) -> Callable[[tf.data.Dataset], tf.data.Dataset]:
    """Returns a function for `Dataset.apply`: batches of exactly `batch_size`.

    The examples left over at the end are dropped.
    """
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.data", tf.compat.v1.data.experimental, _SAME
)
