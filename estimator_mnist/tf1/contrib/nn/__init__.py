"""tf.contrib.nn: dropout for SELU, cross entropies with logits first, and others."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

_EQUAL = {"conv1d_transpose": "nn.conv1d_transpose"}
__all__ = [
    "alpha_dropout",
    "conv1d_transpose",
    "deprecated_flipped_sigmoid_cross_entropy_with_logits",
    "deprecated_flipped_softmax_cross_entropy_with_logits",
    "deprecated_flipped_sparse_softmax_cross_entropy_with_logits",
    "nth_element",
    "scaled_softplus",
]

# What SELU gives for minus infinity: -scale * alpha of Klambauer et al., 2017.
_SATURATION = -1.7580993408473766


def alpha_dropout(
    x: tf.Tensor,
    keep_prob: float | tf.Tensor,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns x with dropout that keeps mean 0 and variance 1.

    Klambauer et al., "Self-Normalizing Neural Networks", 2017.

    Args:
      x: numbers.
      keep_prob: share of elements that stay, in (0, 1].
      noise_shape: of the choice, which is broadcast; None: that of x.
      seed: of the choice.
      name: of the scope.

    Raises:
      ValueError: the share is a number outside (0, 1].
    """
    if isinstance(keep_prob, float | int) and not 0 < keep_prob <= 1:
        raise ValueError(
            "keep_prob must be a scalar tensor or a float in the range (0, 1], got "
            f"{keep_prob}"
        )
    with tf1.name_scope(name, "alpha_dropout", [x]):
        x = tf.convert_to_tensor(x)
        keep = tf.cast(keep_prob, x.dtype)
        shape = tf.shape(x) if noise_shape is None else noise_shape
        kept = tf.floor(keep + tf.random.uniform(shape, seed=seed, dtype=x.dtype))
        mixed = x * kept + _SATURATION * (1.0 - kept)
        scale = tf.math.rsqrt(keep + _SATURATION**2 * keep * (1.0 - keep))
        return scale * (mixed - _SATURATION * (1.0 - keep))


def scaled_softplus(
    x: tf.Tensor,
    alpha: float | tf.Tensor,
    clip: float | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns alpha * log(1 + exp(x / alpha)), at most `clip`."""
    with tf1.name_scope(name, "scaled_softplus", [x, alpha]):
        x = tf.convert_to_tensor(x)
        alpha = tf.cast(alpha, x.dtype)
        y = alpha * tf.nn.softplus(x / alpha)
        return y if clip is None else tf.minimum(y, tf.cast(clip, x.dtype))


def nth_element(
    input: tf.Tensor, n: int | tf.Tensor, reverse: bool = False, name: str | None = None
) -> tf.Tensor:
    """Returns the n-th smallest of the last axis, from 0; `reverse`: n-th largest."""
    return tf.raw_ops.NthElement(input=input, n=n, reverse=reverse, name=name)


def deprecated_flipped_softmax_cross_entropy_with_logits(
    logits: tf.Tensor, labels: tf.Tensor, dim: int = -1, name: str | None = None
) -> tf.Tensor:
    """Returns tf.nn.softmax_cross_entropy_with_logits, whose labels come first."""
    return tf1.nn.softmax_cross_entropy_with_logits(
        labels=labels, logits=logits, dim=dim, name=name
    )


def deprecated_flipped_sparse_softmax_cross_entropy_with_logits(
    logits: tf.Tensor, labels: tf.Tensor, name: str | None = None
) -> tf.Tensor:
    """Returns the same of tf.nn, whose labels come first."""
    return tf1.nn.sparse_softmax_cross_entropy_with_logits(
        labels=labels, logits=logits, name=name
    )


def deprecated_flipped_sigmoid_cross_entropy_with_logits(
    logits: tf.Tensor, targets: tf.Tensor, name: str | None = None
) -> tf.Tensor:
    """Returns tf.nn.sigmoid_cross_entropy_with_logits, whose labels come first."""
    return tf1.nn.sigmoid_cross_entropy_with_logits(
        labels=targets, logits=logits, name=name
    )


__getattr__ = replacements.module_getattr("tf.contrib.nn", names=_EQUAL)
