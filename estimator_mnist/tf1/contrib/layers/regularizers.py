"""Penalties on weights, as functions for the argument `weights_regularizer`."""

import numbers
from collections.abc import Callable, Sequence

import tensorflow as tf

from estimator_mnist.tf1.contrib.layers.common import Regularizer

tf1 = tf.compat.v1


def l1_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns a function of weights: scale * sum(|weights|), or None for a scale of 0.

    Raises:
      ValueError: `scale` is negative, or an integer.
    """
    _refuse_integer(scale)
    if _is_negative(scale):
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}")
    return _regularizer(scale, scope or "l1_regularizer", _l1_loss)


def l2_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns a function of weights: scale * sum(weights ** 2) / 2.

    Otherwise as `l1_regularizer`.
    """
    _refuse_integer(scale)
    if _is_negative(scale):
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}.")
    return _regularizer(scale, scope or "l2_regularizer", tf.nn.l2_loss)


def l1_l2_regularizer(
    scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None
) -> Regularizer | None:
    """Returns the sum of `l1_regularizer` and `l2_regularizer`, without one of scale 0.

    Raises:
      ValueError: a scale is negative, or an integer.
    """
    _refuse_integer(scale_l1, "scale_l1")
    _refuse_integer(scale_l2, "scale_l2")
    scope = scope or "l1_l2_regularizer"
    if _is_zero(scale_l1):
        return l2_regularizer(scale_l2, scope)
    if _is_zero(scale_l2):
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)


def sum_regularizer(
    regularizer_list: Sequence[Regularizer | None], scope: str | None = None
) -> Regularizer | None:
    """Returns the sum of regularizers; None among them, and in their results, is 0.

    Where all of them are None, so is their sum.
    """
    regularizers = [each for each in regularizer_list if each is not None]
    if not regularizers:
        return None

    def regularize(weights: tf.Tensor) -> tf.Tensor | None:
        with tf1.name_scope(scope or "sum_regularizer") as name:
            losses = [regularizer(weights) for regularizer in regularizers]
            known = [loss for loss in losses if loss is not None]
            return tf.add_n(known, name=name) if known else None

    return regularize


def apply_regularization(
    regularizer: Regularizer, weights_list: Sequence[tf.Tensor] | None = None
) -> tf.Tensor:
    """Returns the sum of a regularizer over weights, in REGULARIZATION_LOSSES, too.

    Args:
      regularizer: see above.
      weights_list: None: the collection tf.GraphKeys.WEIGHTS.

    Raises:
      ValueError: there are no weights, or the regularizer's result is no scalar.
    """
    weights = weights_list or tf1.get_collection(tf1.GraphKeys.WEIGHTS)
    if not weights:
        raise ValueError("No weights to regularize.")
    with tf1.name_scope("get_regularization_penalty") as name:
        losses = [_scalar(regularizer(each)) for each in weights]
        total = tf.add_n(losses, name=name)
        tf1.add_to_collection(tf1.GraphKeys.REGULARIZATION_LOSSES, total)
        return total


def _scalar(loss: tf.Tensor | None) -> tf.Tensor:
    if loss is None:
        return tf.constant(0.0)
    if loss.shape.rank:
        raise ValueError(
            "regularizer must return a scalar Tensor instead of a Tensor with "
            f"rank {loss.shape.rank}."
        )
    return loss


def _refuse_integer(scale: float, name: str = "scale") -> None:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"{name} cannot be an integer: {scale}")


def _is_negative(scale: float) -> bool:
    return isinstance(scale, numbers.Real) and scale < 0  # a tensor has no value yet


def _is_zero(scale: float) -> bool:
    return isinstance(scale, numbers.Real) and scale == 0


def _regularizer(
    scale: float, scope: str, penalty: Callable[[tf.Tensor], tf.Tensor]
) -> Regularizer:
    """Returns a function whose op has its scope's name, as summaries then have."""
    if _is_zero(scale):
        tf1.logging.info("Scale of 0 disables regularizer.")
        return lambda weights: None

    def regularize(weights: tf.Tensor) -> tf.Tensor:
        with tf1.name_scope(scope) as name:
            dtype = weights.dtype.base_dtype
            factor = tf.convert_to_tensor(scale, dtype, name="scale")
            return tf.multiply(factor, penalty(weights), name=name)

    return regularize


def _l1_loss(weights: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.abs(weights))
