"""The model_fn of an Estimator that was made from a Keras model."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.export.export_output import PredictOutput
from estimator_mnist.estimator.keras import graph_copy, sample_weights
from estimator_mnist.estimator.keras.graph_copy import KerasModel
from estimator_mnist.estimator.keras.object_checkpoint import ObjectCheckpoint
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY, EstimatorSpec

tf1 = tf.compat.v1


@dataclasses.dataclass(frozen=True)
class KerasModelFn:
    """Is a model_fn that puts copies of a Keras model into the graphs of an Estimator.

    Attributes:
      source: the model.
      metric_names: dict name of a metric in Keras -> its name in evaluations, or None
        for the same names.
      export_outputs: dict output's name -> class of an ExportOutput, or None.
      checkpoint: how variables are called in object-based checkpoints, or None for
        checkpoints by the variables' names.
    """

    source: KerasModel
    metric_names: Mapping[str, str] | None
    export_outputs: Mapping[str, type] | None
    checkpoint: ObjectCheckpoint | None

    def __call__(
        self, features: Any, labels: Any, mode: str, config: Any
    ) -> EstimatorSpec:
        """Returns the spec of a mode; arguments as of any model_fn.

        Raises:
          MissingKeysError: features or labels, as dicts, lack an input or output.
          ValueError: there are no labels to train with, or metric_names are wrong.
        """
        model = self.source.model
        features, weights = sample_weights.split(features)
        inputs = _in_order(features, _names(model, "input_names"), "features", "inputs")
        targets = _in_order(labels, _names(model, "output_names"), "labels", "outputs")
        if mode == ModeKeys.PREDICT:
            with self.source.copy(mode, inputs) as copy:
                return self._spec(copy, mode, config)
        _check_labels(model, labels)
        settings = sample_weights.settings(model) if weights is not None else {}
        with self.source.copy(mode, inputs, targets) as copy:
            metrics = list(copy.metrics)
            if weights is not None:
                metrics = sample_weights.apply(
                    self.source.keras, copy, settings, targets, weights
                )
            return self._spec(copy, mode, config, metrics)

    def _spec(
        self, copy: Any, mode: str, config: Any, metrics: Sequence = ()
    ) -> EstimatorSpec:
        predictions = dict(zip(copy.output_names, copy.outputs, strict=True))
        training = mode == ModeKeys.TRAIN
        train_op = graph_copy.train_op(copy) if training else None
        scaffold = self.checkpoint and self.checkpoint.scaffold(mode, config)
        return EstimatorSpec(
            mode,
            predictions,
            loss=None if mode == ModeKeys.PREDICT else copy.total_loss,
            train_op=train_op,
            eval_metric_ops=_named(metrics, self.metric_names),
            export_outputs=_exports(predictions, self.export_outputs),
            scaffold=scaffold,
        )


def _names(model: Any, attribute: str) -> list[str]:
    """Returns the names of inputs or outputs; [] where a model is not built."""
    return list(getattr(model, attribute, None) or [])


def _in_order(
    values: Any, names: list[str], argument: str, what: str
) -> list[tf.Tensor] | None:
    """Returns the tensors of `values` in the order of a model's inputs or outputs."""
    if values is None:
        return None
    if isinstance(values, Mapping) and names:
        if missing := set(names) - set(values):
            raise errors.MissingKeysError(
                f"The dictionary passed into {argument} does not cover requested "
                f"{what} keys defined in the keras model.\n"
                f"\tExpected keys: {set(names)}\n\t{argument} keys: {set(values)}\n"
                f"\tMissed keys: {missing}"
            )
        values = [values[name] for name in names]
    return tf.nest.flatten(values)


def _check_labels(model: Any, labels: Any) -> None:
    if labels is None and model.loss:
        raise ValueError(
            "labels are missing: the Keras model is compiled with a loss, so input_fn "
            "must return (features, labels) for training and evaluation."
        )


def _named(metrics: Sequence, names: Mapping[str, str] | None) -> dict[str, Any] | None:
    if not metrics:
        return None
    own = [metric.name for metric in metrics]
    if not names:
        return dict(zip(own, metrics, strict=True))
    if missing := [name for name in own if name not in names]:
        raise ValueError(
            "Invalid `metric_names_map`. The following keras model metric names:"
            f'"{missing}" do not exist in the `metric_names_map` dictionary'
        )
    if unknown := [name for name in names if name not in own]:
        raise ValueError(
            "Invalid `metric_names_map`. There are unexpected keys in the "
            f"`metric_names_map` dictionary. Expected keys: {own}, Received: {unknown}"
        )
    return {names[name]: metric for name, metric in zip(own, metrics, strict=True)}


def _exports(
    predictions: Mapping[str, tf.Tensor], given: Mapping[str, type] | None
) -> dict[str, Any] | None:
    if not given:
        return None
    if missing := set(given) - set(predictions):
        raise errors.MissingKeysError(
            f"The list passed into {list(predictions)} does not cover requested "
            f"{given} keys defined in the keras model.\n\tExpected keys: {set(given)}\n"
            f"\t{list(predictions)} keys: {set(predictions)}\n\tMissed keys: {missing}"
        )
    outputs = {name: kind(predictions[name]) for name, kind in given.items()}
    return {DEFAULT_SERVING_KEY: PredictOutput(predictions), **outputs}
