"""Convolutions, in one to three dimensions."""

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

_LAYOUTS = {1: "NWC", 2: "NHWC", 3: "NDHWC"}


@add_arg_scope
def convolution(
    inputs: tf.Tensor,
    num_outputs: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Size = 1,
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
    conv_dims: int | None = None,
) -> tf.Tensor:
    """Returns a convolution of [batch, ..., c] with `num_outputs` filters.

    Args:
      inputs: as `data_format` says; so is the result. Of rank 3, 4 or 5.
      num_outputs: the number of channels of the result.
      kernel_size, stride: one number, or one for each dimension between.
      padding: SAME or VALID.
      data_format: NWC, NHWC, NDHWC (None: that of the rank), NCW, NCHW or NCDHW.
      rate: of dilation.
      conv_dims: None, or the number of dimensions between.

    The rest is as in `fully_connected`.

    Raises:
      ValueError: neither `stride` nor `rate` is 1, or the rank is another one.
    """
    inputs = tf.convert_to_tensor(inputs)
    n = _dimensions(inputs, conv_dims)
    layout = data_format or _LAYOUTS[n]
    variables = common.Variables(trainable, variables_collections, common.LOSS_NAMES)
    with tf1.variable_scope(scope, "Conv", [inputs], reuse=reuse) as opened:
        channels = common.last_dimension(inputs, layout.index("C"))
        weights = variables.make(
            "weights",
            [*common.sizes(kernel_size, n), channels, num_outputs],
            weights_initializer,
            weights_regularizer,
            inputs.dtype.base_dtype,
        )
        sums = tf1.nn.convolution(
            inputs,
            weights,
            padding,
            strides=common.sizes(stride, n),
            dilation_rate=common.sizes(rate, n),
            data_format=layout,
            name=_OP_NAMES[n],
        )
        biases = (biases_initializer, biases_regularizer)
        normalizer = (normalizer_fn, normalizer_params)
        outputs = common.finished(
            sums, variables, biases, normalizer, activation_fn, layout
        )
    return common.collected(outputs, outputs_collections, opened.name)


_OP_NAMES = {1: "Conv1D", 2: "Conv2D", 3: "Conv3D"}


@add_arg_scope
def convolution1d(*args: Any, **kwargs: Any) -> tf.Tensor:
    """Returns `convolution` of sequences [batch, width, c]."""
    return convolution(*args, **{**kwargs, "conv_dims": 1})


@add_arg_scope
def convolution2d(*args: Any, **kwargs: Any) -> tf.Tensor:
    """Returns `convolution` of images [batch, height, width, c]."""
    return convolution(*args, **{**kwargs, "conv_dims": 2})


@add_arg_scope
def convolution3d(*args: Any, **kwargs: Any) -> tf.Tensor:
    """Returns `convolution` of volumes [batch, depth, height, width, c]."""
    return convolution(*args, **{**kwargs, "conv_dims": 3})


conv1d, conv2d, conv3d = convolution1d, convolution2d, convolution3d


@add_arg_scope
def separable_convolution2d(
    inputs: tf.Tensor,
    num_outputs: int | None,
    kernel_size: Size,
    depth_multiplier: int = 1,
    stride: Size = 1,
    padding: str = "SAME",
    data_format: str = common.NHWC,
    rate: Size = 1,
    activation_fn: Layer | None = tf.nn.relu,
    normalizer_fn: Layer | None = None,
    normalizer_params: Mapping[str, Any] | None = None,
    weights_initializer: Initializer = xavier_initializer(),  # noqa: B008, no state
    pointwise_initializer: Initializer | None = None,
    weights_regularizer: Regularizer | None = None,
    biases_initializer: Initializer | None = tf1.zeros_initializer(),  # noqa: B008
    biases_regularizer: Regularizer | None = None,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns a convolution of each channel, then one of 1x1 over all channels.

    Args:
      num_outputs: of the second; None leaves the second out.
      depth_multiplier: number of filters for each channel.
      pointwise_initializer: of the second's weights; None: `weights_initializer`.

    The rest is as in `convolution`.
    """
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections)
    if num_outputs is not None:  # the depthwise alone was never tf.layers'
        variables = variables._replace(loss_names=common.LOSS_NAMES)
    with tf1.variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse) as opened:
        channels = common.last_dimension(inputs, data_format.index("C"))
        depthwise = variables.make(
            "depthwise_weights",
            [*common.sizes(kernel_size, 2), channels, depth_multiplier],
            weights_initializer,
            weights_regularizer,
            inputs.dtype.base_dtype,
        )
        moves = common.sizes(stride, 2)
        strides = [1, *moves, 1] if data_format == common.NHWC else [1, 1, *moves]
        sums = tf.nn.depthwise_conv2d(
            inputs,
            depthwise,
            strides,
            padding.upper(),
            data_format,
            common.sizes(rate, 2),
        )
        if num_outputs is not None:
            pointwise = variables.make(
                "pointwise_weights",
                [1, 1, channels * depth_multiplier, num_outputs],
                pointwise_initializer or weights_initializer,
                weights_regularizer,
                inputs.dtype.base_dtype,
            )
            sums = tf.nn.conv2d(sums, pointwise, 1, "VALID", data_format)
        biases = (biases_initializer, biases_regularizer)
        normalizer = (normalizer_fn, normalizer_params)
        outputs = common.finished(
            sums, variables, biases, normalizer, activation_fn, data_format
        )
    return common.collected(outputs, outputs_collections, opened.name)


separable_conv2d = separable_convolution2d


@add_arg_scope
def convolution2d_in_plane(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 1,
    padding: str = "SAME",
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
    """Returns the convolution of each channel with one and the same filter."""
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections)
    with tf1.variable_scope(scope, "ConvInPlane", [inputs], reuse=reuse) as opened:
        weights = variables.make(
            "weights",
            [*common.sizes(kernel_size, 2), 1, 1],
            weights_initializer,
            weights_regularizer,
            inputs.dtype.base_dtype,
        )
        each = tf.tile(weights, [1, 1, common.last_dimension(inputs), 1])
        strides = [1, *common.sizes(stride, 2), 1]
        sums = tf.nn.depthwise_conv2d(inputs, each, strides, padding.upper())
        biases = (biases_initializer, biases_regularizer)
        normalizer = (normalizer_fn, normalizer_params)
        outputs = common.finished(sums, variables, biases, normalizer, activation_fn)
    return common.collected(outputs, outputs_collections, opened.name)


conv2d_in_plane = convolution2d_in_plane


def _dimensions(inputs: tf.Tensor, conv_dims: int | None) -> int:
    n = inputs.shape.rank - 2
    if conv_dims not in (None, n) or n not in _LAYOUTS:
        wanted = "3, 4 or 5" if conv_dims is None else conv_dims + 2
        raise ValueError(
            f"Convolution expects input with rank {wanted}, got {inputs.shape.rank}"
        )
    return n
