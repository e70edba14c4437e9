"""tf.contrib.feature_column: sequences of features, for recurrent networks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

_SAME = {
    f"sequence_{name}": f"feature_column.sequence_{name}"
    for name in (
        "categorical_column_with_hash_bucket",
        "categorical_column_with_identity",
        "categorical_column_with_vocabulary_file",
        "categorical_column_with_vocabulary_list",
        "numeric_column",
    )
}
__all__ = ["sequence_input_layer", *_SAME]


def sequence_input_layer(
    features: Mapping[str, Any],
    feature_columns: Any,
    weight_collections: Sequence[str] | None = None,
    trainable: bool = True,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns sequences [batch, longest, n], padded with 0, and lengths [batch].

    Args:
      features: tensors, mostly sparse, by name.
      feature_columns: one or several: embedding_column, indicator_column or
        shared_embedding_columns of sequence_categorical_column_with_..., and
        sequence_numeric_column. They are concatenated in the order of their names.
      weight_collections: of the variables, beside GLOBAL_VARIABLES.
      trainable: whether the variables can be trained, where the columns allow it.

    Raises:
      ValueError: there are no columns, two of one name or others than these, or a
        feature is missing.
      tf.errors.InvalidArgumentError: when it is run, where lengths of columns differ.
    """
    columns = _checked(feature_columns)
    with tf1.variable_scope(None, "sequence_input_layer", list(features.values())):
        cache = _Features(features)
        pairs = [
            _sequence(column, cache, weight_collections, trainable)
            for column in columns
        ]
        outputs = tf.concat([dense for dense, _ in pairs], -1)
        return outputs, _one_of([length for _, length in pairs])


class _Features:
    """What columns ask for features, and for what other columns make of them."""

    def __init__(self, features: Mapping[str, Any]) -> None:
        self._features = features
        self._made: dict[Any, Any] = {}

    def get(self, key: Any, state_manager: Any, training: bool | None = None) -> Any:
        """Returns the tensor of a name, or of a column."""
        del training
        if key not in self._made:
            self._made[key] = (
                self._feature(key)
                if isinstance(key, str)
                else key.transform_feature(self, state_manager)
            )
        return self._made[key]

    def _feature(self, name: str) -> Any:
        """Returns a feature as a tensor of two dimensions, or more."""
        if name not in self._features:
            raise ValueError(f"Feature {name} is not in features dictionary.")
        feature = self._features[name]
        if isinstance(feature, (tf.SparseTensor, tf1.SparseTensorValue)):
            feature = tf.SparseTensor.from_value(feature)
            is_flat = feature.shape.rank == 1
            return tf.sparse.expand_dims(feature, 1) if is_flat else feature
        feature = tf.convert_to_tensor(feature)
        return feature[:, None] if feature.shape.rank == 1 else feature


class _Variables:
    """What a column asks for its variable and tables, in the scope that is open."""

    def __init__(
        self, collections: Sequence[str] | None, trainable: bool, shared: str | None
    ) -> None:
        self._collections = [*(collections or []), tf1.GraphKeys.GLOBAL_VARIABLES]
        self._trainable, self._shared = trainable, shared
        self._made: dict[Any, Any] = {}

    def create_variable(
        self,
        feature_column: Any,
        name: str,
        shape: Sequence[int],
        dtype: Any = None,
        trainable: bool = True,
        use_resource: bool = True,
        initializer: Any = None,
    ) -> Any:
        """Returns a new variable, or that of the collection of a shared embedding."""
        del use_resource  # as the program's other variables are
        known = tf1.get_collection(self._shared) if self._shared else []
        made = (
            known[0]
            if known
            else tf1.get_variable(
                name,
                shape,
                dtype or tf.float32,
                initializer,
                trainable=self._trainable and trainable,
                collections=self._collections,
            )
        )
        if self._shared and not known:
            tf1.add_to_collection(self._shared, made)
        self._made[feature_column, name] = made
        return made

    def add_resource(self, feature_column: Any, name: str, resource: Any) -> None:
        """Keeps a table."""
        self._made[feature_column, name] = resource

    def has_resource(self, feature_column: Any, name: str) -> bool:
        """Returns whether there is such a table."""
        return (feature_column, name) in self._made

    def get_resource(self, feature_column: Any, name: str) -> Any:
        """Returns a table, or variable."""
        return self._made[feature_column, name]

    get_variable = get_resource


def _sequence(
    column: Any,
    cache: _Features,
    collections: Sequence[str] | None,
    trainable: bool,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns a column's values [batch, longest, n], and lengths [batch]."""
    shared = getattr(column, "shared_embedding_collection_name", None)
    variables = _Variables(collections, trainable, shared)
    with tf1.variable_scope(shared or column.name):
        column = _unshared(column) if shared else column
        column.create_state(variables)
        dense, lengths = column.get_sequence_dense_tensor(cache, variables)
        n = column.variable_shape.num_elements()
        return tf.reshape(dense, tf.concat([tf.shape(dense)[:2], [n]], 0)), lengths


def _unshared(column: Any) -> Any:
    """Returns an embedding_column like a shared one, whose methods are not public."""
    return tf1.feature_column.embedding_column(
        column.categorical_column,
        column.dimension,
        column.combiner,
        column.initializer,
        column.ckpt_to_load_from,
        column.tensor_name_in_ckpt,
        column.max_norm,
        column.trainable,
    )


def _one_of(lengths: Sequence[tf.Tensor]) -> tf.Tensor:
    """Returns the first of lengths that have to be equal."""
    first, *others = lengths
    if not others:
        return first
    with tf1.name_scope("assert_all_equal"):
        equal = [tf1.assert_equal(first, other) for other in others]
        with tf1.control_dependencies(equal):
            return tf.identity(first)


def _checked(columns: Any) -> list[Any]:
    """Returns columns by the order of their names; see `sequence_input_layer`."""
    several = isinstance(columns, Iterable) and not hasattr(columns, "name")
    columns = list(columns) if several else [columns]
    if not columns:
        raise ValueError("feature_columns must not be empty.")
    for column in columns:
        is_shared = hasattr(column, "shared_embedding_collection_name")
        if not is_shared and not hasattr(column, "get_sequence_dense_tensor"):
            raise ValueError(
                "All feature_columns must be of type _SequenceDenseColumn: "
                "embedding_column or indicator_column of sequence_categorical_column_"
                "with_..., or sequence_numeric_column. "
                f"Given (type {type(column)}): {column}"
            )
    columns = sorted(columns, key=lambda column: column.name)
    for column, following in zip(columns, columns[1:], strict=False):
        if column.name == following.name:
            raise ValueError(
                "Duplicate feature column name found for columns: "
                f"{column}, {following}"
            )
    return columns


__getattr__ = replacements.module_getattr("tf.contrib.feature_column", names=_SAME)
