"""The input layer of a deep model: a row of numbers per example, from its columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1
column_types = tf.__internal__.feature_column

Features = Mapping[str, Any]
Partitioner = Callable[..., Any]

# Embeddings and linear weights that are smaller, in bytes, are not spread over
# parameter servers.
_MIN_SLICE_SIZE = 64 << 20


def input_layer(
    features: Features,
    feature_columns: Sequence[Any],
    partitioner: Partitioner | None = None,
) -> tf.Tensor:
    """Returns the columns' values side by side, float32 [batch, width], by their names.

    Variables are made below `input_from_feature_columns` in the present scope.

    Args:
      features: dict name -> Tensor or SparseTensor.
      feature_columns: dense columns of `tf.feature_column`, or of
        `tf.compat.v1.feature_column`.
      partitioner: of the embeddings; None for the scope's own.

    Raises:
      ValueError: there are no columns, one is not dense, two have one name, or a
        feature is missing or has another shape.
    """
    if not feature_columns:
        raise ValueError("feature_columns must not be empty.")
    with tf1.variable_scope("input_from_feature_columns", partitioner=partitioner):
        if not all(isinstance(c, column_types.FeatureColumn) for c in feature_columns):
            # It also says what is no column at all.
            return tf1.feature_column.input_layer(features, list(feature_columns))
        return _of_columns(features, feature_columns)


def check_features(features: Any) -> None:
    """Raises ValueError where features are no dict."""
    if not isinstance(features, dict):
        raise ValueError(
            "features should be a dictionary of `Tensor`s. Given type: "
            f"{type(features)}. The keys are those that feature columns name."
        )


def input_partitioner(config: RunConfig) -> Partitioner:
    """Returns what spreads large embeddings and weights over the parameter servers."""
    return tf1.min_max_variable_partitioner(
        max_partitions=config.num_ps_replicas, min_slice_size=_MIN_SLICE_SIZE
    )


def _of_columns(features: Features, feature_columns: Sequence[Any]) -> tf.Tensor:
    """Returns the layer of columns that leave their variables to a StateManager."""
    _check_are_dense(feature_columns)
    columns = sorted(feature_columns, key=lambda column: column.name)
    check_names(columns)
    variables = Variables("input_layer")
    for column in columns:
        column.create_state(variables)
    with tf1.name_scope("input_layer"):
        transformed = column_types.FeatureTransformationCache(features)
        parts = [_rows(column, transformed, variables) for column in columns]
        return tf.concat(parts, 1)


def _rows(column: Any, transformed: Any, variables: "Variables") -> tf.Tensor:
    with tf1.name_scope(column.name):
        values = column.get_dense_tensor(transformed, variables)
        width = column.variable_shape.num_elements()
        return tf.reshape(values, [tf.shape(values)[0], width])


def _check_are_dense(given: Sequence[Any]) -> None:
    for column in given:
        if not isinstance(column, column_types.DenseColumn):
            raise ValueError(
                f"Items of feature_columns must be a {column_types.DenseColumn}. You "
                "can wrap a categorical column with an embedding_column or "
                f"indicator_column. Given: {column}"
            )


def check_names(columns: Sequence[Any]) -> None:
    """Raises ValueError where two neighbours of columns sorted by name have one."""
    for one, other in zip(columns, columns[1:], strict=False):
        if one.name == other.name:
            raise ValueError(
                f"Duplicate feature column name found for columns: {one} and {other}. "
                "This usually means that these columns refer to same base feature: "
                "leave one out, or put the feature into the features twice."
            )


class Variables(tf.__internal__.feature_column.StateManager):
    """Makes columns' variables with get_variable, and keeps them by column and name.

    They are called LAYER/COLUMN/NAME below the scope in which they are made.
    """

    def __init__(self, layer: str) -> None:
        self._layer = layer
        self._made: dict[tuple[str, str], Any] = {}
        self._resources: dict[tuple[str, str], Any] = {}

    def create_variable(
        self,
        feature_column: Any,
        name: str,
        shape: Sequence[int],
        dtype: tf.DType | None = None,
        trainable: bool = True,
        use_resource: bool = True,
        initializer: Any = None,
    ) -> tf.Variable:
        """Returns a new variable of `feature_column`.

        Raises:
          ValueError: it has one of that name already.
        """
        key = (feature_column.name, name)
        if key in self._made:
            raise ValueError(f"Variable already exists: {name} of {feature_column}.")
        with tf1.variable_scope(f"{self._layer}/{feature_column.name}"):
            self._made[key] = tf1.get_variable(
                name,
                shape,
                dtype,
                initializer,
                trainable=trainable,
                use_resource=use_resource,
            )
        return self._made[key]

    def all(self) -> list[tf.Variable]:
        """Returns what `create_variable` made, in its order."""
        return list(self._made.values())

    def get_variable(self, feature_column: Any, name: str) -> tf.Variable:
        """Returns the variable that `create_variable` made."""
        return self._made[feature_column.name, name]

    def add_resource(
        self, feature_column: Any, resource_name: str, resource: Any
    ) -> None:
        """Keeps a table, or another object that a column wants to find again."""
        self._resources[feature_column.name, resource_name] = resource

    def has_resource(self, feature_column: Any, resource_name: str) -> bool:
        """Returns whether `add_resource` was given one of that name."""
        return (feature_column.name, resource_name) in self._resources

    def get_resource(self, feature_column: Any, resource_name: str) -> Any:
        """Returns what `add_resource` was given."""
        return self._resources[feature_column.name, resource_name]
