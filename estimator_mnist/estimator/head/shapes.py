"""Checks of shapes that are known only when a graph runs."""

from collections.abc import Sequence

import tensorflow as tf


def equal(shape: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Returns bool []: whether two shapes, int32 [rank], are the same.

    Ranks may differ, and may be unknown.
    """
    sizes = tf.raw_ops.Equal(x=shape, y=other, incompatible_shape_error=False)
    # Sizes are broadcast, by which [2] is equal to [2, 2].
    same_rank = tf.equal(tf.size(shape), tf.size(other))
    return tf.logical_and(same_rank, tf.reduce_all(sizes))


def with_last_dimension(tensor: tf.Tensor, dimension: int | tf.Tensor) -> tf.Tensor:
    """Returns the shape of `tensor`, int32 [rank], with another last dimension."""
    return tf.concat([tf.shape(tensor)[:-1], [dimension]], 0)


def require(
    tensor: tf.Tensor, fits: tf.Tensor, message: str, shapes: dict[str, tf.Tensor]
) -> tf.Tensor:
    """Returns `tensor`, whose graph raises InvalidArgumentError unless it fits.

    Args:
      tensor: what is checked.
      fits: bool [].
      message: begins the error's text.
      shapes: dict name -> shape, int32 [rank], that the text ends with.

    Raises:
      ValueError: eagerly, `fits` is False.
    """
    if not tf.executing_eagerly():
        data = [message]
        for name, shape in shapes.items():
            data += [f"{name}: ", shape]
        with tf.control_dependencies([tf.debugging.Assert(fits, data)]):
            return tf.identity(tensor)
    if not fits:
        raise ValueError(
            message
            + "".join(f" {name}: {shape.numpy()}." for name, shape in shapes.items())
        )
    return tensor


def with_rank_of(tensor: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Returns [batch, ...] as [batch, ..., 1] if it lacks one dimension of `other`."""
    ranks = tensor.shape.rank, other.shape.rank
    if None not in ranks:
        return tensor[..., None] if ranks[0] == ranks[1] - 1 else tensor
    return tf.cond(
        tf.equal(tf.rank(tensor) + 1, tf.rank(other)),
        lambda: tensor[..., None],
        lambda: tensor,
    )


def can_be_multiplied(shape: tf.TensorShape, shapes: Sequence[tf.TensorShape]) -> bool:
    """Returns whether `shape`, as far as it is known, has the rank of one of `shapes`
    and can be broadcast with it."""
    return any(_broadcasts(shape, other) for other in shapes)


def _broadcasts(shape: tf.TensorShape, other: tf.TensorShape) -> bool:
    if shape.rank is None or other.rank is None:
        return True
    if shape.rank != other.rank:
        return False
    # Without v2 behavior a dimension that is not known is no None, but an object.
    pairs = zip(shape.as_list(), other.as_list(), strict=True)
    return all(a in (None, 1) or b in (None, 1) or a == b for a, b in pairs)
