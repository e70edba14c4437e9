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
    return _regularizer(scale, scope or "l1_regularizer", _l1_loss)


def l2_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns a function of weights: scale * sum(weights ** 2) / 2.

    Otherwise as `l1_regularizer`.
    """
    return _regularizer(scale, scope or "l2_regularizer", tf.nn.l2_loss)


def l1_l2_regularizer(
    scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None
) -> Regularizer:
    """Returns the sum of `l1_regularizer` and `l2_regularizer`."""
    scope = scope or "l1_l2_regularizer"
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)


def sum_regularizer(
    regularizer_list: Sequence[Regularizer | None], scope: str | None = None
) -> Regularizer:
    """Returns the sum of regularizers; None among them, and in their results, is 0."""
    regularizers = [each for each in regularizer_list if each is not None]

    def regularize(weights: tf.Tensor) -> tf.Tensor | None:
        with tf1.name_scope(scope or "sum_regularizer"):
            losses = [regularizer(weights) for regularizer in regularizers]
            known = [loss for loss in losses if loss is not None]
            return tf.add_n(known, name=scope) if known else None

    return regularize


def apply_regularization(
    regularizer: Regularizer, weights_list: Sequence[tf.Tensor] | None = None
) -> tf.Tensor:
    """Returns the sum of a regularizer over weights, in REGULARIZATION_LOSSES, too.

    Args:
      regularizer: see above.
      weights_list: None: the collection tf.GraphKeys.WEIGHTS.

    Raises:
      ValueError: there are no weights.
    """
    weights = weights_list or tf1.get_collection(tf1.GraphKeys.WEIGHTS)
    if not weights:
        raise ValueError("No weights to regularize.")
    with tf1.name_scope("get_regularization_penalty"):
        losses = [regularizer(each) for each in weights]
        losses = [tf.constant(0.0) if loss is None else loss for loss in losses]
        total = tf.add_n(losses)
        tf1.add_to_collection(tf1.GraphKeys.REGULARIZATION_LOSSES, total)
        return total


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
