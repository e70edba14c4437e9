"""tf.contrib.layers: layers with ReLU and Xavier initialisation unless told otherwise.

Variables are called `SCOPE/weights`, `SCOPE/biases`; SCOPE is the argument `scope`, or
the first free one of `fully_connected`, `fully_connected_1` and so on.
"""

import functools
import numbers
from collections.abc import Callable

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.tf1 import removed
from estimator_mnist.tf1.contrib.framework import add_arg_scope

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
    "linear",
    "max_pool2d",
    "relu",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]

_NHWC = "NHWC"
# The standard deviation of a normal distribution of 1, cut off at 2.
_CUT_OFF_STDDEV = 0.87962566103423978


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: tf.DType = tf.float32,
):
    """Initial values whose variance is about `factor` / n.

    n is the number of inputs (`mode` FAN_IN), of outputs (FAN_OUT), or their mean
    (FAN_AVG). Uniform up to sqrt(3 factor / n), or normal of standard deviation
    sqrt(1.3 factor / n), cut off at two of them.

    Raises TypeError for another mode, or a dtype that is not of floating point.
    """
    if not tf.as_dtype(dtype).is_floating:
        raise TypeError(f"Cannot initialize non-floating point type {dtype}.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode}: use FAN_IN, FAN_OUT or FAN_AVG.")
    # TensorFlow's own makes up for the cut-off; this one always took 1.3 for it.
    scale = factor if uniform else factor * 1.3 * _CUT_OFF_STDDEV**2
    shape = "uniform" if uniform else "truncated_normal"
    # get_variable gives it the dtype; TensorFlow warns of one that is given here.
    return tf1.variance_scaling_initializer(scale, mode.lower(), shape, seed)


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: tf.DType = tf.float32
):
    """Glorot and Bengio's: `variance_scaling_initializer` of 1 by FAN_AVG."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


xavier_initializer_conv2d = xavier_initializer


def l1_regularizer(scale: float, scope: str | None = None) -> Callable:
    """weights -> scale * sum(|weights|); None where `scale` is 0.

    Raises ValueError for a negative scale and for an integer.
    """
    return _regularizer(scale, scope or "l1_regularizer", _l1_loss)


def l2_regularizer(scale: float, scope: str | None = None) -> Callable:
    """weights -> scale * sum(weights ** 2) / 2; see `l1_regularizer`."""
    return _regularizer(scale, scope or "l2_regularizer", tf.nn.l2_loss)


@add_arg_scope
def flatten(inputs, outputs_collections=None, scope: str | None = None) -> tf.Tensor:
    """[batch, ...] -> [batch, k]."""
    with tf1.name_scope(scope, "Flatten", [inputs]):
        outputs = compat.layers().flatten(tf.convert_to_tensor(inputs))
    return _collected(outputs, outputs_collections)


@add_arg_scope
def dropout(
    inputs,
    keep_prob=0.5,
    noise_shape=None,
    is_training=True,
    outputs_collections=None,
    scope: str | None = None,
    seed: int | None = None,
) -> tf.Tensor:
    """Keeps an element with `keep_prob`, divided by it; all as they are in testing."""
    with tf1.name_scope(scope, "Dropout", [inputs]):
        outputs = compat.layers().dropout(
            tf.convert_to_tensor(inputs), 1 - keep_prob, noise_shape, seed, is_training
        )
    return _collected(outputs, outputs_collections)


@add_arg_scope
def max_pool2d(
    inputs,
    kernel_size,
    stride=2,
    padding: str = "VALID",
    data_format: str = _NHWC,
    outputs_collections=None,
    scope: str | None = None,
) -> tf.Tensor:
    """The largest of each kernel_size (int or a pair); [batch, height, width, c]."""
    with tf1.name_scope(scope, "MaxPool2D", [inputs]):
        outputs = tf.nn.max_pool2d(inputs, kernel_size, stride, padding, data_format)
    return _collected(outputs, outputs_collections)


@add_arg_scope
def avg_pool2d(
    inputs,
    kernel_size,
    stride=2,
    padding: str = "VALID",
    data_format: str = _NHWC,
    outputs_collections=None,
    scope: str | None = None,
) -> tf.Tensor:
    """The mean of each; otherwise as `max_pool2d`."""
    with tf1.name_scope(scope, "AvgPool2D", [inputs]):
        outputs = tf.nn.avg_pool2d(inputs, kernel_size, stride, padding, data_format)
    return _collected(outputs, outputs_collections)


@add_arg_scope
def fully_connected(
    inputs,
    num_outputs: int,
    activation_fn: Callable | None = tf.nn.relu,
    normalizer_fn: Callable | None = None,
    normalizer_params: dict | None = None,
    weights_initializer=xavier_initializer(),  # noqa: B008, keeps no state
    weights_regularizer: Callable | None = None,
    biases_initializer=tf1.zeros_initializer(),  # noqa: B008
    biases_regularizer: Callable | None = None,
    reuse: bool | None = None,
    variables_collections=None,
    outputs_collections=None,
    trainable: bool = True,
    scope: str | None = None,
) -> tf.Tensor:
    """[..., n] -> [..., num_outputs].

    There are no biases where there is a `normalizer_fn` (called with the keywords
    `normalizer_params`) or no `biases_initializer`. Variables are in
    tf.GraphKeys.MODEL_VARIABLES and in `variables_collections`, a list of names, or a
    dict "weights"/"biases" -> list.

    Raises ValueError where n is unknown.
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
    inputs,
    num_outputs: int,
    kernel_size,
    stride=1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate=1,
    activation_fn: Callable | None = tf.nn.relu,
    normalizer_fn: Callable | None = None,
    normalizer_params: dict | None = None,
    weights_initializer=xavier_initializer(),  # noqa: B008, keeps no state
    weights_regularizer: Callable | None = None,
    biases_initializer=tf1.zeros_initializer(),  # noqa: B008
    biases_regularizer: Callable | None = None,
    reuse: bool | None = None,
    variables_collections=None,
    outputs_collections=None,
    trainable: bool = True,
    scope: str | None = None,
) -> tf.Tensor:
    """[batch, height, width, c] -> [batch, height', width', num_outputs].

    `kernel_size`, `stride` and `rate` (of dilation) are ints or pairs of them;
    `data_format` is NHWC (None) or NCHW. The rest is as in `fully_connected`.

    Raises ValueError where neither stride nor rate is 1.
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
    inputs,
    decay: float = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Callable | None = None,
    param_initializers: dict | None = None,
    param_regularizers: dict | None = None,
    updates_collections=tf1.GraphKeys.UPDATE_OPS,
    is_training=True,
    reuse: bool | None = None,
    *,
    outputs_collections=None,
    trainable: bool = True,
    fused: bool | None = None,
    data_format: str = _NHWC,
    scope: str | None = None,
) -> tf.Tensor:
    """Batch normalisation of [batch, c] or [batch, height, width, c].

    Variables `SCOPE/beta` (`center`), `gamma` (`scale`), `moving_mean`,
    `moving_variance`; the two params dicts are by these names. While `is_training` (a
    bool, or a Tensor) it goes by the batch, and the updates of the moving averages are
    put into `updates_collections`: run them with the train op. With None for that, they
    are made whenever the output is computed.

    Raises ValueError for another rank.
    """
    del fused  # the faster way is always taken
    inputs = tf.convert_to_tensor(inputs)
    if inputs.shape.rank not in (2, 4):
        raise ValueError(f"inputs must have rank 2 or 4, not {inputs.shape}.")
    options = {f"{k}_initializer": v for k, v in (param_initializers or {}).items()}
    options |= {f"{k}_regularizer": v for k, v in (param_regularizers or {}).items()}
    options |= {"center": center, "scale": scale, "trainable": trainable}
    options |= {"momentum": decay, "epsilon": epsilon, "training": is_training}
    name = _scope_below(scope, "BatchNorm", inputs, reuse)
    outputs, updates = _batch_normalized(
        inputs, data_format, name=name, reuse=reuse, **options
    )
    if updates_collections is None:
        with tf.control_dependencies(updates):
            outputs = tf.identity(outputs)
    elif updates_collections != tf1.GraphKeys.UPDATE_OPS:
        for update in updates:
            tf1.add_to_collections(updates_collections, update)
    outputs = activation_fn(outputs) if activation_fn else outputs
    return _collected(outputs, outputs_collections)


def _batch_normalized(inputs, data_format, **options):
    """The output, and the updates that tf.layers has put into UPDATE_OPS."""
    before = len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS))
    normalize = compat.layers().batch_normalization
    if inputs.shape.rank == 2:  # in four dimensions it is fused, as it always was
        outputs = normalize(inputs[:, None, None, :], **options)[:, 0, 0, :]
    else:
        axis = data_format.index("C")
        outputs = normalize(inputs, axis, **options)
    return outputs, tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)[before:]


def _scope_below(scope, default, inputs, reuse):
    """`scope`, or the first free name like `default`, for a layer of tf.layers."""
    around = tf1.get_variable_scope().name
    with tf1.variable_scope(scope, default, [inputs], reuse=reuse) as opened:
        return opened.name[len(around) + 1 if around else 0 :]


def _variable(trainable, collections, name, shape, initializer, regularizer):
    if isinstance(collections, dict):
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


def _regularizer(scale, name, penalty):
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if scale < 0:
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale}.")
    if scale == 0:
        return lambda weights: None

    def regularize(weights):
        with tf1.name_scope(name):
            return tf.multiply(
                tf.cast(scale, weights.dtype.base_dtype), penalty(weights)
            )

    return regularize


def _l1_loss(weights):
    return tf.reduce_sum(tf.abs(weights))


def _collected(outputs, collections):
    if collections:
        tf1.add_to_collections(collections, outputs)
    return outputs


def _pair(value):
    return [value, value] if isinstance(value, int) else list(value)


__path__ = []
__getattr__ = removed.explainer("tf.contrib.layers")
