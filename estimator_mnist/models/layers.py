"""What every network gives, and the initialiser they share."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import estimator

CLASSES = 10


class Network(NamedTuple):
    """One forward pass."""

    logits: tf.Tensor  # [batch, 10]
    penultimate: tf.Tensor | None = None  # [batch, units]
    activations: tf.Tensor | None = None  # [batch, side, side, filters]
    # labels int [batch] -> mean loss of the batch; None for the cross-entropy.
    loss: Callable[[tf.Tensor], tf.Tensor] | None = None


def flatten(tensor: tf.Tensor) -> tf.Tensor:
    """[batch, ...] -> [batch, product of the rest]."""
    return tf.reshape(tensor, [-1, tensor.shape[1:].num_elements()])


def initializer():
    """Glorot and Bengio 2010, what tf.layers used where nothing else was asked.

    Passed explicitly because tf_keras's own default ignores the graph's seed.
    """
    return tf.compat.v1.glorot_uniform_initializer()


def stateless_dropout(
    tensor: tf.Tensor, rate: float, seed: int, layer: int = 0
) -> tf.Tensor:
    """Dropout (Srivastava et al. 2014) that depends on (seed, global_step) alone.

    So a resumed run drops the same units as one that was never interrupted. Where a
    network has several, each has a number as `layer`, lest they drop alike.
    """
    key = estimator.step_seed(seed)
    if layer:
        key = tf.random.experimental.stateless_fold_in(key, layer)
    return tf.nn.experimental.stateless_dropout(tensor, rate, seed=key)
