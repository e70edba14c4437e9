"""Estimator of tf.contrib.learn, on this package's: fit, evaluate and predict."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import estimator as runtime
from estimator_mnist.tf1.contrib.learn import arrays
from estimator_mnist.tf1.contrib.learn import monitors as hooks_of_old

tf1 = tf.compat.v1
_MODES = runtime.ModeKeys

InputFn = Callable[[], Any]


class ModelFnOps(NamedTuple):
    """What a model_fn of tf.contrib.learn returns."""

    mode: str
    predictions: Any = None
    loss: Any = None
    train_op: Any = None
    eval_metric_ops: Any = None
    output_alternatives: Any = None
    training_chief_hooks: Any = None
    training_hooks: Any = None
    scaffold: Any = None

    def estimator_spec(
        self, default_serving_output_alternative_key: str | None = None
    ) -> runtime.EstimatorSpec:
        """Returns the same as tf.estimator's."""
        is_served = self.mode == _MODES.PREDICT
        key = default_serving_output_alternative_key
        return runtime.EstimatorSpec(
            self.mode,
            predictions=self.predictions,
            loss=None if is_served or self.loss is None else tf.reshape(self.loss, []),
            train_op=None if is_served else self.train_op,
            eval_metric_ops=dict(self.eval_metric_ops or {}),
            export_outputs=_outputs(self, key) if is_served else None,
            training_chief_hooks=self.training_chief_hooks,
            training_hooks=self.training_hooks,
            scaffold=self.scaffold,
        )


class MetricSpec(NamedTuple):
    """A metric, and the keys of what it compares; None: all there is."""

    metric_fn: Callable[..., Any]
    prediction_key: str | None = None
    label_key: str | None = None
    weight_key: str | None = None

    def create_metric_ops(self, inputs: Any, labels: Any, predictions: Any) -> Any:
        """Returns (value, update_op)."""
        arguments = {
            "predictions": _of_key(predictions, self.prediction_key),
            "labels": _of_key(labels, self.label_key),
        }
        if self.weight_key is not None:
            arguments["weights"] = inputs[self.weight_key]
        return self.metric_fn(**arguments)


