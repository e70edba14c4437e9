"""The cross entropy of sequences."""

from collections.abc import Callable

import tensorflow as tf

tf1 = tf.compat.v1

_ALMOST_ZERO = 1e-12  # a batch without weights has loss 0


def sequence_loss(
    logits: tf.Tensor,
    targets: tf.Tensor,
    weights: tf.Tensor,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    sum_over_timesteps: bool = False,
    sum_over_batch: bool = False,
    softmax_loss_function: Callable[..., tf.Tensor] | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns the weighted cross entropy: a scalar, [batch], [time] or [batch, time].

    Args:
      logits: [batch, time, classes].
      targets: int [batch, time].
      weights: [batch, time].
      average_across_timesteps: whether to divide a sum over time by its weights.
      average_across_batch: whether to divide a sum over the batch by its weights.
      sum_over_timesteps: whether to divide a sum over time by the count of weights
        that are not 0.
      sum_over_batch: the same of the batch.
      softmax_loss_function: of `labels` and `logits`; None: the sparse softmax's.
      name: of the scope.

    Raises:
      ValueError: a shape has another rank, or of one axis both are asked for.
    """
    _check(logits, targets, weights)
    if average_across_timesteps and sum_over_timesteps:
        raise ValueError(_BOTH.format("timesteps", "timesteps"))
    if average_across_batch and sum_over_batch:
        raise ValueError(_BOTH.format("batch", "batch"))
    loss = softmax_loss_function or tf1.nn.sparse_softmax_cross_entropy_with_logits
    with tf1.name_scope(name, "sequence_loss", [logits, targets, weights]):
        flat = tf.reshape(logits, [-1, tf.shape(logits)[2]])
        each = loss(labels=tf.reshape(targets, [-1]), logits=flat)
        each = tf.reshape(each * tf.reshape(weights, [-1]), tf.shape(targets))
        averaged = _axes(average_across_batch, average_across_timesteps)
        if averaged:
            total = tf.reduce_sum(weights, averaged)
            return tf.reduce_sum(each, averaged) / (total + _ALMOST_ZERO)
        summed = _axes(sum_over_batch, sum_over_timesteps)
        if summed:
            count = tf.cast(tf.math.count_nonzero(weights, summed), each.dtype)
            return tf.math.divide_no_nan(tf.reduce_sum(each, summed), count)
        return tf.ensure_shape(each, logits.shape[:2])


_BOTH = (
    "average_across_{} and sum_over_{} cannot be set to True at same time: "
    "set one of them to False."
)


def _axes(of_batch: bool, of_time: bool) -> list[int]:
    return [axis for axis, chosen in enumerate((of_batch, of_time)) if chosen]


def _check(logits: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor) -> None:
    if len(logits.get_shape()) != 3:
        raise ValueError(
            "Logits must be a [batch_size x sequence_length x logits] tensor, not of "
            f"shape {logits.shape}."
        )
    for what, tensor in (("Targets", targets), ("Weights", weights)):
        if len(tf.convert_to_tensor(tensor).shape) != 2:
            raise ValueError(
                f"{what} must be a [batch_size x sequence_length] tensor, not of shape "
                f"{tf.convert_to_tensor(tensor).shape}."
            )
