"""Shapes, conditions and names of tensors."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

Pairs = Sequence[tuple[Any, Callable[[], Any]]] | dict[Any, Callable[[], Any]]
Function = Callable[..., Any]


def smart_constant_value(pred: Any) -> bool | None:
    """Returns the value of a condition that is known already; else None.

    Raises:
      TypeError: `pred` is neither a bool, nor 0 or 1, nor a tensor.
    """
    if isinstance(pred, (bool, int)):
        return bool(pred)
    if not tf.is_tensor(pred) and not isinstance(pred, tf.Variable):
        raise TypeError(f"`pred` must be a Tensor, or a Python bool, or 1 or 0: {pred}")
    value = tf.get_static_value(pred)
    return None if value is None else bool(value)


def smart_cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """Returns tf.cond, or where `pred` is known the result of one function."""
    if not callable(true_fn) or not callable(false_fn):
        raise TypeError("`true_fn` and `false_fn` must be callable.")
    known = smart_constant_value(pred)
    if known is None:
        return tf1.cond(pred, true_fn=true_fn, false_fn=false_fn, name=name)
    return true_fn() if known else false_fn()


def smart_case(
    pred_fn_pairs: Pairs,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    name: str = "smart_case",
) -> Any:
    """Returns tf.case, or where conditions are known the result of one function."""
    pairs = list(
        pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs
    )
    known = [smart_constant_value(pred) for pred, _ in pairs]
    if None in known:
        return tf1.case(pairs, default, exclusive, name=name)
    for is_true, (_, fn) in zip(known, pairs, strict=True):
        if is_true:
            return fn()
    if default is None:
        raise ValueError("smart_case: no condition is true, and there is no default.")
    return default()


def with_shape(expected_shape: Any, tensor: tf.Tensor) -> tf.Tensor:
    """Returns `tensor` [expected_shape], checked where its shape is unknown.

    Raises:
      ValueError: it is known, and another one.
    """
    tensor = tf.convert_to_tensor(tensor)
    static = tf.get_static_value(expected_shape)
    if static is not None:
        tensor.shape.assert_is_compatible_with(static)
    check = tf1.assert_equal(
        tf.shape(tensor), tf.cast(expected_shape, tf.int32), message="with_shape"
    )
    with tf.control_dependencies([check] if check is not None else []):
        checked = tf.identity(tensor)
    return checked if static is None else tf.ensure_shape(checked, static)


def with_same_shape(expected_tensor: tf.Tensor, tensor: tf.Tensor) -> tf.Tensor:
    """Returns `tensor`, checked to have the shape of `expected_tensor`."""
    return with_shape(tf.shape(expected_tensor), tensor)


def remove_squeezable_dimensions(
    predictions: tf.Tensor, labels: tf.Tensor, name: str | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Drops the last dimension of 1 of the one that has one dimension more."""
    with tf1.name_scope(name, "remove_squeezable_dimensions", [predictions, labels]):
        predictions, labels = map(tf.convert_to_tensor, (predictions, labels))
        more = predictions.shape.rank - labels.shape.rank
        if more == 1 and predictions.shape.as_list()[-1] in (1, None):
            predictions = tf.squeeze(predictions, [-1])
        elif more == -1 and labels.shape.as_list()[-1] in (1, None):
            labels = tf.squeeze(labels, [-1])
        return predictions, labels


def reduce_sum_n(tensors: Sequence[tf.Tensor], name: str | None = None) -> tf.Tensor:
    """Returns the sum of all elements of all tensors."""
    if not tensors:
        raise ValueError("No tensors provided.")
    with tf1.name_scope(name, "reduce_sum_n", tensors):
        return tf.add_n([tf.reduce_sum(each) for each in tensors])


def get_placeholders(graph: tf.Graph) -> list[tf.Tensor]:
    """Returns the placeholders of a graph."""
    ops = graph.get_operations()
    return [op.outputs[0] for op in ops if op.type == "Placeholder"]


def get_name_scope() -> str:
    """Returns the name scope that is open."""
    return tf1.get_default_graph().get_name_scope()


def deprecated(date: str | None, instructions: str, **options: Any) -> Function:
    """Returns a decorator that leaves a function as it is."""
    del date, instructions, options
    return lambda func: func


def deprecated_args(date: str | None, instructions: str, *args: Any) -> Function:
    """Returns a decorator that leaves a function as it is."""
    return deprecated(date, instructions)