class Estimator:
    """Trains, evaluates and predicts with a model_fn of tf.contrib.learn.

    The model_fn returns `ModelFnOps`, an EstimatorSpec, or (predictions, loss,
    train_op).
    """

    def __init__(
        self,
        model_fn: Callable[..., Any] | None = None,
        model_dir: str | None = None,
        config: runtime.RunConfig | None = None,
        params: Mapping[str, Any] | None = None,
        feature_engineering_fn: Callable[..., Any] | None = None,
    ) -> None:
        """Makes an Estimator.

        Args:
          model_fn: takes (features, labels) and, of mode, params, config and model_dir,
            what it names.
          model_dir, config: as in tf.estimator.Estimator.
          params: for the model_fn; also HParams.
          feature_engineering_fn: takes (features, labels) and returns others.

        Raises:
          ValueError: there is no model_fn.
        """
        if model_fn is None:
            raise ValueError("Estimator: model_fn is required.")
        self._user_fn, self._engineer = model_fn, feature_engineering_fn
        self._user_params = params
        self._estimator = runtime.Estimator(self._adapted({}), model_dir, config)

    @property
    def model_dir(self) -> str:
        """Returns the folder of its checkpoints."""
        return self._estimator.model_dir

    @property
    def config(self) -> runtime.RunConfig:
        """Its RunConfig."""
        return self._estimator.config

    @property
    def params(self) -> Any:
        """Returns a copy of the params."""
        return self._user_params

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: InputFn | None = None,
        steps: int | None = None,
        batch_size: int | None = None,
        monitors: Sequence[Any] | None = None,
        max_steps: int | None = None,
    ) -> "Estimator":
        """Trains, on arrays (in random order, again and again) or an input_fn.

        Args:
          x, y: arrays, or dicts of arrays by name.
          input_fn: instead of arrays.
          steps: further steps; max_steps: the last step.
          batch_size: of arrays; None: all at once.
          monitors: hooks, or monitors of tf.contrib.learn.

        Returns:
          itself.

        Raises:
          ValueError: both or none of x and input_fn are given, or both kinds of steps.
        """
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        source = arrays.input_of(
            x, y, input_fn, batch_size, num_epochs=None, shuffle=True
        )
        hooks = hooks_of_old.replace_monitors_with_hooks(monitors, self)
        self._estimator.train(source, hooks=hooks, steps=steps, max_steps=max_steps)
        return self

    def partial_fit(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: InputFn | None = None,
        steps: int = 1,
        batch_size: int | None = None,
        monitors: Sequence[Any] | None = None,
    ) -> "Estimator":
        """Trains for one further step, or `steps`; arguments as in `fit`."""
        return self.fit(x, y, input_fn, steps, batch_size, monitors)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: InputFn | None = None,
        feed_fn: None = None,
        batch_size: int | None = None,
        steps: int | None = None,
        metrics: Mapping[Any, Any] | None = None,
        name: str | None = None,
        checkpoint_path: str | None = None,
        hooks: Sequence[Any] | None = None,
        log_progress: bool = True,
    ) -> dict[str, Any]:
        """Returns the metrics, "loss" and "global_step".

        Args:
          x, y, input_fn, batch_size: as in `fit`; arrays are read once, in order.
          feed_fn: None.
          steps: None: all.
          metrics: by name, or by (name, key of the prediction): MetricSpecs, or
            functions of (predictions, labels).
          name: of the evaluation's folder.
          checkpoint_path: None: the newest.
          hooks: of the evaluation.
          log_progress: not used.
        """
        del feed_fn, log_progress
        source = arrays.input_of(
            x, y, input_fn, batch_size, num_epochs=1, shuffle=False
        )
        measured = self._estimator.with_model_fn(self._adapted(metrics or {}))
        return measured.evaluate(source, steps, hooks, checkpoint_path, name)

    def score(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: InputFn | None = None,
        batch_size: int | None = None,
        steps: int | None = None,
        metrics: Mapping[Any, Any] | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Returns `evaluate` of the same arguments."""
        return self.evaluate(x, y, input_fn, None, batch_size, steps, metrics, name)

    def predict(
        self,
        x: Any = None,
        input_fn: InputFn | None = None,
        batch_size: int | None = None,
        outputs: Sequence[str] | None = None,
        as_iterable: bool = True,
        iterate_batches: bool = False,
    ) -> Any:
        """Returns the predictions one by one, or as arrays if not `as_iterable`.

        Args:
          x, input_fn, batch_size: as in `evaluate`.
          outputs: keys of the predictions; None: all.
          as_iterable, iterate_batches: whether one by one, or batch by batch.
        """
        source = arrays.input_of(
            x, None, input_fn, batch_size, num_epochs=1, shuffle=False
        )
        found: Iterator[Any] = self._estimator.predict(
            source,
            list(outputs) if outputs else None,
            yield_single_examples=not iterate_batches,
        )
        return found if as_iterable else arrays.stacked(list(found), iterate_batches)

    def get_variable_names(self) -> list[str]:
        """Returns the names of the variables in the newest checkpoint."""
        return self._estimator.get_variable_names()

    def get_variable_value(self, name: str) -> np.ndarray:
        """Returns the value of a variable in the newest checkpoint."""
        return self._estimator.get_variable_value(name)

    def export_savedmodel(
        self,
        export_dir_base: str,
        serving_input_fn: Callable[[], Any],
        default_output_alternative_key: str | None = None,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: str | None = None,
        **options: Any,
    ) -> bytes:
        """Returns the folder of a SavedModel that it writes below export_dir_base.

        Args:
          serving_input_fn: returns `InputFnOps` or a ServingInputReceiver.
          default_output_alternative_key: of ModelFnOps.output_alternatives.

        The rest is as in tf.estimator.Estimator.export_saved_model.
        """
        del options
        served = self._estimator.with_model_fn(
            self._adapted({}, default_output_alternative_key)
        )
        return served.export_saved_model(
            export_dir_base,
            lambda: arrays.receiver_of(serving_input_fn()),
            assets_extra,
            as_text,
            checkpoint_path,
        )

    def _adapted(
        self, metrics: Mapping[Any, Any], key: str | None = None
    ) -> Callable[..., runtime.EstimatorSpec]:
        """Returns a model_fn of tf.estimator."""
        names = set(inspect.signature(self._user_fn).parameters)

        def model_fn(
            features: Any, labels: Any, mode: str, config: runtime.RunConfig
        ) -> runtime.EstimatorSpec:
            if self._engineer is not None:
                features, labels = self._engineer(features, labels)
            known = {"mode": mode, "params": self._user_params, "config": config}
            known["model_dir"] = config.model_dir
            options = {name: known[name] for name in known if name in names}
            ops = _ops(mode, self._user_fn(features, labels, **options))
            if isinstance(ops, runtime.EstimatorSpec):
                return ops
            if mode == _MODES.EVAL:
                made = _metrics(metrics, features, labels, ops.predictions)
                ops = ops._replace(
                    eval_metric_ops={**(ops.eval_metric_ops or {}), **made}
                )
            return ops.estimator_spec(key)

        return model_fn


class SKCompat:
    """An Estimator in the manner of scikit-learn: x, then y, in batches of 128."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 128,
        steps: int | None = None,
        max_steps: int | None = None,
        monitors: Sequence[Any] | None = None,
    ) -> "SKCompat":
        """Trains; see `Estimator.fit`. Returns itself."""
        self._estimator.fit(
            x,
            y,
            steps=steps,
            batch_size=batch_size,
            monitors=monitors,
            max_steps=max_steps,
        )
        return self

    def score(
        self,
        x: Any,
        y: Any,
        batch_size: int = 128,
        steps: int | None = None,
        metrics: Mapping[Any, Any] | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Returns `Estimator.evaluate`."""
        return self._estimator.evaluate(
            x, y, batch_size=batch_size, steps=steps, metrics=metrics, name=name
        )

    def predict(
        self, x: Any, batch_size: int = 128, outputs: Sequence[str] | None = None
    ) -> Any:
        """Returns the predictions as arrays [n, ...], by their names."""
        return self._estimator.predict(
            x, batch_size=batch_size, outputs=outputs, as_iterable=False
        )


def _ops(mode: str, made: Any) -> Any:
    if isinstance(made, (ModelFnOps, runtime.EstimatorSpec)):
        return made
    if isinstance(made, tuple) and len(made) == 3:
        return ModelFnOps(mode, *made)
    raise ValueError(
        f"Unrecognized value returned by model_fn, {made}: return ModelFnOps."
    )


def _outputs(ops: ModelFnOps, key: str | None) -> dict[str, Any]:
    """Returns the export outputs of the alternatives, or of all predictions."""
    alternatives = ops.output_alternatives
    if not alternatives:
        named = ops.predictions
        named = named if isinstance(named, dict) else {"output": named}
        alternatives = {None: (None, named)}
    output = runtime.export.PredictOutput
    made = {k: output(tensors) for k, (_, tensors) in alternatives.items()}
    default = key if key in made else next(iter(made))
    found = {str(k): v for k, v in made.items() if k is not None}
    found[tf1.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY] = made[
        default
    ]
    return found


def _metrics(
    metrics: Mapping[Any, Any], features: Any, labels: Any, predictions: Any
) -> dict[str, Any]:
    made = {}
    for name, metric in metrics.items():
        name, key = name if isinstance(name, tuple) else (name, None)
        if not isinstance(metric, MetricSpec):
            metric = _by_position(metric, key)
        made[name] = metric.create_metric_ops(features, labels, predictions)
    return made


def _by_position(metric: Callable[..., Any], key: str | None) -> MetricSpec:
    return MetricSpec(lambda predictions, labels: metric(predictions, labels), key)


def _of_key(values: Any, key: str | None) -> Any:
    if not isinstance(values, Mapping):
        return values
    if key is None and len(values) > 1:
        raise ValueError(f"MetricSpec without key requires one tensor: {list(values)}")
    return values[next(iter(values)) if key is None else key]
