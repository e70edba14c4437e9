"""EstimatorSpec: what a model_fn returns."""

import collections
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import keras3
from estimator_mnist.estimator.export.export_output import ExportOutput, PredictOutput
from estimator_mnist.estimator.mode_keys import ModeKeys

tf1 = tf.compat.v1

DEFAULT_SERVING_KEY = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


_Fields = collections.namedtuple(
    "_Fields",
    [
        "mode",
        "predictions",
        "loss",
        "train_op",
        "eval_metric_ops",
        "export_outputs",
        "training_chief_hooks",
        "training_hooks",
        "scaffold",
        "evaluation_hooks",
        "prediction_hooks",
    ],
)


class EstimatorSpec(_Fields):
    """Holds the ops of one mode, checked when it is made.

    Needed are `loss` and `train_op` for TRAIN, `loss` for EVAL, `predictions` for
    PREDICT; the rest is optional, and may be given in every mode so that a model_fn
    can fill one spec for all three.
    """

    __slots__ = ()

    def __new__(
        cls,
        mode: str | None,
        predictions: tf.Tensor | dict[str, tf.Tensor] | None = None,
        loss: tf.Tensor | None = None,
        train_op: Any = None,
        eval_metric_ops: dict[str, Any] | None = None,
        export_outputs: dict[str, ExportOutput] | None = None,
        training_chief_hooks: Iterable | None = None,
        training_hooks: Iterable | None = None,
        scaffold: tf.compat.v1.train.Scaffold | None = None,
        evaluation_hooks: Iterable | None = None,
        prediction_hooks: Iterable | None = None,
    ) -> "EstimatorSpec":
        """Checks every field for `mode`.

        Args:
          mode: one of ModeKeys. A model_fn that does not know it may give None, for
            which no field is needed.
          predictions: Tensor or dict of Tensors, first dimension the batch.
          loss: scalar Tensor (shape [] or [1]).
          train_op: Operation or Tensor that makes one step and adds 1 to global_step.
          eval_metric_ops: dict name -> (value, update op), where the value is a Tensor
            or a nest of Tensors; or a metric of Keras 2 whose update_state has been
            called, which becomes such a pair.
          export_outputs: dict signature name -> ExportOutput.
          training_chief_hooks, training_hooks, evaluation_hooks, prediction_hooks:
            lists of SessionRunHook for that mode.
          scaffold: tf.compat.v1.train.Scaffold with the model's own init ops or saver.

        Raises:
          ValueError: a needed field is missing, or one is of another graph or shape.
          TypeError: a field is of the wrong type.
        """
        spec = super().__new__(
            cls,
            mode=mode,
            # In the original's order, which decides what is reported first.
            train_op=_checked_train_op(train_op, mode),
            loss=_checked_loss(loss, mode),
            predictions=_checked_predictions(predictions, mode),
            eval_metric_ops=_metric_pairs(eval_metric_ops),
            export_outputs=_complete_exports(export_outputs, predictions, mode),
            training_chief_hooks=_checked_hooks(training_chief_hooks),
            training_hooks=_checked_hooks(training_hooks),
            evaluation_hooks=_checked_hooks(evaluation_hooks),
            prediction_hooks=_checked_hooks(prediction_hooks),
            scaffold=_checked_scaffold(scaffold),
        )
        _check_graph(spec)
        return spec

    def _replace(self, **fields: Any) -> "EstimatorSpec":
        """Returns a copy with other fields, checked as a new one; the mode stays."""
        if fields.get("mode", self.mode) != self.mode:
            raise ValueError(
                f"mode of EstimatorSpec cannot be changed. It is {self.mode}, given: "
                f"{fields['mode']}"
            )
        return EstimatorSpec(**{**self._asdict(), **fields})


def _is_op(value: Any) -> bool:
    return isinstance(value, (tf.Operation, tf.Tensor, tf.Variable))


def _checked_predictions(predictions: Any, mode: str | None) -> Any:
    if predictions is None:
        if mode == ModeKeys.PREDICT:
            raise ValueError("Missing predictions.")
        return {}
    in_dict = isinstance(predictions, dict)
    for key, value in (predictions if in_dict else {None: predictions}).items():
        if not isinstance(value, (tf.Tensor, tf.Variable)):
            where = f"predictions[{key}]" if in_dict else "predictions"
            raise TypeError(f"{where} must be Tensor, given: {errors.sample(value)}")
    # Not a subclass, such as an OrderedDict, whose type a session would return.
    return dict(predictions) if in_dict else predictions


def _checked_loss(loss: Any, mode: str | None) -> tf.Tensor | None:
    if loss is None:
        if mode in (ModeKeys.TRAIN, ModeKeys.EVAL):
            raise ValueError("Missing loss.")
        return None
    if not _is_op(loss) or isinstance(loss, tf.Operation):
        raise TypeError(f"loss must be Tensor, given: {errors.sample(loss)}")
    if loss.shape.num_elements() not in (None, 1):
        raise ValueError(f"Loss must be scalar, given: {errors.sample(loss)}")
    return tf.reshape(loss, []) if loss.shape.rank else loss


def _checked_train_op(train_op: Any, mode: str | None) -> Any:
    if train_op is None and mode == ModeKeys.TRAIN:
        raise ValueError("Missing train_op.")
    if train_op is not None and not _is_op(train_op):
        raise TypeError(
            f"train_op must be Operation or Tensor, given: {errors.sample(train_op)}"
        )
    return train_op


