"""Normalisation over the batch, a layer, groups of channels, or one channel."""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.tf1.contrib.framework import add_arg_scope, add_model_variable
from estimator_mnist.tf1.contrib.layers import common
from estimator_mnist.tf1.contrib.layers.common import (
    Collections,
    Initializer,
    Layer,
    Regularizer,
    VariablesCollections,
)

tf1 = tf.compat.v1


@add_arg_scope
def batch_norm(
    inputs: tf.Tensor,
    decay: float = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Layer | None = None,
    param_initializers: Mapping[str, Initializer] | None = None,
    param_regularizers: Mapping[str, Regularizer] | None = None,
    updates_collections: Collections = tf1.GraphKeys.UPDATE_OPS,
    is_training: bool | tf.Tensor = True,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    batch_weights: None = None,
    fused: bool | None = None,
    data_format: str = common.NHWC,
    zero_debias_moving_mean: bool = False,
    scope: str | None = None,
    renorm: bool = False,
    renorm_clipping: Mapping[str, Any] | None = None,
    renorm_decay: float = 0.99,
    adjustment: None = None,
) -> tf.Tensor:
    """Normalises `inputs` [batch, c] or [batch, height, width, c] by channel.

    Its variables are `SCOPE/beta` (if `center`), `gamma` (if `scale`), `moving_mean`
    and `moving_variance`; the two params dicts are by these names. While `is_training`
    it takes mean and variance from the batch, and adds the updates of the moving
    averages to `updates_collections`: run them with the train op. If that is None, they
    run whenever the output is computed.

    Args:
      renorm, renorm_clipping, renorm_decay: Ioffe's batch renormalisation.

    Raises:
      ValueError: `inputs` has another rank; batch_weights, zero_debias_moving_mean or
        adjustment are given, which are not supported.
    """
    del fused  # the faster op is always used
    if batch_weights is not None or adjustment is not None or zero_debias_moving_mean:
        raise ValueError(
            "batch_norm: leave out batch_weights, zero_debias_moving_mean and "
            "adjustment, which are not supported here."
        )
    inputs = tf.convert_to_tensor(inputs)
    if inputs.shape.rank not in (2, 4):
        raise ValueError(f"inputs must have rank 2 or 4, not {inputs.shape}.")
    options: dict[str, Any] = {
        f"{k}_initializer": v for k, v in (param_initializers or {}).items()
    }
    options |= {f"{k}_regularizer": v for k, v in (param_regularizers or {}).items()}
    options |= {"center": center, "scale": scale, "trainable": trainable}
    options |= {"momentum": decay, "epsilon": epsilon, "training": is_training}
    options |= {"name": _scope_below(scope, "BatchNorm", inputs, reuse), "reuse": reuse}
    if renorm:
        options |= {"renorm": True, "renorm_clipping": renorm_clipping}
        options |= {"renorm_momentum": renorm_decay}
    made = len(tf1.global_variables())
    outputs, updates = _batch_normalized(inputs, data_format, options)
    _register(tf1.global_variables()[made:], variables_collections)
    if updates_collections is None:
        with tf.control_dependencies(updates):
            outputs = tf.identity(outputs)
    else:
        for update in updates:
            tf1.add_to_collections(updates_collections, update)
    outputs = activation_fn(outputs) if activation_fn else outputs
    return common.collected(outputs, outputs_collections, options["name"])


@add_arg_scope
def layer_norm(
    inputs: tf.Tensor,
    center: bool = True,
    scale: bool = True,
    activation_fn: Layer | None = None,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: str | None = None,
) -> tf.Tensor:
    """Normalises each example over its axes from `begin_norm_axis` on.

    Ba, Kiros and Hinton, "Layer Normalization", 2016. `SCOPE/beta` and `SCOPE/gamma`
    have the shape of the axes from `begin_params_axis` on.
    """
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections)
    with tf1.variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as opened:
        shape = inputs.shape.as_list()[begin_params_axis:]
        beta, gamma = _beta_and_gamma(variables, shape, center, scale)
        first = begin_norm_axis % inputs.shape.rank
        axes = list(range(first, inputs.shape.rank))
        epsilon = 1e-12 if inputs.dtype != tf.float16 else 1e-3
        outputs = _normalized(inputs, axes, beta, gamma, epsilon)
        outputs = activation_fn(outputs) if activation_fn else outputs
    return common.collected(outputs, outputs_collections, opened.name)


@add_arg_scope
def instance_norm(
    inputs: tf.Tensor,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Layer | None = None,
    param_initializers: Mapping[str, Initializer] | None = None,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    data_format: str = common.NHWC,
    scope: str | None = None,
) -> tf.Tensor:
    """Normalises each channel of each example.

    Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.
    """
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections)
    with tf1.variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse) as opened:
        rank, channel = inputs.shape.rank, data_format.index("C")
        channel = channel if data_format.startswith("NC") else rank - 1
        n = common.last_dimension(inputs, channel)
        beta, gamma = _beta_and_gamma(variables, [n], center, scale, param_initializers)
        shape = [n if axis == channel else 1 for axis in range(rank)]
        beta, gamma = (p if p is None else tf.reshape(p, shape) for p in (beta, gamma))
        axes = [axis for axis in range(1, rank) if axis != channel]
        outputs = _normalized(inputs, axes, beta, gamma, epsilon)
        outputs = activation_fn(outputs) if activation_fn else outputs
    return common.collected(outputs, outputs_collections, opened.name)


