"""Initial values of weights."""

import tensorflow as tf

from estimator_mnist.tf1.contrib.layers.common import Initializer

tf1 = tf.compat.v1

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
