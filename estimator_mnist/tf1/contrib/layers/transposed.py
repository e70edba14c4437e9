"""Transposes of convolutions, which make images and volumes larger."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.framework import add_arg_scope
from estimator_mnist.tf1.contrib.layers import common
from estimator_mnist.tf1.contrib.layers.common import (
    Collections,
    Initializer,
    Layer,
    Regularizer,
    Size,
    VariablesCollections,
)
from estimator_mnist.tf1.contrib.layers.initializers import xavier_initializer

tf1 = tf.compat.v1


@add_arg_scope
def convolution2d_transpose(
    inputs: tf.Tensor,
    num_outputs: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
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
    """Returns the transpose of `conv2d`: images become larger by `stride`."""
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections, common.LOSS_NAMES)
    with tf1.variable_scope(scope, "Conv2d_transpose", [inputs], reuse=reuse) as opened:
        channels = common.last_dimension(inputs, data_format.index("C"))
        kernel, moves = common.sizes(kernel_size, 2), common.sizes(stride, 2)
        weights = variables.make(
            "weights",
            [*kernel, num_outputs, channels],
            weights_initializer,
            weights_regularizer,
            inputs.dtype.base_dtype,
        )
        sums = _transposed(inputs, weights, moves, padding.upper(), data_format)
        biases = (biases_initializer, biases_regularizer)
        normalizer = (normalizer_fn, normalizer_params)
        outputs = common.finished(
            sums, variables, biases, normalizer, activation_fn, data_format
        )
    return common.collected(outputs, outputs_collections, opened.name)


@add_arg_scope
def convolution3d_transpose(
    inputs: tf.Tensor,
    num_outputs: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: str = "SAME",
    data_format: str = "NDHWC",
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
    """Returns the transpose of `conv3d`: volumes become larger by `stride`."""
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections, common.LOSS_NAMES)
    with tf1.variable_scope(scope, "Conv3d_transpose", [inputs], reuse=reuse) as opened:
        channels = common.last_dimension(inputs, data_format.index("C"))
        kernel, moves = common.sizes(kernel_size, 3), common.sizes(stride, 3)
        weights = variables.make(
            "weights",
            [*kernel, num_outputs, channels],
            weights_initializer,
            weights_regularizer,
            inputs.dtype.base_dtype,
        )
        sums = _transposed(inputs, weights, moves, padding.upper(), data_format)
        biases = (biases_initializer, biases_regularizer)
        normalizer = (normalizer_fn, normalizer_params)
        outputs = common.finished(
            sums, variables, biases, normalizer, activation_fn, data_format
        )
    return common.collected(outputs, outputs_collections, opened.name)


conv2d_transpose = convolution2d_transpose
conv3d_transpose = convolution3d_transpose


def _transposed(
    inputs: tf.Tensor,
    weights: tf.Variable,
    moves: list[int],
    padding: str,
    data_format: str,
) -> tf.Tensor:
    """Returns the sums, whose shape is known as far as that of the inputs is.

    weights are [..., outputs, channels]. A dimension is multiplied by its move; where
    the padding is VALID, what the kernel is larger than the move is added.
    """
    n, first = len(moves), 2 if data_format.startswith("NC") else 1
    *kernel, num_outputs, _ = weights.shape.as_list()

    def larger(size: Any, i: int) -> Any:
        more = max(kernel[i] - moves[i], 0) if padding == "VALID" else 0
        return None if size is None else size * moves[i] + more

    static, dynamic = inputs.shape.as_list(), tf.shape(inputs)
    known = [larger(static[first + i], i) for i in range(n)]
    between = [larger(dynamic[first + i], i) for i in range(n)]
    shape, strides = [dynamic[0], *between, num_outputs], [1, *moves, 1]
    known = [static[0], *known, num_outputs]
    if first == 2:
        order = [0, n + 1, *range(1, n + 1)]
        shape, known, strides = ([s[i] for i in order] for s in (shape, known, strides))
    transpose = tf.nn.conv2d_transpose if n == 2 else tf.nn.conv3d_transpose
    sums = transpose(inputs, weights, tf.stack(shape), strides, padding, data_format)
    return tf.ensure_shape(sums, known)
