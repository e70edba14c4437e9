"""What every network returns, and the layers that several of them have."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import compat, estimator

CLASSES = 10
ACTIVATIONS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "relu": tf.nn.relu,
    "elu": tf.nn.elu,
    "selu": tf.nn.selu,
    "swish": tf.nn.silu,
    "tanh": tf.nn.tanh,
    "sigmoid": tf.nn.sigmoid,
}


class Network(NamedTuple):
    """One forward pass."""

    logits: tf.Tensor  # [batch, 10]
    penultimate: tf.Tensor | None = None  # [batch, units]
    activations: tf.Tensor | None = None  # [batch, side, side, filters]
    # labels int [batch] -> mean loss of the batch; None for the cross-entropy.
    loss: Callable[[tf.Tensor], tf.Tensor] | None = None


def conv2d(
    inputs: tf.Tensor,
    filters: int,
    kernel_size: int,
    padding: str = "valid",
    activation: str = "relu",
) -> tf.Tensor:
    """Convolves [batch, height, width, channels]; the result has `filters` channels.

    Args:
      kernel_size: side of a filter, in pixels.
      padding: "same" keeps height and width, "valid" takes kernel_size - 1 of both.
      activation: a name in ACTIVATIONS.
    """
    return compat.layers().conv2d(
        inputs,
        filters,
        kernel_size,
        padding=padding,
        activation=ACTIVATIONS[activation],
        kernel_initializer=initializer(),
    )


def max_pooling2d(inputs: tf.Tensor) -> tf.Tensor:
    """Takes the largest of each 2x2 pixels: half the height and the width."""
    return compat.layers().max_pooling2d(inputs, 2, strides=2)


def dense(
    inputs: tf.Tensor,
    units: int,
    activation: str | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Multiplies [batch, n] by a kernel, adds a bias: [batch, units].

    Args:
      activation: a name in ACTIVATIONS; None for none.
      name: of the layer, and so of its variables; None for the next free one.
    """
    return compat.layers().dense(
        inputs,
        units,
        activation=activation and ACTIVATIONS[activation],
        kernel_initializer=initializer(),
        name=name,
    )


def flatten(tensor: tf.Tensor) -> tf.Tensor:
    """Reshapes [batch, ...] to [batch, product of the rest]."""
    return tf.reshape(tensor, [-1, tensor.shape[1:].num_elements()])


def initializer() -> tf.compat.v1.keras.initializers.Initializer:
    """Returns Glorot and Bengio's of 2010, the default of tf.layers.

    Passed explicitly because tf_keras's own default ignores the graph's seed.
    """
    return tf.compat.v1.glorot_uniform_initializer()


def stateless_dropout(
    tensor: tf.Tensor, rate: float, seed: int, layer: int = 0
) -> tf.Tensor:
    """Applies dropout (Srivastava et al. 2014) that depends on (seed, global_step).

    A resumed run therefore drops the same units as an uninterrupted one. A network
    with several such layers numbers them by `layer`, to make them drop different units.
    """
    key = estimator.step_seed(seed)
    if layer:
        key = tf.random.experimental.stateless_fold_in(key, layer)
    return tf.nn.experimental.stateless_dropout(tensor, rate, seed=key)
