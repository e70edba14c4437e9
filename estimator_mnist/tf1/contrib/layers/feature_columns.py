"""Puts feature columns into tensors: inputs of a network, or a weighted sum."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.layers import columns as kinds
from estimator_mnist.tf1.contrib.layers.crosses import CrossedColumn
from estimator_mnist.tf1.contrib.layers.embedding import safe_embedding_lookup_sparse

tf1 = tf.compat.v1

Tensors = Mapping[Any, tf.Tensor | tf.SparseTensor]
Ids = tuple[tf.SparseTensor, tf.SparseTensor | None]
WeightedSum = tuple[tf.Tensor, dict[Any, list[tf.Variable]], tf.Variable]


def input_from_feature_columns(
    columns_to_tensors: Tensors,
    feature_columns: Iterable[Any],
    weight_collections: Sequence[str] | None = None,
    trainable: bool = True,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns float32 [batch, n]: the columns side by side, in the order of their keys.

    Args:
      columns_to_tensors: features by name.
      feature_columns: real-valued, bucketized, embedding or one-hot columns.
      weight_collections: of the embeddings.
      trainable: whether embeddings are trained.
      scope: of the variables SCOPE/COLUMN_embedding/weights.
    """
    tensors = list(columns_to_tensors.values())
    with tf1.variable_scope(scope, "input_from_feature_columns", tensors):
        parts = [
            _dense(columns_to_tensors, column, weight_collections, trainable)
            for column in _sorted(feature_columns)
        ]
        return tf.concat(parts, 1)


def weighted_sum_from_feature_columns(
    columns_to_tensors: Tensors,
    feature_columns: Iterable[Any],
    num_outputs: int,
    weight_collections: Sequence[str] | None = None,
    trainable: bool = True,
    scope: str | None = None,
) -> WeightedSum:
    """Returns a linear model [batch, num_outputs], its weights by column, and its bias.

    The columns are real-valued, bucketized, sparse, weighted or crossed ones;
    the other arguments are as in `input_from_feature_columns`.
    """
    tensors, weights, sums = list(columns_to_tensors.values()), {}, []
    collections = [*(weight_collections or []), tf1.GraphKeys.GLOBAL_VARIABLES]
    with tf1.variable_scope(scope, "weighted_sum_from_feature_columns", tensors):
        for column in _sorted(feature_columns):
            is_real = isinstance(column, kinds.RealValuedColumn)
            with tf1.variable_scope(None, column.name):
                variable = tf1.get_variable(
                    "weight" if is_real else "weights",
                    [_size(column), num_outputs],
                    initializer=tf1.zeros_initializer(),
                    trainable=trainable,
                    collections=collections,
                )
                sums.append(_product(columns_to_tensors, column, variable))
            weights[column] = [variable]
        bias = tf1.get_variable(
            "bias_weight",
            [num_outputs],
            initializer=tf1.zeros_initializer(),
            trainable=trainable,
            collections=collections,
        )
        return tf.nn.bias_add(tf.add_n(sums), bias), weights, bias


def transform_features(
    features: Tensors, feature_columns: Iterable[Any]
) -> dict[Any, tf.Tensor | tf.SparseTensor]:
    """Returns by column what it makes of its features: numbers, buckets or ids."""
    return {
        column: _transformed(features, column) for column in _sorted(feature_columns)
    }


def infer_real_valued_columns(features: Any) -> list[kinds.RealValuedColumn]:
    """Returns a column for each feature [batch, n]; one called "" for a tensor."""
    named = features if isinstance(features, Mapping) else {"": features}
    return [
        kinds.real_valued_column(name, named[name].shape.as_list()[1])
        for name in sorted(named)
    ]


def _sorted(feature_columns: Iterable[Any]) -> list[Any]:
    """Returns columns in the order of TF 1.x's keys, so that checkpoints fit."""
    return sorted(set(feature_columns), key=_key)


def _key(column: Any) -> str:
    """Returns what TF 1.x sorted by: the kind, then the settings or the source."""
    if isinstance(column, kinds.RealValuedColumn):
        return f"R{column.name}"
    if isinstance(column, kinds.SparseColumn):
        return f"S{column.kind} {column.name}"
    if isinstance(column, kinds.BucketizedColumn):
        return f"B{_key(column.source_column)}"
    if isinstance(column, CrossedColumn):
        return f"C{' '.join(map(_key, column.columns))}"
    return f"{type(column).__name__[0]}{_key(column.sparse_id_column)}"


def _transformed(features: Tensors, column: Any) -> tf.Tensor | tf.SparseTensor:
    if isinstance(column, kinds.RealValuedColumn):
        value = tf.cast(features[column.name], tf.float32)
        value = column.normalizer(value) if column.normalizer else value
        return tf.reshape(value, [-1, column.dimension])
    if isinstance(column, kinds.BucketizedColumn):
        source = _transformed(features, column.source_column)
        return tf.raw_ops.Bucketize(input=source, boundaries=list(column.boundaries))
    return _ids(features, column)[0]


