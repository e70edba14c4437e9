"""Batches of beams: how they are made, and how beams are read back to their start."""

from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1


def tile_batch(t: Any, multiplier: int, name: str | None = None) -> Any:
    """Returns tensors [batch * multiplier, ...]: each element that often, in a row.

    Args:
      t: structure of tensors [batch, ...].
      multiplier: the number of beams.
      name: of the scope.
    """
    with tf1.name_scope(name, "tile_batch", [*tf.nest.flatten(t), multiplier]):
        return tf.nest.map_structure(lambda each: tf.repeat(each, multiplier, 0), t)


def gather_tree(
    step_ids: tf.Tensor,
    parent_ids: tf.Tensor,
    max_sequence_lengths: tf.Tensor,
    end_token: int | tf.Tensor,
    name: str | None = None,
) -> tf.Tensor:
    """Returns the ids on the way to each beam, int32 [time, batch, beams].

    Args:
      step_ids: ids that were chosen, int32 [time, batch, beams].
      parent_ids: the beam of the step before that each choice continues.
      max_sequence_lengths: steps of each batch element, int32 [batch].
      end_token: what follows the first end token, and the last step.
      name: of the scope.
    """
    with tf1.name_scope(name, "gather_tree", [step_ids, parent_ids]):
        step_ids = tf.convert_to_tensor(step_ids, tf.int32)
        beams = _beams(step_ids, parent_ids, max_sequence_lengths)
        found = tf.gather(step_ids, beams, batch_dims=2)
        steps = tf.range(tf.shape(step_ids)[0])[:, None, None]
        is_end = tf.equal(found, end_token)
        ended = tf.cumsum(tf.cast(is_end, tf.int32), exclusive=True) > 0
        over = ended | (steps >= tf.cast(max_sequence_lengths, tf.int32)[:, None])
        ends = tf.fill(tf.shape(found), tf.cast(end_token, found.dtype))
        return tf.where(over, ends, found)


def sorted_by_beam(
    steps: tf.Tensor, parent_ids: tf.Tensor, lengths: tf.Tensor
) -> tf.Tensor:
    """Returns what the steps on the way to each beam had.

    Args:
      steps: [time, batch * beams, ...] or [time, batch, beams, ...]; and so the result.
      parent_ids: as of `gather_tree`.
      lengths: int32 [batch, beams]; later steps are as they were.
    """
    shape = tf.shape(parent_ids)
    unmoved = tf.broadcast_to(tf.range(shape[2]), shape)
    beams = _beams(unmoved, parent_ids, tf.reduce_max(lengths, 1))
    within = tf.range(shape[0])[:, None, None] < tf.cast(lengths, tf.int32)
    beams = tf.where(within, beams, unmoved)
    inner = tf.shape(steps)[2:] if steps.shape.rank == 3 else tf.shape(steps)[3:]
    apart = tf.reshape(steps, tf.concat([shape, inner], 0))
    found = tf.reshape(tf.gather(apart, beams, batch_dims=2), tf.shape(steps))
    return tf.ensure_shape(found, steps.shape)


def _beams(step_ids: tf.Tensor, parent_ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Returns at which beam each beam was, int32 [time, batch, beams]."""
    shape = tf.shape(step_ids)
    last = tf.broadcast_to(tf.range(shape[2]), shape[1:])
    parents = tf.convert_to_tensor(parent_ids, tf.int32)
    # What the last step of an element continues is read off from there on.
    is_last = tf.range(shape[0])[:, None] >= tf.cast(lengths, tf.int32) - 1

    def before(after: tuple, step: tuple) -> tuple:
        ends, parents = step
        here = tf.where(ends[:, None], last, after[1])
        return here, tf.gather(parents, here, batch_dims=1)

    found, _ = tf.scan(
        before, (is_last, parents), initializer=(last, last), reverse=True
    )
    return found
