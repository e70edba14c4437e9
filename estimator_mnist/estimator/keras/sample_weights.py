"""Weights of examples, which a Keras model's input_fn gives beside the features."""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

_KEYS = {"features", "sample_weights"}


def split(features: Any) -> tuple[Any, Any]:
    """Returns (features, weights) of {"features": ..., "sample_weights": ...}.

    Anything else is features, without weights.
    """
    if isinstance(features, Mapping) and set(features) == _KEYS:
        return features["features"], features["sample_weights"]
    return features, None


def settings(model: Any) -> dict[str, Any]:
    """Returns what a model has been compiled with for its metrics, and weighted ones.

    In TF 1.x it does not say. None are weighted then, as the original never does.
    """
    says = hasattr(model, "get_compile_config")
    config = (model.get_compile_config() if says else None) or {}
    return {key: config.get(key) for key in ("metrics", "weighted_metrics")}


def apply(
    keras: Any, copy: Any, settings: dict[str, Any], targets: Any, weights: Any
) -> list:
    """Compiles a copy again so that its losses are weighted; returns its metrics.

    Args:
      keras: the Keras that it is of.
      copy: a copy of a model in a graph, compiled without weights.
      settings: what `settings` returned for the model.
      targets: list of tensors, one per output.
      weights: float Tensor [batch]; for several outputs a list, or dict by their names.
    """
    names = list(copy.output_names)
    each = _of_each_output(weights, names)
    metrics = _weighted_metrics(copy, settings, targets, each)
    losses = [
        loss and _weighted_loss(keras, loss, one)
        for loss, one in zip(_losses(copy.loss, names), each, strict=True)
    ]
    copy.compile(
        copy.optimizer,
        losses,
        loss_weights=copy.loss_weights,
        target_tensors=targets,
    )
    return metrics


def _of_each_output(weights: Any, names: list[str]) -> list[tf.Tensor]:
    if len(names) > 1 and not isinstance(weights, (Mapping, list, tuple)):
        raise TypeError(
            "The model has multiple outputs, so `sample_weights` should be either a "
            f"list or a dict. Provided `sample_weights` type not understood: {weights}"
        )
    if isinstance(weights, Mapping):
        weights = [weights.get(name) for name in names]
    weights = list(weights) if isinstance(weights, (list, tuple)) else [weights]
    if len(weights) != len(names):
        raise ValueError(
            f"Provided `sample_weights` was a list of {len(weights)} elements, but the "
            f"model has {len(names)} outputs. You should provide one `sample_weights` "
            "array per model output."
        )
    for one in weights:
        if one is not None and one.shape.rank not in (None, 1):
            raise ValueError(
                f"Received sample weight with shape {one.shape}. Expected shape [None]."
            )
    return [one if one is None else tf.cast(one, tf.float32) for one in weights]


def _losses(losses: Any, names: list[str]) -> list:
    """Returns the loss of each output, as they are given to `compile`."""
    if isinstance(losses, Mapping):
        return [losses.get(name) for name in names]
    if isinstance(losses, Sequence) and not isinstance(losses, str):
        return list(losses)
    return [losses for _ in names]


def _weighted_loss(keras: Any, loss: Any, weights: tf.Tensor | None) -> Any:
    if weights is None:
        return loss
    loss = keras.losses.get(loss)
    base: Any = keras.losses.Loss
    is_object = isinstance(loss, base)
    compute = loss.call if is_object else loss

    class WeightedLoss(base):
        """Multiplies the loss of each example by its weight."""

        def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
            values = compute(y_true, y_pred)
            ones = [1 for _ in range(values.shape.rank - 1)]
            each = tf.reshape(weights, [-1, *ones])
            return values * tf.cast(each, values.dtype)

    name = loss.name if is_object else loss.__name__
    return WeightedLoss(loss.reduction if is_object else "auto", name)


def _weighted_metrics(
    copy: Any, settings: dict[str, Any], targets: Sequence, weights: Sequence
) -> list:
    """Returns the metrics, those of weighted_metrics made again with weights."""
    names, found, remaining = list(copy.output_names), [], list(copy.metrics)
    for number in range(len(names)):
        for key in ("metrics", "weighted_metrics"):
            count = _count(settings[key], number, names)
            for metric in remaining[:count]:
                if key == "weighted_metrics":
                    metric = type(metric).from_config(metric.get_config())
                    metric.update_state(
                        targets[number], copy.outputs[number], weights[number]
                    )
                found.append(metric)
            remaining = remaining[count:]
    return found + remaining


def _count(given: Any, number: int, names: list[str]) -> int:
    """Returns how many metrics an output has by an argument of `compile`."""
    if isinstance(given, Mapping):
        given = given.get(names[number])
    elif isinstance(given, (list, tuple)) and any(
        isinstance(one, (list, tuple)) for one in given
    ):
        given = given[number]
    if given is None:
        return 0
    return len(given) if isinstance(given, (list, tuple)) else 1
