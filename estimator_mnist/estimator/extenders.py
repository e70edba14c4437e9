"""Adds to what somebody else wrote: metrics, forwarded features, clipped gradients."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.estimator import Estimator
from estimator_mnist.estimator.export.export_output import ExportOutput, PredictOutput
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY, EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.arguments import check_arguments

_ARGUMENTS = {"features", "labels", "predictions", "config"}

Tensors = dict[str, tf.Tensor]
_Gradients = list[tuple[tf.Tensor | tf.IndexedSlices | None, tf.Variable]]


def add_metrics(estimator: Estimator, metric_fn: Callable[..., dict]) -> Estimator:
    """Returns a new Estimator on the same model_dir that evaluates more metrics.

    Args:
      estimator: the Estimator, which does not change.
      metric_fn: called with those of features, labels, predictions and config that it
        names (`**` gets none of them); returns a dict name -> (value Tensor, update
        op). A metric of the model's with the same name is replaced.

    Raises:
      ValueError: metric_fn has other arguments.
    """
    names = check_arguments(metric_fn, "metric_fn", allowed=_ARGUMENTS)
    model_fn = estimator.model_fn

    def with_metrics(
        features: Any, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        spec = model_fn(features, labels, mode, config)
        if mode != ModeKeys.EVAL:
            return spec
        offered = {
            "features": features,
            "labels": labels,
            "predictions": spec.predictions,
            "config": config,
        }
        arguments = {key: value for key, value in offered.items() if key in names}
        metrics = {**spec.eval_metric_ops, **metric_fn(**arguments)}
        return EstimatorSpec(
            mode,
            predictions=spec.predictions,
            loss=spec.loss,
            train_op=spec.train_op,
            eval_metric_ops=metrics,
            export_outputs=spec.export_outputs,
            scaffold=spec.scaffold,
            evaluation_hooks=spec.evaluation_hooks,
        )

    return Estimator.with_model_fn(estimator, with_metrics)


def forward_features(
    estimator: Estimator,
    keys: str | Sequence[str] | None = None,
    sparse_default_values: dict[str, Any] | None = None,
) -> Estimator:
    """Returns an Estimator on the same model_dir whose predictions repeat features.

    So do its export outputs `predict` and, if that gives predictions, the default.

    Args:
      estimator: the Estimator, which does not change; its features are a dict, and its
        predictions.
      keys: of the features to repeat; None repeats all.
      sparse_default_values: dict key -> what stands for missing values of a
        SparseTensor, which is repeated as a Tensor.

    Raises:
      TypeError: `keys` are no strings.
      ValueError: from `predict`, a feature is missing, is sparse and has no default
        value, or a prediction has its key.
    """
    keys = _checked_keys(keys)
    model_fn = estimator.model_fn

    def with_features(
        features: Any, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        spec = model_fn(features, labels, mode, config)
        if mode != ModeKeys.PREDICT:
            return spec
        repeated = _repeated(features, spec, keys, sparse_default_values or {})
        return spec._replace(
            predictions={**spec.predictions, **repeated},
            export_outputs=_with_outputs(spec.export_outputs, repeated),
        )

    return Estimator.with_model_fn(estimator, with_features)


def clip_gradients_by_norm(
    optimizer: tf.compat.v1.train.Optimizer, clip_norm: float
) -> tf.compat.v1.train.Optimizer:
    """Returns an optimizer that clips all gradients together, and then applies them.

    Args:
      optimizer: applies the gradients; its variables keep their names.
      clip_norm: the highest L2 norm of all variables' gradients together; if it is
        higher, all are scaled by the same factor.
    """

    def clipped(gradients: _Gradients) -> _Gradients:
        found, variables = zip(*gradients, strict=True)
        scaled, _ = tf.clip_by_global_norm(found, clip_norm)
        return list(zip(scaled, variables, strict=True))

    return _TransformedGradients(optimizer, clipped, "ClipByNorm")


class _TransformedGradients(tf.compat.v1.train.Optimizer):
    """Changes the gradients that another optimizer computes, before it applies them."""

    def __init__(
        self,
        optimizer: tf.compat.v1.train.Optimizer,
        transform: Callable[[_Gradients], _Gradients],
        name: str,
    ) -> None:
        super().__init__(use_locking=False, name=name + optimizer.get_name())
        self._optimizer = optimizer
        self._transform = transform

    def compute_gradients(self, *arguments: Any, **named: Any) -> _Gradients:
        """Returns the changed gradients; see tf.compat.v1.train.Optimizer."""
        return self._transform(self._optimizer.compute_gradients(*arguments, **named))

    def apply_gradients(self, *arguments: Any, **named: Any) -> tf.Operation:
        """Returns the op that applies them; see tf.compat.v1.train.Optimizer."""
        return self._optimizer.apply_gradients(*arguments, **named)

    def get_slot(self, var: tf.Variable, name: str) -> tf.Variable | None:
        """Returns the other optimizer's slot."""
        return self._optimizer.get_slot(var, name)

    def get_slot_names(self) -> list[str]:
        """Returns the names of the other optimizer's slots."""
        return self._optimizer.get_slot_names()

    def variables(self) -> list[tf.Variable]:
        """Returns the other optimizer's variables."""
        return self._optimizer.variables()


def _checked_keys(keys: Any) -> list[str] | None:
    if keys is None or isinstance(keys, str):
        return keys if keys is None else [keys]
    if not isinstance(keys, (list, tuple)):
        raise TypeError(
            f"keys should be either a string or a list of strings. Given: {type(keys)}"
        )
    for key in keys:
        if not isinstance(key, str):
            raise TypeError(
                "All items in the given keys list should be a string. There exist an "
                f"item with type: {type(key)}"
            )
    return list(keys)


def _repeated(
    features: Any,
    spec: EstimatorSpec,
    keys: list[str] | None,
    sparse_default_values: dict[str, Any],
) -> Tensors:
    """Returns the features that are to be repeated, all of them Tensors."""
    if not isinstance(spec.predictions, dict):
        raise ValueError(
            "Predictions should be a dict to be able to forward features. "
            f"Given: {type(spec.predictions)}"
        )
    found = {}
    for key in features if keys is None else keys:
        if key not in features:
            raise ValueError(
                f'keys should be exist in features. Key "{key}" is not in features '
                f"dict. features dict has following keys: {list(features)}."
            )
        if key in spec.predictions:
            raise ValueError(
                f"Cannot forward feature key ({key}). Since it does exist in "
                f"predictions. Existing prediction keys: {list(spec.predictions)}."
            )
        found[key] = _as_tensor(key, features[key], sparse_default_values)
    return found


def _as_tensor(
    key: str, feature: Any, sparse_default_values: dict[str, Any]
) -> tf.Tensor:
    if key in sparse_default_values and isinstance(feature, tf.SparseTensor):
        return tf.sparse.to_dense(feature, sparse_default_values[key])
    if not isinstance(feature, tf.Tensor):
        raise ValueError(
            f"Feature ({key}) should be a Tensor. Please use `keys` argument of "
            "forward_features to filter unwanted features, or add key to argument "
            f"`sparse_default_values`. Type of features[{key}] is {type(feature)}."
        )
    return feature


def _with_outputs(
    outputs: dict[str, ExportOutput], tensors: Tensors
) -> dict[str, ExportOutput]:
    found = dict(outputs)
    for key in (DEFAULT_SERVING_KEY, "predict"):
        output = found.get(key)
        if isinstance(output, PredictOutput):
            found[key] = PredictOutput({**output.outputs, **tensors})
    return found
