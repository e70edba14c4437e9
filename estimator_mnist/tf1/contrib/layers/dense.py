"""Dense layers, and layers without weights."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.tf1.contrib.framework import add_arg_scope
from estimator_mnist.tf1.contrib.layers import common
from estimator_mnist.tf1.contrib.layers.common import (
    Collections,
    Initializer,
    Layer,
    Regularizer,
    VariablesCollections,
)
from estimator_mnist.tf1.contrib.layers.initializers import xavier_initializer

tf1 = tf.compat.v1


@add_arg_scope
def fully_connected(
    inputs: tf.Tensor,
    num_outputs: int,
    activation_fn: Layer | None = tf.nn.relu,
    normalizer_fn: Layer | None = None,
    normalizer_params: Mapping[str, Any] | None = None,
    weights_initializer: Initializer = xavier_initializer(),  # noqa: B008, no state
    weights_regularizer: Regularizer | None = None,
    biases_initializer: Initializer | None = tf1.zeros_initializer(),  # noqa: B008
    biases_regularizer: Regularizer | None = None,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns a dense layer of `inputs` [..., n] as [..., num_outputs].

    There are no biases where there is a `normalizer_fn` (called with the keywords
    `normalizer_params`) or no `biases_initializer`. Variables are in
    tf.GraphKeys.MODEL_VARIABLES and in `variables_collections`, a list of names, or a
    dict of such lists by "weights" and "biases".

    Raises:
      ValueError: n is unknown.
    """
    inputs = tf.convert_to_tensor(inputs)
    n = common.last_dimension(inputs)
    variables = common.Variables(trainable, variables_collections, common.LOSS_NAMES)
    with tf1.variable_scope(scope, "fully_connected", [inputs], reuse=reuse) as opened:
        weights = variables.make(
            "weights",
            [n, num_outputs],
            weights_initializer,
            weights_regularizer,
            inputs.dtype.base_dtype,
        )
        by_rows = inputs.shape.rank == 2
        sums = (
            tf.matmul(inputs, weights) if by_rows else tf.tensordot(inputs, weights, 1)
        )
        biases = (biases_initializer, biases_regularizer)
        normalizer = (normalizer_fn, normalizer_params)
        outputs = common.finished(sums, variables, biases, normalizer, activation_fn)
    return common.collected(outputs, outputs_collections, opened.name)


relu = functools.partial(fully_connected, activation_fn=tf.nn.relu)
relu6 = functools.partial(fully_connected, activation_fn=tf.nn.relu6)
elu = functools.partial(fully_connected, activation_fn=tf.nn.elu)
linear = functools.partial(fully_connected, activation_fn=None)


@add_arg_scope
def bias_add(
    inputs: tf.Tensor,
    activation_fn: Layer | None = None,
    initializer: Initializer | None = tf1.zeros_initializer(),  # noqa: B008, no state
    regularizer: Regularizer | None = None,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    data_format: str = common.NHWC,
    scope: str | None = None,
) -> tf.Tensor:
    """Adds biases by channel to `inputs`; arguments as in `fully_connected`."""
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections)
    with tf1.variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as opened:
        biases = (initializer, regularizer)
        outputs = common.finished(
            inputs, variables, biases, (None, None), activation_fn, data_format
        )
    return common.collected(outputs, outputs_collections, opened.name)


