"""Batches for the search by beams."""

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
