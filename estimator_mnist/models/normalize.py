"""Images scaled by what the training images are like, as the checkpoint keeps it."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from estimator_mnist.models.declarations import Params

tf1 = tf.compat.v1

SCOPE = "normalize"
# Name of the param that is a function kind -> (shift, scale), arrays float32.
STATISTICS = "image_statistics"
_NEUTRAL = {"shift": 0.0, "scale": 1.0}


def normalize(images: tf.Tensor, params: Params, training: bool) -> tf.Tensor:
    """Returns (images - shift) / scale; both float32 [batch, side, side].

    Shift and scale are variables that no optimizer changes: set from the training
    images when a run begins, and restored from then on, so that evaluation, predict and
    an exported model take the images as they are. No array gets into the graph.

    params: normalize, "none" or a kind of statistics; image_statistics, in training.

    Raises:
      ValueError: training without image_statistics.
    """
    kind = params["normalize"]
    if kind == "none":
        return images
    shape = images.shape[1:] if kind == "pixel" else []
    with tf1.variable_scope(SCOPE):
        shift, scale = (
            tf1.get_variable(
                name,
                shape,
                initializer=_measured(params, kind, part)
                if training
                else tf1.constant_initializer(_NEUTRAL[name]),
                trainable=False,
            )
            for part, name in enumerate(_NEUTRAL)
        )
    return (images - shift) / scale


def _measured(params: Params, kind: str, part: int) -> Callable[..., tf.Tensor]:
    """Returns an initializer that runs in Python, as the input_fns do."""
    if STATISTICS not in params:
        raise ValueError(
            f"normalize={kind!r} needs params[{STATISTICS!r}] in training: a function "
            "of the kind that returns (shift, scale) of the training images."
        )
    statistics: Callable[[str], tuple[np.ndarray, np.ndarray]] = params[STATISTICS]

    def initial(
        shape: tf.TensorShape, dtype: tf.DType = tf.float32, partition_info: None = None
    ) -> tf.Tensor:
        value = tf.numpy_function(lambda: statistics(kind)[part], [], dtype)
        return tf.ensure_shape(value, shape)

    return initial