def _ids(features: Tensors, column: Any) -> Ids:
    """Returns the categories, and their weights where the column has some."""
    if isinstance(column, kinds.WeightedColumn):
        ids, _ = _ids(features, column.sparse_id_column)
        return ids, features[column.weight_column_name]
    if isinstance(column, kinds.BucketizedColumn):
        return _bucket_ids(features, column), None
    if isinstance(column, CrossedColumn):
        return column.ids([_crossed(features, each) for each in column.columns]), None
    sparse = _sparse(features[column.name])
    return tf.SparseTensor(
        sparse.indices, column.ids(sparse.values), sparse.dense_shape
    ), None


def _crossed(features: Tensors, column: Any) -> tf.SparseTensor:
    """Returns what a cross takes of a column: its values, or its buckets."""
    if isinstance(column, kinds.SparseColumn):
        return _sparse(features[column.name])
    return _ids(features, column)[0]


def _sparse(feature: tf.Tensor | tf.SparseTensor) -> tf.SparseTensor:
    if isinstance(feature, tf.SparseTensor):
        return feature
    feature = tf.convert_to_tensor(feature)
    feature = feature[:, None] if feature.shape.rank == 1 else feature
    places = tf.where(tf.ones_like(feature, tf.bool))
    values = tf.gather_nd(feature, places)
    return tf.SparseTensor(places, values, tf.shape(feature, out_type=tf.int64))


def _bucket_ids(features: Tensors, column: kinds.BucketizedColumn) -> tf.SparseTensor:
    """Returns the buckets of all dimensions, numbered one after the other."""
    buckets = tf.cast(_transformed(features, column), tf.int64)
    n = column.source_column.dimension
    offsets = tf.range(n, dtype=tf.int64) * (len(column.boundaries) + 1)
    return _sparse(buckets + offsets[None, :])


def _size(column: Any) -> int:
    if isinstance(column, kinds.RealValuedColumn):
        return column.dimension
    if isinstance(column, kinds.BucketizedColumn):
        return (len(column.boundaries) + 1) * column.source_column.dimension
    sparse = column.sparse_id_column if hasattr(column, "sparse_id_column") else column
    return sparse.size


def _product(features: Tensors, column: Any, weights: tf.Variable) -> tf.Tensor:
    if isinstance(column, kinds.RealValuedColumn):
        return tf.matmul(_transformed(features, column), weights)
    ids, values = _ids(features, column)
    sparse = column
    if isinstance(column, kinds.WeightedColumn):
        sparse = column.sparse_id_column
    combiner = "sum" if isinstance(sparse, kinds.BucketizedColumn) else sparse.combiner
    return safe_embedding_lookup_sparse(weights, ids, values, combiner)


def _dense(
    features: Tensors,
    column: Any,
    collections: Sequence[str] | None,
    trainable: bool,
) -> tf.Tensor:
    if isinstance(column, kinds.RealValuedColumn):
        return _transformed(features, column)
    if isinstance(column, kinds.BucketizedColumn):
        buckets = tf.cast(_transformed(features, column), tf.int32)
        one_hot = tf.one_hot(buckets, len(column.boundaries) + 1)
        return tf.reshape(one_hot, [-1, _size(column)])
    if isinstance(column, kinds.OneHotColumn):
        return _counts(features, column)
    if isinstance(column, kinds.EmbeddingColumn):
        return _embedded(features, column, collections, trainable)
    raise ValueError(
        f"Error creating input layer for column: {column.name}: use an "
        "embedding_column or one_hot_column of it."
    )


def _counts(features: Tensors, column: kinds.OneHotColumn) -> tf.Tensor:
    ids, weights = _ids(features, column.sparse_id_column)
    size = _size(column)
    one_hot = tf.one_hot(ids.values, size)
    if weights is not None:
        one_hot *= weights.values[:, None]
    rows = tf.cast(ids.dense_shape[0], tf.int32)
    return tf.ensure_shape(
        tf.math.unsorted_segment_sum(one_hot, ids.indices[:, 0], rows), [None, size]
    )


def _embedded(
    features: Tensors,
    column: kinds.EmbeddingColumn,
    collections: Sequence[str] | None,
    trainable: bool,
) -> tf.Tensor:
    ids, weights = _ids(features, column.sparse_id_column)
    size = _size(column)
    stddev = 1 / size**0.5
    with tf1.variable_scope(None, _scope_name(column)):
        variable = _shared(column)
        if variable is None:
            variable = tf1.get_variable(
                column.shared_embedding_name or "weights",
                [size, column.dimension],
                initializer=column.initializer
                or tf1.truncated_normal_initializer(0.0, stddev),
                trainable=column.trainable and trainable,
                collections=[*(collections or []), tf1.GraphKeys.GLOBAL_VARIABLES],
            )
            if column.shared_embedding_name:
                tf1.add_to_collection(column.shared_embedding_name, variable)
    return safe_embedding_lookup_sparse(
        variable, ids, weights, column.combiner, max_norm=column.max_norm
    )


def _shared(column: kinds.EmbeddingColumn) -> tf.Variable | None:
    """Returns the embeddings that another column has made."""
    if column.shared_embedding_name is None:
        return None
    return next(iter(tf1.get_collection(column.shared_embedding_name)), None)


def _scope_name(column: kinds.EmbeddingColumn) -> str:
    if column.shared_embedding_name is None:
        return column.name
    return f"{column.sparse_id_column.name}_shared_embedding"
