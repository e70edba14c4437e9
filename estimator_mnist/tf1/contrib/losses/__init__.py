"""tf.contrib.losses: tf.losses with predictions before labels."""

import functools
import importlib
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.framework import add_arg_scope

tf1 = tf.compat.v1

_SAME = (
    "add_loss",
    "compute_weighted_loss",
    "get_losses",
    "get_regularization_losses",
    "get_total_loss",
)
__all__ = [
    "absolute_difference",
    "cosine_distance",
    "hinge_loss",
    "log_loss",
    "mean_pairwise_squared_error",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
    *_SAME,
]

Loss = Callable[..., tf.Tensor]


def _flipped(loss: Loss, prediction: str, label: str = "labels") -> Loss:
    """Returns a loss whose first arguments are called `prediction` and `label`."""
    theirs = "predictions" if prediction == "predictions" else "logits"

    @add_arg_scope
    @functools.wraps(loss)
    def flipped(*args: Any, **kwargs: Any) -> tf.Tensor:
        given = dict(zip((prediction, label, *_THEN[loss]), args, strict=False))
        given |= kwargs
        options = {
            theirs: given.pop(prediction),
            label: given.pop(label),
        }
        if "dim" in given:
            given["axis"] = given.pop("dim")
        return loss(**options, **given)

    return flipped


@add_arg_scope
def hinge_loss(
    logits: tf.Tensor, labels: tf.Tensor | None = None, scope: str | None = None
) -> tf.Tensor:
    """Returns the hinge loss of each element, with labels 0 and 1; it is added nowhere.

    Raises:
      ValueError: the shapes differ.
    """
    with tf1.name_scope(scope, "hinge_loss", [logits, labels]):
        logits = tf.convert_to_tensor(logits)
        labels = tf.cast(labels, tf.float32)
        logits.shape.assert_is_compatible_with(labels.shape)
        return tf.nn.relu(1.0 - (2.0 * labels - 1.0) * logits)


_WEIGHTS = ("weights", "scope")
_SMOOTHED = ("weights", "label_smoothing", "scope")
_THEN = {
    tf1.losses.absolute_difference: _WEIGHTS,
    tf1.losses.cosine_distance: ("axis", "weights", "scope"),
    tf1.losses.log_loss: ("weights", "epsilon", "scope"),
    tf1.losses.mean_squared_error: _WEIGHTS,
    tf1.losses.sigmoid_cross_entropy: _SMOOTHED,
    tf1.losses.softmax_cross_entropy: _SMOOTHED,
    tf1.losses.sparse_softmax_cross_entropy: _WEIGHTS,
}

absolute_difference = _flipped(tf1.losses.absolute_difference, "predictions")
cosine_distance = _flipped(tf1.losses.cosine_distance, "predictions")
log_loss = _flipped(tf1.losses.log_loss, "predictions")


@add_arg_scope
def mean_pairwise_squared_error(
    predictions: tf.Tensor,
    labels: tf.Tensor | None = None,
    weights: float | tf.Tensor = 1.0,
    scope: str | None = None,
) -> tf.Tensor:
    """Returns half of tf.losses's: this one counts each pair once."""
    return tf1.losses.mean_pairwise_squared_error(
        labels, predictions, tf.multiply(weights, 0.5), scope
    )


mean_squared_error = _flipped(tf1.losses.mean_squared_error, "predictions")
sigmoid_cross_entropy = _flipped(
    tf1.losses.sigmoid_cross_entropy, "logits", "multi_class_labels"
)
softmax_cross_entropy = _flipped(
    tf1.losses.softmax_cross_entropy, "logits", "onehot_labels"
)
sparse_softmax_cross_entropy = _flipped(
    tf1.losses.sparse_softmax_cross_entropy, "logits"
)

_other = replacements.module_getattr("tf.contrib.losses", tf1.losses, _SAME)


def __getattr__(name: str) -> Any:
    if name == "metric_learning":
        return importlib.import_module(f"{__name__}.{name}")
    return _other(name)
