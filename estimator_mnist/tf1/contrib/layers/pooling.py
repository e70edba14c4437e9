"""Pools: the largest value or the mean of each window."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.framework import add_arg_scope
from estimator_mnist.tf1.contrib.layers import common
from estimator_mnist.tf1.contrib.layers.common import Collections, Size

tf1 = tf.compat.v1


@add_arg_scope
def max_pool2d(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 2,
    padding: str = "VALID",
    data_format: str = common.NHWC,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns the largest value of each `kernel_size`, by channel.

    Args:
      inputs: [batch, height, width, c], or [batch, c, height, width] if `data_format`
        is NCHW; so is the result.
    """
    arguments = (inputs, kernel_size, stride, padding, data_format)
    name = scope, "MaxPool2D"
    return _pooled(tf.nn.max_pool2d, arguments, name, outputs_collections)


@add_arg_scope
def avg_pool2d(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 2,
    padding: str = "VALID",
    data_format: str = common.NHWC,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns the mean of each `kernel_size`; otherwise as `max_pool2d`."""
    arguments = (inputs, kernel_size, stride, padding, data_format)
    name = scope, "AvgPool2D"
    return _pooled(tf.nn.avg_pool2d, arguments, name, outputs_collections)


@add_arg_scope
def max_pool3d(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 2,
    padding: str = "VALID",
    data_format: str = "NDHWC",
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns `max_pool2d` of volumes [batch, depth, height, width, c]."""
    arguments = (inputs, kernel_size, stride, padding, data_format)
    name = scope, "MaxPool3D"
    return _pooled(tf.nn.max_pool3d, arguments, name, outputs_collections)


@add_arg_scope
def avg_pool3d(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 2,
    padding: str = "VALID",
    data_format: str = "NDHWC",
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns `avg_pool2d` of volumes [batch, depth, height, width, c]."""
    arguments = (inputs, kernel_size, stride, padding, data_format)
    name = scope, "AvgPool3D"
    return _pooled(tf.nn.avg_pool3d, arguments, name, outputs_collections)


@add_arg_scope
def pool(
    inputs: tf.Tensor,
    kernel_size: Size,
    pooling_type: str,
    padding: str = "VALID",
    data_format: str | None = None,
    dilation_rate: Size = 1,
    stride: Size = 1,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns tf.nn.pool, of MAX or AVG, in one to three dimensions."""
    inputs = tf.convert_to_tensor(inputs)
    n = inputs.shape.rank - 2
    with tf1.name_scope(scope, f"{pooling_type.lower()}_pool", [inputs]) as opened:
        outputs = tf.nn.pool(
            inputs,
            common.sizes(kernel_size, n),
            pooling_type,
            common.sizes(stride, n),
            padding,
            data_format,
            common.sizes(dilation_rate, n),
        )
    return common.collected(outputs, outputs_collections, opened)


def _pooled(
    op: Callable[..., tf.Tensor],
    arguments: tuple[Any, ...],
    name: tuple[str | None, str],
    collections: Collections,
) -> tf.Tensor:
    """Returns what `op` makes of its arguments, the inputs first, in a name scope.

    Args:
      name: of the scope, and what it is where that is None.
    """
    with tf1.name_scope(*name, [arguments[0]]) as opened:
        outputs = op(*arguments)
    return common.collected(outputs, collections, opened)
