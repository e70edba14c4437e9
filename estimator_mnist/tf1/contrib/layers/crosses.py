"""Crossed columns of tf.contrib.layers: combinations of categories, hashed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.tf1.contrib.layers import columns as kinds

# Of the hash of TF 1.x where no hash_key is given.
_SEED = 0xDECAFCAFFE
_GOLDEN = 0x9E3779B97F4A7800 - 2**64  # as int64


class CrossedColumn(NamedTuple):
    """Combinations of categories, hashed."""

    columns: tuple[Any, ...]
    size: int
    combiner: str
    hash_key: int | None

    @property
    def name(self) -> str:
        """Returns the names of the columns, with _X_ between them."""
        return "_X_".join(column.name for column in self.columns)

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the features."""
        return kinds.create_feature_spec_for_parsing(self.columns)

    def ids(self, crossed: Sequence[tf.SparseTensor]) -> tf.SparseTensor:
        """Returns the categories of the columns' values, int64 below `size`."""
        inputs = list(crossed)
        if self.hash_key is not None:
            return tf.sparse.cross_hashed(inputs, self.size, self.hash_key)
        positions = [each.with_values(_positions(each.values)) for each in inputs]
        texts = tf.sparse.cross(positions)  # each as "0_X_3"
        parts = tf.strings.split(texts.values, "_X_")
        places = tf.strings.to_number(
            parts.to_tensor(shape=[None, len(inputs)]), tf.int64
        )
        hashed = tf.fill(tf.shape(texts.values), tf.constant(_SEED, tf.int64))
        for number, each in enumerate(inputs):
            found = tf.gather(_fingerprints(each.values), places[:, number])
            hashed = _combined(hashed, found)
        size = tf.constant(self.size, tf.uint64)
        ids = tf.cast(tf.bitcast(hashed, tf.uint64) % size, tf.int64)
        return tf.SparseTensor(texts.indices, ids, texts.dense_shape)


_CROSSABLE = (kinds.SparseColumn, kinds.BucketizedColumn, CrossedColumn)


def crossed_column(
    columns: Sequence[Any],
    hash_bucket_size: int,
    combiner: str = "sum",
    ckpt_to_load_from: None = None,
    tensor_name_in_ckpt: None = None,
    hash_key: int | None = None,
) -> CrossedColumn:
    """Returns a column of the combinations of categories of others.

    Args:
      columns: two or more, sparse, bucketized or crossed.
      hash_bucket_size: the number of categories.
      combiner: of the categories of a row: sum, mean or sqrtn.
      ckpt_to_load_from, tensor_name_in_ckpt: None.
      hash_key: of the hash of combinations; None: the hash before tf.feature_column.

    Raises:
      ValueError: there are fewer columns or categories than two, or it shall begin from
        a checkpoint; TypeError: a column is of another kind.
    """
    kinds.refuse_checkpoint(ckpt_to_load_from, tensor_name_in_ckpt)
    if len(columns) < 2:
        raise ValueError(
            f"columns must contain at least 2 elements. columns: {[*columns]}"
        )
    if hash_bucket_size < 2:
        raise ValueError(
            f"hash_bucket_size must be at least 2. hash_bucket_size: {hash_bucket_size}"
        )
    for column in columns:
        if not isinstance(column, _CROSSABLE):
            raise TypeError(
                "columns must be a set of _SparseColumn, _CrossedColumn, or "
                f"_BucketizedColumn instances. (column {column} is a "
                f"{type(column).__name__})"
            )
    ordered = sorted(columns, key=lambda column: column.name)
    return CrossedColumn(tuple(_leaves(ordered)), hash_bucket_size, combiner, hash_key)


def _leaves(columns: Iterable[Any]) -> Iterator[Any]:
    """Yields the columns; of a cross, those that it is made of."""
    for column in columns:
        yield from column.columns if isinstance(column, CrossedColumn) else (column,)


def _positions(values: tf.Tensor) -> tf.Tensor:
    return tf.range(tf.size(values, tf.int64))


def _fingerprints(values: tf.Tensor) -> tf.Tensor:
    """Returns int64: FarmHash of text; integers are their own."""
    if values.dtype != tf.string:
        return tf.cast(values, tf.int64)
    octets = tf.raw_ops.Fingerprint(data=values, method="farmhash64")
    return tf.bitcast(octets, tf.int64)


def _combined(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Returns an int64 hash of two, modulo 2**64; the shift to the right is signed."""
    up = tf.bitwise.left_shift(a, tf.constant(10, tf.int64))
    down = tf.bitwise.right_shift(a, tf.constant(4, tf.int64))
    return tf.bitwise.bitwise_xor(a, b + tf.constant(_GOLDEN, tf.int64) + up + down)
