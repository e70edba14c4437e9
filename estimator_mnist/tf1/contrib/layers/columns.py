"""Feature columns of tf.contrib.layers, before tf.feature_column.

A column is a tuple of its settings. `feature_columns` puts columns into tensors.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

tf1 = tf.compat.v1


class RealValuedColumn(NamedTuple):
    """A float feature [batch, dimension]."""

    column_name: str
    dimension: int = 1
    default_value: list[float] | None = None
    dtype: tf.DType = tf.float32
    normalizer: Callable[[tf.Tensor], tf.Tensor] | None = None

    @property
    def name(self) -> str:
        """Returns the name of the feature."""
        return self.column_name

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the feature."""
        shape, default = [self.dimension], self.default_value
        return {self.name: tf.io.FixedLenFeature(shape, self.dtype, default)}


class SparseColumn(NamedTuple):
    """A feature of categories: `ids` makes numbers below `size` of its values."""

    kind: str
    column_name: str
    size: int
    ids: Callable[[tf.Tensor], tf.Tensor]
    combiner: str
    dtype: tf.DType

    @property
    def name(self) -> str:
        """Returns the name of the feature."""
        return self.column_name

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the feature."""
        return {self.name: tf.io.VarLenFeature(self.dtype)}


class WeightedColumn(NamedTuple):
    """Categories with a weight for each, which is another feature."""

    sparse_id_column: SparseColumn
    weight_column_name: str
    dtype: tf.DType = tf.float32

    @property
    def name(self) -> str:
        """Returns the name of both."""
        return f"{self.sparse_id_column.name}_weighted_by_{self.weight_column_name}"

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the features."""
        weight = {self.weight_column_name: tf.io.VarLenFeature(self.dtype)}
        return {**self.sparse_id_column.config, **weight}


class BucketizedColumn(NamedTuple):
    """A real-valued feature as one of the ranges between boundaries."""

    source_column: RealValuedColumn
    boundaries: tuple[float, ...]

    @property
    def name(self) -> str:
        """Returns the name of the column."""
        return f"{self.source_column.name}_bucketized"

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the feature."""
        return self.source_column.config


class EmbeddingColumn(NamedTuple):
    """Categories as the mean of their embeddings."""

    sparse_id_column: Any  # sparse, weighted or crossed
    dimension: int
    combiner: str = "mean"
    initializer: Any = None
    shared_embedding_name: str | None = None
    max_norm: float | None = None
    trainable: bool = True

    @property
    def name(self) -> str:
        """Returns the name of the column."""
        return f"{self.sparse_id_column.name}_embedding"

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the feature."""
        return self.sparse_id_column.config


class OneHotColumn(NamedTuple):
    """Categories as a vector of how often each occurs."""

    sparse_id_column: SparseColumn | WeightedColumn

    @property
    def name(self) -> str:
        """Returns the name of the column."""
        return f"{self.sparse_id_column.name}_one_hot"

    @property
    def config(self) -> dict[str, Any]:
        """Returns how to parse the feature."""
        return self.sparse_id_column.config


def real_valued_column(
    column_name: str,
    dimension: int = 1,
    default_value: Any = None,
    dtype: tf.DType = tf.float32,
    normalizer: Callable[[tf.Tensor], tf.Tensor] | None = None,
) -> RealValuedColumn:
    """Returns a column of `dimension` numbers.

    Raises:
      ValueError: dimension is less than 1; TypeError: it is no integer.
    """
    if not isinstance(dimension, int):
        raise TypeError(
            f"dimension must be an integer. dimension: {dimension}, "
            f"column_name: {column_name}"
        )
    if dimension < 1:
        raise ValueError(
            f"dimension must be greater than 0. dimension: {dimension}, "
            f"column_name: {column_name}"
        )
    if isinstance(default_value, (int, float)):
        default_value = [default_value for _ in range(dimension)]
    return RealValuedColumn(column_name, dimension, default_value, dtype, normalizer)


def sparse_column_with_hash_bucket(
    column_name: str,
    hash_bucket_size: int,
    combiner: str = "sum",
    dtype: tf.DType = tf.string,
    hash_keys: None = None,
) -> SparseColumn:
    """Returns a column whose categories are hashes of its values."""
    del hash_keys

    def ids(values: tf.Tensor) -> tf.Tensor:
        texts = values if values.dtype == tf.string else tf.strings.as_string(values)
        return tf.strings.to_hash_bucket_fast(texts, hash_bucket_size)

    return SparseColumn("Hashed", column_name, hash_bucket_size, ids, combiner, dtype)


