"""Compiles a model of Keras 2 as one of Keras 3 is compiled."""

from collections.abc import Mapping
from typing import Any

from estimator_mnist.estimator.keras import versions
from estimator_mnist.estimator.keras.keras3_config import Conversion

_REDUCTIONS = ("sum_over_batch_size", "sum", "none")


def settings(model: Any, conversion: Conversion) -> dict[str, Any]:
    """Returns the arguments of `compile` for a copy of a model of Keras 3.

    They are its optimizer, without its state, losses and metrics.
    """
    config = model.get_compile_config()
    keras2 = versions.keras2()

    def metrics(value: Any) -> Any:
        return _mapped(
            value, lambda one: conversion.object(one, keras2.metrics, "metric")
        )

    return {
        "optimizer": _optimizer(config["optimizer"], conversion),
        "loss": _mapped(model.loss, lambda one: _loss(one, conversion)),
        "loss_weights": config["loss_weights"],
        "metrics": metrics(config["metrics"]),
        "weighted_metrics": metrics(config["weighted_metrics"]),
    }


def _mapped(value: Any, function: Any) -> Any:
    """Returns function(leaf) in the nest of lists and dicts that `compile` takes."""
    if isinstance(value, Mapping) and "class_name" not in value:
        return {key: _mapped(one, function) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(one, function) for one in value]
    return function(value)


def _optimizer(value: Mapping[str, Any], conversion: Conversion) -> Any:
    """Returns an optimizer for graphs of the same name, without its state."""
    legacy = versions.keras2().optimizers.legacy
    config = {key: one for key, one in value["config"].items() if key != "name"}
    serialized = {**value, "config": config}
    return conversion.object(serialized, legacy, "optimizer")


def _loss(loss: Any, conversion: Conversion) -> Any:
    """Returns a loss for Keras 2: for an object of Keras 3 one that calls it."""
    keras2, keras3 = versions.keras2(), versions.keras3()
    if not isinstance(loss, keras3.losses.Loss):
        return loss
    if loss.reduction not in (*_REDUCTIONS, None):
        conversion.problems.append(
            f"loss {loss.name!r}: reduction={loss.reduction!r}, which Keras 2 lacks"
        )
        return loss

    base: Any = keras2.losses.Loss

    class Keras3Loss(base):
        """Computes a loss of Keras 3, which has no variables."""

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return loss.call(y_true, y_pred)

    return Keras3Loss(loss.reduction or "none", loss.name)
