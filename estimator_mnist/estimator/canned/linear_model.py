"""The linear model of feature columns: a weighted sum of values, words and a bias."""

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist.estimator.canned.input_layer import (
    Features,
    Variables,
    check_names,
)

tf1 = tf.compat.v1
column_types = tf.__internal__.feature_column

_LAYER = "linear_model"


class LinearLogits(NamedTuple):
    """Holds what a linear model computes, and its variables.

    Attributes:
      logits: float32 [batch, units].
      bias: variable, [units].
      weights: all other variables: of each column [values or words, units], and of
        embeddings.
    """

    logits: tf.Tensor
    bias: Any
    weights: list


@runtime_checkable
class CategoricalColumn(Protocol):
    """A feature column of words, or of numbers of words."""

    name: str
    num_buckets: int

    def get_sparse_tensors(self, transformed: Any, variables: Any) -> Any:
        """Returns the ids, a SparseTensor, and their weights, which may be None."""


def linear_model(
    features: Features, columns: Sequence[Any], units: int, sparse_combiner: str
) -> LinearLogits:
    """Returns the sum of the columns' values, each times its weights, and a bias.

    Variables are made below `linear_model` in the present scope; all begin with 0, but
    for embeddings.

    Args:
      features: dict name -> Tensor or SparseTensor.
      columns: of `tf.feature_column` or `tf.compat.v1.feature_column`.
      units: the logits' last dimension.
      sparse_combiner: `sum`, `mean` or `sqrtn`: how the weights of a column's words in
        an example become one.

    Raises:
      ValueError: there are no columns, two have one name, one is neither dense nor
        categorical, a feature is missing, or sparse_combiner is another.
    """
    if not columns:
        raise ValueError("feature_columns must not be empty.")
    if not all(isinstance(column, column_types.FeatureColumn) for column in columns):
        # It also says what is no column at all.
        return _of_v1_columns(features, columns, units, sparse_combiner)
    return _of_columns(features, columns, units, sparse_combiner)


def _of_v1_columns(
    features: Features, columns: Sequence[Any], units: int, sparse_combiner: str
) -> LinearLogits:
    """Returns the logits of columns one of which makes its variables by itself."""
    made: dict[Any, list] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`layer.add_variable`")
        logits = tf1.feature_column.linear_model(
            features, list(columns), units, sparse_combiner, cols_to_vars=made
        )
    (bias,) = made.pop("bias")
    return LinearLogits(
        logits, bias, [part for parts in made.values() for part in parts]
    )


def _of_columns(
    features: Features, given: Sequence[Any], units: int, sparse_combiner: str
) -> LinearLogits:
    _check_are_linear(given)
    columns = sorted(given, key=lambda column: column.name)
    check_names(columns)
    variables = Variables(_LAYER)
    weights = [_new_weights(column, variables, units) for column in columns]
    with tf1.variable_scope(_LAYER):
        zeros = tf1.zeros_initializer()
        bias = tf1.get_variable(
            "bias_weights", [units], initializer=zeros, use_resource=True
        )
    with tf1.name_scope(_ops_scope()):
        transformed = column_types.FeatureTransformationCache(features)
        parts = [
            _weighted_sum(column, transformed, variables, of_column, sparse_combiner)
            for column, of_column in zip(columns, weights, strict=True)
        ]
        total = tf.add_n(parts, "weighted_sum_no_bias")
        logits = tf.nn.bias_add(total, bias, name="weighted_sum")
    return LinearLogits(logits, bias, variables.all())


def _ops_scope() -> str:
    """Returns the scope of the ops, in TensorFlow 1.15 too."""
    outer = tf1.get_default_graph().get_name_scope()
    inner = f"{_LAYER}/{_LAYER}/{_LAYER}/"
    return f"{outer}/{inner}" if outer else inner


def _check_are_linear(given: Sequence[Any]) -> None:
    for column in given:
        if not isinstance(column, (column_types.DenseColumn, CategoricalColumn)):
            raise ValueError(
                "Items of feature_columns must be either a DenseColumn or "
                f"CategoricalColumn. Given: {column}"
            )


def _new_weights(column: Any, variables: Variables, units: int) -> Any:
    """Returns the column's weights, [values or words, units], zeros."""
    column.create_state(variables)
    if isinstance(column, CategoricalColumn):
        rows = column.num_buckets
    else:
        rows = column.variable_shape.num_elements()
    return variables.create_variable(
        column, "weights", [rows, units], initializer=tf1.zeros_initializer()
    )


def _weighted_sum(
    column: Any,
    transformed: Any,
    variables: Variables,
    weights: Any,
    sparse_combiner: str,
) -> tf.Tensor:
    """Returns what the column adds to the logits, float32 [batch, units]."""
    with tf1.name_scope(column.name):
        # Buckets are both; they are fewer numbers as words.
        if not isinstance(column, CategoricalColumn):
            dense = column.get_dense_tensor(transformed, variables)
            rows = tf.reshape(dense, [tf.shape(dense)[0], weights.shape[0]])
            return tf.matmul(rows, weights, name="weighted_sum")
        ids, of_ids = column.get_sparse_tensors(transformed, variables)
        shape = [tf.shape(ids)[0], -1]
        return tf1.nn.safe_embedding_lookup_sparse(
            weights,
            tf.sparse.reshape(ids, shape),
            None if of_ids is None else tf.sparse.reshape(of_ids, shape),
            sparse_combiner,
            name="weighted_sum",
        )