def sparse_column_with_keys(
    column_name: str,
    keys: Sequence[Any],
    default_value: int = -1,
    combiner: str = "sum",
    dtype: tf.DType = tf.string,
) -> SparseColumn:
    """Returns a column whose categories are `keys`; others are `default_value`."""
    values = tf.as_dtype(dtype)

    def ids(features: tf.Tensor) -> tf.Tensor:
        numbers = tf.range(len(keys), dtype=tf.int64)
        known = tf.constant(list(keys), values)
        initializer = tf1.lookup.KeyValueTensorInitializer(known, numbers)
        table = tf1.lookup.StaticHashTable(initializer, default_value)
        return table.lookup(tf.cast(features, values))

    return SparseColumn("Keys", column_name, len(keys), ids, combiner, dtype)


def sparse_column_with_vocabulary_file(
    column_name: str,
    vocabulary_file: str,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    combiner: str = "sum",
    dtype: tf.DType = tf.string,
) -> SparseColumn:
    """Returns a column whose categories are the lines of a file.

    Raises:
      ValueError: there is no `vocab_size`.
    """
    if not vocab_size:
        raise ValueError(f"vocab_size should be given: the lines of {vocabulary_file}.")

    def ids(values: tf.Tensor) -> tf.Tensor:
        from estimator_mnist.tf1.contrib import lookup

        return lookup.index_table_from_file(
            vocabulary_file, num_oov_buckets, vocab_size, default_value, key_dtype=dtype
        ).lookup(values)

    return SparseColumn(
        "VocabularyFile",
        column_name,
        vocab_size + num_oov_buckets,
        ids,
        combiner,
        dtype,
    )


def sparse_column_with_integerized_feature(
    column_name: str,
    bucket_size: int,
    combiner: str = "sum",
    dtype: tf.DType = tf.int64,
) -> SparseColumn:
    """Returns a column whose categories are its values, modulo `bucket_size`."""

    def ids(values: tf.Tensor) -> tf.Tensor:
        return tf.cast(values, tf.int64) % bucket_size

    return SparseColumn("Integerized", column_name, bucket_size, ids, combiner, dtype)


def weighted_sparse_column(
    sparse_id_column: SparseColumn,
    weight_column_name: str,
    dtype: tf.DType = tf.float32,
) -> WeightedColumn:
    """Returns a column of categories with weights."""
    return WeightedColumn(sparse_id_column, weight_column_name, dtype)


def bucketized_column(
    source_column: RealValuedColumn, boundaries: Sequence[float]
) -> BucketizedColumn:
    """Returns a column of len(boundaries) + 1 ranges."""
    return BucketizedColumn(source_column, tuple(boundaries))


def one_hot_column(sparse_id_column: SparseColumn | WeightedColumn) -> OneHotColumn:
    """Returns a column of counts [batch, size]."""
    return OneHotColumn(sparse_id_column)


def embedding_column(
    sparse_id_column: Any,
    dimension: int,
    combiner: str = "mean",
    initializer: Any = None,
    ckpt_to_load_from: None = None,
    tensor_name_in_ckpt: None = None,
    max_norm: float | None = None,
    trainable: bool = True,
) -> EmbeddingColumn:
    """Returns a column of embeddings [batch, dimension].

    Raises:
      ValueError: it shall begin from a checkpoint.
    """
    refuse_checkpoint(ckpt_to_load_from, tensor_name_in_ckpt)
    return EmbeddingColumn(
        sparse_id_column,
        dimension,
        combiner,
        initializer,
        None,
        max_norm,
        trainable,
    )


def shared_embedding_columns(
    sparse_id_columns: Sequence[SparseColumn],
    dimension: int,
    combiner: str = "mean",
    shared_embedding_name: str | None = None,
    initializer: Any = None,
    ckpt_to_load_from: None = None,
    tensor_name_in_ckpt: None = None,
    max_norm: float | None = None,
    trainable: bool = True,
) -> list[EmbeddingColumn]:
    """Returns columns of the same embeddings; arguments as in `embedding_column`."""
    names = sorted(column.name for column in sparse_id_columns)
    shared = shared_embedding_name or "_".join([*names[:3], "shared_embedding"])
    if len(names) > 3 and not shared_embedding_name:
        shared = "_".join([*names[:3], f"plus_{len(names) - 3}_others", "shared"])
    made = [
        embedding_column(
            column,
            dimension,
            combiner,
            initializer,
            ckpt_to_load_from,
            tensor_name_in_ckpt,
            max_norm,
            trainable,
        )
        for column in sparse_id_columns
    ]
    if len(made) == 1:
        return made
    return [column._replace(shared_embedding_name=shared) for column in made]


def create_feature_spec_for_parsing(feature_columns: Sequence[Any]) -> dict[str, Any]:
    """Returns the features that columns read, for tf.parse_example."""
    return {k: v for column in feature_columns for k, v in column.config.items()}


def refuse_checkpoint(path: object, tensor_name: object) -> None:
    """Raises ValueError if a column shall begin from a checkpoint."""
    if path is not None or tensor_name is not None:
        raise ValueError("ckpt_to_load_from: use init_from_checkpoint of tf.train.")
