"""tf.contrib.layers: layers with ReLU and Xavier initialisation by default.

Variables are called `SCOPE/weights`, `SCOPE/biases`; SCOPE is the argument `scope`, or
the first free name of `fully_connected`, `fully_connected_1` and so on.
"""

import functools
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.framework import add_arg_scope
from estimator_mnist.tf1.contrib.normalization import layer_norm

tf1 = tf.compat.v1

__all__ = [
    "avg_pool2d",
    "batch_norm",
    "conv2d",
    "convolution2d",
    "dropout",
    "flatten",
    "fully_connected",
    "l1_regularizer",
    "l2_regularizer",
    "layer_norm",
    "linear",
    "max_pool2d",
    "relu",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]

Initializer = Callable[..., tf.Tensor]
Regularizer = Callable[[tf.Tensor], tf.Tensor | None]
Layer = Callable[..., tf.Tensor]
# Names of collections; of variables also by the variable's name, "weights" or "biases".
Collections = str | Sequence[str] | None
VariablesCollections = Sequence[str] | Mapping[str, Sequence[str]] | None
# Height and width, the same number or one for each.
Size = int | Sequence[int]

_NHWC = "NHWC"
# The standard deviation of a normal distribution of 1, cut off at 2.
_CUT_OFF_STDDEV = 0.87962566103423978


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: tf.DType = tf.float32,
) -> Initializer:
    """Returns an initializer of values whose variance is about `factor` / n.

    Args:
      factor: see below.
      mode: what n is: the number of inputs (FAN_IN), of outputs (FAN_OUT), or their
        mean (FAN_AVG).
      uniform: values are uniform up to sqrt(3 factor / n). If false they are normal,
        with a standard deviation of sqrt(1.3 factor / n), cut off at two of these.
      seed: of the values.
      dtype: of floating point; the variable's own dtype counts.

    Raises:
      TypeError: another mode, or a dtype that is not of floating point.
    """
    if not tf.as_dtype(dtype).is_floating:
        raise TypeError(f"Cannot initialize non-floating point type {dtype}.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode}: use FAN_IN, FAN_OUT or FAN_AVG.")
    # TensorFlow's own corrects for the cut-off exactly; this one always took 1.3.
    scale = factor if uniform else factor * 1.3 * _CUT_OFF_STDDEV**2
    shape = "uniform" if uniform else "truncated_normal"
    # get_variable passes the dtype; TensorFlow warns of one that is given here.
    return tf1.variance_scaling_initializer(scale, mode.lower(), shape, seed)


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: tf.DType = tf.float32
) -> Initializer:
    """Returns Glorot and Bengio's: `variance_scaling_initializer` of 1 by FAN_AVG."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


xavier_initializer_conv2d = xavier_initializer


def l1_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns a function of weights: scale * sum(|weights|), or None for a scale of 0.

    Raises:
      ValueError: `scale` is negative, or an integer.
    """
    return _regularizer(scale, scope or "l1_regularizer", _l1_loss)


def l2_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns a function of weights: scale * sum(weights ** 2) / 2.

    Otherwise as `l1_regularizer`.
    """
    return _regularizer(scale, scope or "l2_regularizer", tf.nn.l2_loss)


@add_arg_scope
def flatten(
    inputs: tf.Tensor,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns `inputs` [batch, ...] as [batch, k]."""
    with tf1.name_scope(scope, "Flatten", [inputs]):
        outputs = compat.layers().flatten(tf.convert_to_tensor(inputs))
    return _collected(outputs, outputs_collections)


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
    with tf1.name_scope(scope, "Dropout", [inputs]):
        outputs = compat.layers().dropout(
            tf.convert_to_tensor(inputs), 1 - keep_prob, noise_shape, seed, is_training
        )
    return _collected(outputs, outputs_collections)


