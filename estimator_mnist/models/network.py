"""What every network gives, and the initialiser they share."""

from typing import NamedTuple

import tensorflow as tf

CLASSES = 10


class Network(NamedTuple):
    """One forward pass."""

    logits: tf.Tensor  # [batch, 10]
    penultimate: tf.Tensor | None = None  # [batch, units]
    activations: tf.Tensor | None = None  # [batch, side, side, filters]


def flatten(tensor: tf.Tensor) -> tf.Tensor:
    """[batch, ...] -> [batch, product of the rest]."""
    return tf.reshape(tensor, [-1, tensor.shape[1:].num_elements()])


def initializer():
    """Glorot and Bengio 2010, what tf.layers used where nothing else was asked.

    Passed explicitly because tf_keras's own default ignores the graph's seed.
    """
    return tf.compat.v1.glorot_uniform_initializer()


def stateless_dropout(tensor: tf.Tensor, rate: float, seed: int) -> tf.Tensor:
    """Dropout (Srivastava et al. 2014) that depends on (seed, global_step) alone.

    So a resumed run drops the same units as one that was never interrupted.
    """
    step = tf.cast(tf.compat.v1.train.get_global_step(), tf.int64)
    key = tf.stack([tf.constant(seed, tf.int64), step])
    return tf.nn.experimental.stateless_dropout(tensor, rate, seed=key)