@runtime_checkable
class _KerasMetric(Protocol):
    """A metric object of Keras 2."""

    name: str
    updates: list[tf.Operation]
    variables: list[tf.Variable]

    def result(self) -> tf.Tensor:
        """Returns the metric's value."""


def _metric_pairs(metrics: Any) -> dict[Any, tuple]:
    """Returns the metrics, each as a pair of its value, maybe nested, and update op."""
    metrics = {} if metrics is None else metrics
    if not isinstance(metrics, dict):
        raise TypeError(
            f"eval_metric_ops must be a dict, given: {errors.sample(metrics)}"
        )
    # The original notices a ragged value last, when it uses it.
    in_turn = sorted(metrics, key=lambda key: _has_ragged_part(metrics[key]))
    pairs = {key: _metric_pair(key, metrics[key]) for key in in_turn}
    return {key: pairs[key] for key in metrics}


def _has_ragged_part(metric: Any) -> bool:
    parts = metric if isinstance(metric, tuple) else ()
    return any(isinstance(part, tf.RaggedTensor) for part in parts)


def _metric_pair(key: Any, metric: Any) -> tuple:
    keras3.check_metric(key, metric)
    if isinstance(metric, _KerasMetric):
        return _pair_of_keras(metric)
    is_pair = isinstance(metric, tuple) and len(metric) == 2
    if not is_pair or not all(map(_is_metric_part, tf.nest.flatten(metric))):
        raise TypeError(
            "Values of eval_metric_ops must be (metric_value, update_op) "
            f"tuples, given: {errors.sample(metric)} for key: {key}. Both are Tensors, "
            "or the update_op an Operation."
        )
    return metric


def _is_metric_part(value: Any) -> bool:
    return _is_op(value) or isinstance(value, tf.SparseTensor)


def _pair_of_keras(metric: _KerasMetric) -> tuple:
    """Returns (value, update op); the variables begin again in each evaluation."""
    updates = metric.updates
    if not updates:
        raise ValueError(
            f'Please call update_state(...) on the "{metric.name}" metric, in the '
            "graph of model_fn, before the EstimatorSpec is made."
        )
    for name in (tf1.GraphKeys.LOCAL_VARIABLES, tf1.GraphKeys.METRIC_VARIABLES):
        collection = tf1.get_collection_ref(name)
        known = {variable.ref() for variable in collection}
        collection += [v for v in metric.variables if v.ref() not in known]
    update = updates[0] if len(updates) == 1 else tf.group(*updates)
    return metric.result(), update


def _complete_exports(
    exports: Any, predictions: Any, mode: str | None
) -> dict[str, ExportOutput] | None:
    """Returns the outputs: of PREDICT mode checked, one for the default signature.

    Other modes export their metrics, and a model_fn may give anything there.
    """
    if mode != ModeKeys.PREDICT:
        return exports
    if exports is None:
        exports = {DEFAULT_SERVING_KEY: PredictOutput(predictions)}
    if not isinstance(exports, dict):
        raise TypeError(
            f"`export_outputs` must be dict, received: {errors.sample(exports)}."
        )
    for key, value in exports.items():
        if not isinstance(value, ExportOutput):
            raise TypeError(
                "Values in `export_outputs` must be ExportOutput objects, "
                f"received: {errors.sample(exports)}. "
                f"{errors.sample(value)} is none, for key: {key}."
            )
    if len(exports) > 1 and DEFAULT_SERVING_KEY not in exports:
        raise ValueError(
            "Multiple `export_outputs` were provided, but none of them are specified "
            f"as the default. Name one of them {DEFAULT_SERVING_KEY!r}."
        )
    if len(exports) == 1:
        exports = {**exports, DEFAULT_SERVING_KEY: next(iter(exports.values()))}
    return exports


def _checked_hooks(hooks: Iterable | None) -> tuple:
    hooks = tuple(hooks or [])
    for hook in hooks:
        if not isinstance(hook, tf1.train.SessionRunHook):
            raise TypeError(
                "All hooks must be SessionRunHook instances, "
                f"given: {errors.sample(hook)}"
            )
    return hooks


def _checked_scaffold(scaffold: Any) -> tf.compat.v1.train.Scaffold:
    scaffold = scaffold or tf1.train.Scaffold()
    if not isinstance(scaffold, tf1.train.Scaffold):
        raise TypeError(
            f"scaffold must be tf.train.Scaffold, given: {errors.sample(scaffold)}"
        )
    return scaffold


def _check_graph(spec: EstimatorSpec) -> None:
    """Raises ValueError for a tensor of another graph, which would fail much later."""
    if tf.executing_eagerly():
        return
    _check_origin("prediction values", spec.predictions)
    _check_origin("loss", spec.loss)
    _check_origin("train_op", spec.train_op)
    _check_origin("eval_metric_ops", spec.eval_metric_ops)


def _check_origin(what: str, values: Any) -> None:
    graph = tf1.get_default_graph()
    named = values.items() if isinstance(values, dict) else [(None, values)]
    for key, nested in named:
        for value in tf.nest.flatten(nested):
            if value is not None and value.graph is not graph:
                name = value.name if key is None else f"{key}: {value.name}"
                raise ValueError(
                    f'{what} with "{name}" must be from the default graph. Build every '
                    "op of an EstimatorSpec inside model_fn."
                )