@add_arg_scope
def max_pool2d(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 2,
    padding: str = "VALID",
    data_format: str = _NHWC,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns the largest value of each `kernel_size`, by channel.

    Args:
      inputs: [batch, height, width, c], or [batch, c, height, width] if `data_format`
        is NCHW; so is the result.
    """
    with tf1.name_scope(scope, "MaxPool2D", [inputs]):
        outputs = tf.nn.max_pool2d(inputs, kernel_size, stride, padding, data_format)
    return _collected(outputs, outputs_collections)


@add_arg_scope
def avg_pool2d(
    inputs: tf.Tensor,
    kernel_size: Size,
    stride: Size = 2,
    padding: str = "VALID",
    data_format: str = _NHWC,
    outputs_collections: Collections = None,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns the mean of each `kernel_size`; otherwise as `max_pool2d`."""
    with tf1.name_scope(scope, "AvgPool2D", [inputs]):
        outputs = tf.nn.avg_pool2d(inputs, kernel_size, stride, padding, data_format)
    return _collected(outputs, outputs_collections)


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
    n = inputs.shape.as_list()[-1]
    if n is None:
        raise ValueError(f"The last dimension of inputs must be known: {inputs}.")
    make = functools.partial(_variable, trainable, variables_collections)
    with tf1.variable_scope(scope, "fully_connected", [inputs], reuse=reuse):
        shape = [n, num_outputs]
        weights = make("weights", shape, weights_initializer, weights_regularizer)
        by_rows = inputs.shape.rank == 2
        sums = (
            tf.matmul(inputs, weights) if by_rows else tf.tensordot(inputs, weights, 1)
        )
        if normalizer_fn is not None:
            sums = normalizer_fn(sums, **(normalizer_params or {}))
        elif biases_initializer is not None:
            shape = [num_outputs]
            biases = make("biases", shape, biases_initializer, biases_regularizer)
            sums = tf.nn.bias_add(sums, biases)
        outputs = activation_fn(sums) if activation_fn else sums
    return _collected(outputs, outputs_collections)


relu = functools.partial(fully_connected, activation_fn=tf.nn.relu)
linear = functools.partial(fully_connected, activation_fn=None)


@add_arg_scope
def conv2d(
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
) -> tf.Tensor:
    """Returns a convolution of images [batch, height, width, c] with `num_outputs`.

    Args:
      inputs: as `data_format` says, which is NHWC (None) or NCHW; so is the result.
      num_outputs: the number of channels of the result.
      rate: of dilation.

    The rest is as in `fully_connected`.

    Raises:
      ValueError: neither `stride` nor `rate` is 1.
    """
    inputs, layout = tf.convert_to_tensor(inputs), data_format or _NHWC
    make = functools.partial(_variable, trainable, variables_collections)
    with tf1.variable_scope(scope, "Conv", [inputs], reuse=reuse):
        channels = inputs.shape.as_list()[layout.index("C")]
        shape = [*_pair(kernel_size), channels, num_outputs]
        weights = make("weights", shape, weights_initializer, weights_regularizer)
        moves = {"strides": _pair(stride), "dilation_rate": _pair(rate)}
        sums = tf1.nn.convolution(
            inputs, weights, padding, data_format=layout, name="Conv2D", **moves
        )
        if normalizer_fn is not None:
            sums = normalizer_fn(sums, **(normalizer_params or {}))
        elif biases_initializer is not None:
            shape = [num_outputs]
            biases = make("biases", shape, biases_initializer, biases_regularizer)
            sums = tf.nn.bias_add(sums, biases, layout)
        outputs = activation_fn(sums) if activation_fn else sums
    return _collected(outputs, outputs_collections)


convolution2d = conv2d


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
    *,
    outputs_collections: Collections = None,
    trainable: bool = True,
    fused: bool | None = None,
    data_format: str = _NHWC,
    scope: str | None = None,
) -> tf.Tensor:
    """Normalises `inputs` [batch, c] or [batch, height, width, c] by channel.

    Its variables are `SCOPE/beta` (if `center`), `gamma` (if `scale`), `moving_mean`
    and `moving_variance`; the two params dicts are by these names. While `is_training`
    it takes mean and variance from the batch, and adds the updates of the moving
    averages to `updates_collections`: run them with the train op. If that is None, they
    run whenever the output is computed.

    Raises:
      ValueError: `inputs` has another rank.
    """
    del fused  # the faster op is always used
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
    outputs, updates = _batch_normalized(inputs, data_format, options)
    if updates_collections is None:
        with tf.control_dependencies(updates):
            outputs = tf.identity(outputs)
    elif updates_collections != tf1.GraphKeys.UPDATE_OPS:
        _collect(updates, updates_collections)
    outputs = activation_fn(outputs) if activation_fn else outputs
    return _collected(outputs, outputs_collections)


def _batch_normalized(
    inputs: tf.Tensor, data_format: str, options: Mapping[str, Any]
) -> tuple[tf.Tensor, list[tf.Operation]]:
    """Returns the output, and the updates that tf.layers has put into UPDATE_OPS."""
    before = len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS))
    normalize = compat.layers().batch_normalization
    if inputs.shape.rank == 2:  # in four dimensions the op is fused, as it always was
        outputs = normalize(inputs[:, None, None, :], **options)[:, 0, 0, :]
    else:
        axis = data_format.index("C")
        outputs = normalize(inputs, axis, **options)
    return outputs, tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)[before:]


def _scope_below(
    scope: str | None, default: str, inputs: tf.Tensor, reuse: bool | None
) -> str:
    """Returns `scope`, or the first free name like `default`, for tf.layers."""
    outer = tf1.get_variable_scope().name
    with tf1.variable_scope(scope, default, [inputs], reuse=reuse) as opened:
        return opened.name[len(outer) + 1 if outer else 0 :]


def _variable(
    trainable: bool,
    collections: VariablesCollections,
    name: str,
    shape: list[int],
    initializer: Initializer,
    regularizer: Regularizer | None,
) -> tf.Variable:
    if isinstance(collections, Mapping):
        collections = collections.get(name)
    return tf1.get_variable(
        name,
        shape,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=[
            tf1.GraphKeys.GLOBAL_VARIABLES,
            tf1.GraphKeys.MODEL_VARIABLES,
            *(collections or []),
        ],
    )


def _regularizer(
    scale: float, name: str, penalty: Callable[[tf.Tensor], tf.Tensor]
) -> Regularizer:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if scale < 0:
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale}.")
    if scale == 0:
        return lambda weights: None

    def regularize(weights: tf.Tensor) -> tf.Tensor:
        with tf1.name_scope(name):
            return tf.multiply(
                tf.cast(scale, weights.dtype.base_dtype), penalty(weights)
            )

    return regularize


def _l1_loss(weights: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.abs(weights))


def _collected(outputs: tf.Tensor, collections: Collections) -> tf.Tensor:
    """Returns `outputs`, added to the collections."""
    if collections:
        tf1.add_to_collections(collections, outputs)
    return outputs


def _collect(updates: list[tf.Operation], collections: Collections) -> None:
    for update in updates:
        tf1.add_to_collections(collections, update)


def _pair(value: Size) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.layers")
