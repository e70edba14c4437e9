"""Specs for tf.io.parse_example: features of columns, with labels and weights."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.head.checks import NumericColumn

_Spec = dict[str, Any]  # name -> tf.io.FixedLenFeature, VarLenFeature and the like


def classifier_parse_example_spec(
    feature_columns: Iterable[Any],
    label_key: str,
    label_dtype: tf.DType = tf.int64,
    label_default: int | str | None = None,
    weight_column: str | NumericColumn | None = None,
) -> _Spec:
    """Returns how to parse tf.train.Examples for a classifier, labels included.

        spec = classifier_parse_example_spec(columns, label_key="species")

    Args:
      feature_columns: of tf.feature_column, all that the classifier has.
      label_key: name of the label in an Example; its shape is [1].
      label_dtype: tf.int64, or tf.string where there is a label_vocabulary.
      label_default: the label of an Example that has none; None is an error then.
      weight_column: the weight's name, float32 [1], or its numeric_column.

    Returns:
      A dict for tf.io.parse_example, without order.

    Raises:
      ValueError: the label or the weight is also a feature, weight_column is neither a
        name nor a numeric_column, or feature_columns has what is no feature column.
    """
    label = tf.io.FixedLenFeature((1,), label_dtype, label_default)
    return _with_label(feature_columns, label_key, label, weight_column)


def regressor_parse_example_spec(
    feature_columns: Iterable[Any],
    label_key: str,
    label_dtype: tf.DType = tf.float32,
    label_default: float | list[float] | None = None,
    label_dimension: int = 1,
    weight_column: str | NumericColumn | None = None,
) -> _Spec:
    """Returns how to parse tf.train.Examples for a regressor, labels included.

    Args:
      feature_columns: of tf.feature_column, all that the regressor has.
      label_key: name of the label in an Example; its shape is [label_dimension].
      label_dtype: of the label.
      label_default: the label of an Example that has none, one number or as many as
        label_dimension; None is an error then.
      label_dimension: numbers in a label.
      weight_column: the weight's name, float32 [1], or its numeric_column.

    Returns:
      A dict for tf.io.parse_example, without order.

    Raises:
      ValueError: the label or the weight is also a feature, weight_column is neither a
        name nor a numeric_column, or feature_columns has what is no feature column.
    """
    label = tf.io.FixedLenFeature((label_dimension,), label_dtype, label_default)
    return _with_label(feature_columns, label_key, label, weight_column)


def _with_label(
    feature_columns: Iterable[Any],
    label_key: str,
    label: tf.io.FixedLenFeature,
    weight_column: str | NumericColumn | None,
) -> _Spec:
    spec = tf.compat.v1.feature_column.make_parse_example_spec(feature_columns)
    if label_key in spec:
        raise ValueError(
            f"label should not be used as feature. label_key: {label_key}, "
            f"features: {spec.keys()}"
        )
    spec[label_key] = label
    if weight_column is None:
        return spec
    column = _numeric(weight_column)
    if column.key in spec:
        raise ValueError(
            f"weight_column should not be used as feature. weight_column: "
            f"{column.key}, features: {spec.keys()}"
        )
    return spec | tf.compat.v1.feature_column.make_parse_example_spec([column])


def _numeric(weight_column: str | NumericColumn) -> NumericColumn:
    if isinstance(weight_column, str):
        return tf.feature_column.numeric_column(weight_column)
    if not isinstance(weight_column, NumericColumn):
        raise ValueError(
            "weight_column should be an instance of tf.feature_column.numeric_column. "
            f"Given type: {type(weight_column)} value: {weight_column}"
        )
    return weight_column