@add_arg_scope
def flatten(
    inputs: tf.Tensor,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns `inputs` [batch, ...] as [batch, k]."""
    with tf1.name_scope(scope, "Flatten", [inputs]) as opened:
        outputs = compat.layers().flatten(tf.convert_to_tensor(inputs))
    return common.collected(outputs, outputs_collections, opened)


@add_arg_scope
def dropout(
    inputs: tf.Tensor,
    keep_prob: float | tf.Tensor = 0.5,
    noise_shape: tf.Tensor | Sequence[int] | None = None,
    is_training: bool | tf.Tensor = True,
    outputs_collections: Collections = None,
    scope: str | None = None,
    seed: int | None = None,
) -> tf.Tensor:
    """Keeps each element with probability `keep_prob`, divided by it; others become 0.

    Where `is_training` is false, returns `inputs` unchanged.
    """
    with tf1.name_scope(scope, "Dropout", [inputs]) as opened:
        outputs = compat.layers().dropout(
            tf.convert_to_tensor(inputs), 1 - keep_prob, noise_shape, seed, is_training
        )
    return common.collected(outputs, outputs_collections, opened)


@add_arg_scope
def one_hot_encoding(
    labels: tf.Tensor,
    num_classes: int,
    on_value: float = 1.0,
    off_value: float = 0.0,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns class numbers [batch] as float32 [batch, num_classes]."""
    with tf1.name_scope(scope, "OneHotEncoding", [labels, num_classes]) as opened:
        labels = tf.convert_to_tensor(labels)
        if labels.dtype == tf.int32:
            labels = tf.cast(labels, tf.int64)
        outputs = tf.one_hot(labels, num_classes, on_value, off_value)
    return common.collected(outputs, outputs_collections, opened)


@add_arg_scope
def softmax(logits: tf.Tensor, scope: str | None = None) -> tf.Tensor:
    """Returns the softmax over the last dimension of `logits` [..., n]."""
    with tf1.name_scope(scope, "softmax", [logits]):
        return tf.nn.softmax(logits)


@add_arg_scope
def maxout(
    inputs: tf.Tensor, num_units: int, axis: int = -1, scope: str | None = None
) -> tf.Tensor:
    """Returns the largest of each k / num_units neighbours, of k along `axis`.

    Raises:
      ValueError: k is no multiple of `num_units`.
    """
    with tf1.name_scope(scope, "MaxOut", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        k = common.last_dimension(inputs, axis)
        if k % num_units:
            raise ValueError(
                f"number of features({k}) is not a multiple of num_units({num_units})"
            )
        axis %= inputs.shape.rank
        shape = tf.shape(inputs)
        apart = [shape[:axis], [num_units, k // num_units], shape[axis + 1 :]]
        outputs = tf.reduce_max(tf.reshape(inputs, tf.concat(apart, 0)), axis + 1)
        static = inputs.shape.as_list()
        return tf.ensure_shape(
            outputs, [*static[:axis], num_units, *static[axis + 1 :]]
        )


@add_arg_scope
def unit_norm(
    inputs: tf.Tensor, dim: int, epsilon: float = 1e-7, scope: str | None = None
) -> tf.Tensor:
    """Divides `inputs` by their Euclidean length along the axis `dim`."""
    with tf1.name_scope(scope, "UnitNorm", [inputs]):
        squares = tf.reduce_sum(tf.square(inputs), dim, keepdims=True)
        return tf.divide(inputs, tf.sqrt(epsilon + squares))


@add_arg_scope
def dense_to_sparse(
    tensor: tf.Tensor,
    eos_token: int = 0,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.SparseTensor:
    """Returns the elements that are not `eos_token`."""
    with tf1.name_scope(scope, "dense_to_sparse", [tensor]) as opened:
        tensor = tf.convert_to_tensor(tensor)
        places = tf.where(tf.not_equal(tensor, eos_token))
        values = tf.gather_nd(tensor, places)
        outputs = tf.SparseTensor(places, values, tf.shape(tensor, out_type=tf.int64))
    return common.collected(outputs, outputs_collections, opened)


def scale_gradient(inputs: tf.Tensor, gradient_multiplier: tf.Tensor) -> tf.Tensor:
    """Returns `inputs`, whose gradients are multiplied by `gradient_multiplier`."""
    scaled = inputs * gradient_multiplier
    return scaled + tf.stop_gradient(inputs - scaled)


def stack(
    inputs: tf.Tensor, layer: Layer, stack_args: Sequence[Any], **kwargs: Any
) -> tf.Tensor:
    """Puts layers on each other: `layer(..., arg)` for each of `stack_args`.

    Args:
      inputs: of the first layer.
      layer: a function with `scope` among its arguments.
      stack_args: the second argument of each layer, or a list of its arguments.
      **kwargs: of all layers; `scope` is that of the stack, whose layers are called
        SCOPE/SCOPE_1 and so on.
    """
    scope = kwargs.pop("scope", None)
    with tf1.variable_scope(scope, "Stack", [inputs]):
        outputs, name = inputs, scope or _name(layer)
        for number, args in enumerate(stack_args, 1):
            args = args if isinstance(args, (list, tuple)) else [args]
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{name}_{number}"})
    return outputs


@add_arg_scope
def repeat(
    inputs: tf.Tensor, repetitions: int, layer: Layer, *args: Any, **kwargs: Any
) -> tf.Tensor:
    """Puts the same `layer` on itself; names as in `stack`."""
    scope = kwargs.pop("scope", None)
    with tf1.variable_scope(scope, "Repeat", [inputs]):
        outputs, name = tf.convert_to_tensor(inputs), scope or _name(layer)
        for number in range(1, repetitions + 1):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{name}_{number}"})
    return outputs


def _name(layer: Layer) -> str:
    if isinstance(layer, functools.partial):
        layer = layer.func
    return layer.__name__
