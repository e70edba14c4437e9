"""The hidden layers of a deep model, and the layer of its logits."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.estimator.canned.input_layer import (
    Features,
    Partitioner,
    input_layer,
)
from estimator_mnist.estimator.mode_keys import ModeKeys

tf1 = tf.compat.v1

Activation = Callable[[tf.Tensor], tf.Tensor]

# Of the moving averages of batch normalization.
_MOMENTUM = 0.999


@dataclasses.dataclass(frozen=True)
class DenseLayers:
    """Settings of the layers; see DNNClassifier for what they mean.

    Columns and units are kept as they are now: an iterator ends, a list may change.
    """

    hidden_units: Iterable[int] | None
    feature_columns: Iterable[Any]
    activation_fn: Activation | str | None
    dropout: float | None
    input_layer_partitioner: Partitioner | None
    batch_norm: bool

    def __post_init__(self) -> None:
        columns = tuple(self.feature_columns or ())
        object.__setattr__(self, "feature_columns", columns)
        if isinstance(self.hidden_units, Iterable):
            object.__setattr__(self, "hidden_units", tuple(self.hidden_units))

    def with_partitioner(self, partitioner: Partitioner) -> "DenseLayers":
        """Returns these with `partitioner` where they have none for the input layer."""
        return dataclasses.replace(
            self, input_layer_partitioner=self.input_layer_partitioner or partitioner
        )

    def logits(self, features: Features, mode: str, units: int) -> tf.Tensor:
        """Returns logits, float32 [batch, units].

        Layers are called `hiddenlayer_0` and so on and `logits`, below the present
        scope, and write summaries of how many of their values are zero.

        Raises:
          ValueError: a setting is out of range, or columns and features do not fit.
          TypeError: hidden_units are no iterable of numbers.
        """
        widths = _widths(self.hidden_units)
        _check_rate(self.dropout)
        activation = _activation(self.activation_fn)
        columns = tuple(self.feature_columns)
        net = input_layer(features, columns, self.input_layer_partitioner)
        for index, width in enumerate(widths):
            net = self._hidden(net, index, width, activation, mode)
        with tf1.variable_scope("logits") as scope:
            logits = _dense(net, units)
        summarize(logits, scope.name)
        return logits

    def _hidden(
        self,
        net: tf.Tensor,
        index: int,
        width: int,
        activation: Activation | None,
        mode: str,
    ) -> tf.Tensor:
        """Returns the values of hidden layer `index`, float32 [batch, width]."""
        training = mode == ModeKeys.TRAIN
        with tf1.variable_scope(f"hiddenlayer_{index}") as scope:
            net = _dense(net, width)
            net = net if activation is None else activation(net)
            # Not for 0 either: it would draw a seed, which the logits draw next.
            if self.dropout not in (None, 0) and training:
                net = tf.nn.dropout(net, self.dropout)
            if self.batch_norm:
                net = _normalize(net, f"batchnorm_{index}", training)
        summarize(net, scope.name)
        return net


def _dense(net: tf.Tensor, units: int) -> tf.Tensor:
    """Returns net times `kernel` plus `bias`, float32 [batch, units]."""
    kernel = tf1.get_variable(
        "kernel",
        [net.shape[-1], units],
        net.dtype,
        tf1.glorot_uniform_initializer(),
    )
    bias = tf1.get_variable("bias", [units], net.dtype, tf1.zeros_initializer())
    return tf.nn.bias_add(tf.matmul(net, kernel, name="MatMul"), bias, name="BiasAdd")


def _normalize(net: tf.Tensor, name: str, training: bool) -> tf.Tensor:
    """Returns net after batch normalization; updates are in UPDATE_OPS."""
    layer = compat.layers().BatchNormalization(momentum=_MOMENTUM, name=name)
    return layer(net, training=training)


def summarize(values: tf.Tensor, layer: str) -> None:
    """Writes summaries of a layer's values: how many are zero, and a histogram."""
    tf1.summary.scalar(
        f"{layer}/fraction_of_zero_values", tf.math.zero_fraction(values)
    )
    tf1.summary.histogram(f"{layer}/activation", values)


def _widths(hidden_units: Any) -> list[int]:
    """Returns the numbers of units that `hidden_units` stands for, as [3, 3.0, "3"].

    Raises:
      ValueError: one is no positive number.
      TypeError: they are no iterable, or one is of another type.
    """
    if not isinstance(hidden_units, Iterable):
        raise TypeError(
            f"{type(hidden_units).__name__!r} object is not iterable: hidden_units is "
            f"{hidden_units}. Give the number of units of each hidden layer, as [10]."
        )
    widths = [int(one) for one in hidden_units]
    if any(width <= 0 for width in widths):
        raise ValueError(
            "Received an invalid value for `units`, expected a positive integer. "
            f"Received: units={min(widths)}. It is one of hidden_units."
        )
    return widths


def _check_rate(dropout: Any) -> None:
    if isinstance(dropout, (int, float)) and not 0 <= dropout < 1:
        raise ValueError(
            f"Invalid value {dropout} received for `rate`, expected a value between 0 "
            "and 1. It is dropout, the share of a layer's values that are dropped."
        )


def _activation(given: Activation | str | None) -> Activation | None:
    """Returns the function that `given` stands for; Keras 2 knows it by its name."""
    if given is None or callable(given):
        return given
    return compat.activation(given)