@add_arg_scope
def group_norm(
    inputs: tf.Tensor,
    groups: int = 32,
    channels_axis: int = -1,
    reduction_axes: Sequence[int] = (-3, -2),
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Layer | None = None,
    param_initializers: Mapping[str, Initializer] | None = None,
    reuse: bool | None = None,
    variables_collections: VariablesCollections = None,
    outputs_collections: Collections = None,
    trainable: bool = True,
    scope: str | None = None,
    mean_close_to_zero: bool = False,
) -> tf.Tensor:
    """Normalises groups of channels of each example over `reduction_axes`.

    Wu and He, "Group Normalization", 2018.

    Raises:
      ValueError: the number of channels is no multiple of `groups`.
    """
    del mean_close_to_zero  # another order of summing
    inputs = tf.convert_to_tensor(inputs)
    variables = common.Variables(trainable, variables_collections)
    with tf1.variable_scope(scope, "GroupNorm", [inputs], reuse=reuse) as opened:
        rank = inputs.shape.rank
        channel, over = channels_axis % rank, [axis % rank for axis in reduction_axes]
        n = common.last_dimension(inputs, channel)
        if n % groups:
            raise ValueError(f"{groups} groups is not commensurate with {n} channels.")
        beta, gamma = _beta_and_gamma(variables, [n], center, scale, param_initializers)
        shape = [n if axis == channel else 1 for axis in range(rank)]
        axes = [axis + (axis > channel) for axis in over]
        grouped = _split(inputs, channel, groups)
        outputs = _normalized(grouped, [*axes, channel + 1], None, None, epsilon)
        outputs = tf.reshape(outputs, tf.shape(inputs))
        outputs = tf.ensure_shape(outputs, inputs.shape)
        if gamma is not None:
            outputs *= tf.reshape(gamma, shape)
        if beta is not None:
            outputs += tf.reshape(beta, shape)
        outputs = activation_fn(outputs) if activation_fn else outputs
    return common.collected(outputs, outputs_collections, opened.name)


def _beta_and_gamma(
    variables: common.Variables,
    shape: Sequence[int],
    center: bool,
    scale: bool,
    initializers: Mapping[str, Initializer] | None = None,
) -> tuple[tf.Variable | None, tf.Variable | None]:
    initial = {
        "beta": tf1.zeros_initializer(),
        "gamma": tf1.ones_initializer(),
        **(initializers or {}),
    }
    beta = variables.make("beta", shape, initial["beta"]) if center else None
    gamma = variables.make("gamma", shape, initial["gamma"]) if scale else None
    return beta, gamma


def _normalized(
    inputs: tf.Tensor,
    axes: list[int],
    beta: tf.Tensor | None,
    gamma: tf.Tensor | None,
    epsilon: float,
) -> tf.Tensor:
    mean, variance = tf.nn.moments(inputs, axes, keepdims=True)
    return tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)


def _split(inputs: tf.Tensor, channel: int, groups: int) -> tf.Tensor:
    """Returns [..., c, ...] as [..., groups, c / groups, ...]."""
    shape = tf.shape(inputs)
    n = inputs.shape.as_list()[channel]
    parts = [shape[:channel], [groups, n // groups], shape[channel + 1 :]]
    return tf.reshape(inputs, tf.concat(parts, 0))


def _register(
    variables: Sequence[tf.Variable], collections: VariablesCollections
) -> None:
    """Puts what tf.layers has made into the collections of tf.contrib.layers."""
    for variable in variables:
        add_model_variable(variable)
        name = variable.op.name.rpartition("/")[2]
        for collection in common.collections_of(collections, name):
            tf1.add_to_collection(collection, variable)


def _batch_normalized(
    inputs: tf.Tensor, data_format: str, options: Mapping[str, Any]
) -> tuple[tf.Tensor, list[tf.Operation]]:
    """Returns the output, and the updates, taken from where tf.layers puts them."""
    collection = tf1.get_collection_ref(tf1.GraphKeys.UPDATE_OPS)
    before = len(collection)
    normalize = compat.layers().batch_normalization
    if inputs.shape.rank == 2:  # in four dimensions the op is fused, as it always was
        outputs = normalize(inputs[:, None, None, :], **options)[:, 0, 0, :]
    else:
        axis = data_format.index("C")
        outputs = normalize(inputs, axis, **options)
    updates = collection[before:]
    del collection[before:]
    return outputs, updates


def _scope_below(
    scope: str | None, default: str, inputs: tf.Tensor, reuse: bool | None
) -> str:
    """Returns `scope`, or the first free name like `default`, for tf.layers."""
    outer = tf1.get_variable_scope().name
    with tf1.variable_scope(
        scope, default, [inputs], reuse=reuse, auxiliary_name_scope=False
    ) as opened:  # tf.layers opens the scope of its ops itself
        return opened.name[len(outer) + 1 if outer else 0 :]
