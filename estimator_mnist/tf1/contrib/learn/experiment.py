"""Experiment, learn_runner and ExportStrategy of tf.contrib.learn."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.tf1.contrib.learn import arrays, monitors

tf1 = tf.compat.v1


class ExportStrategy(NamedTuple):
    """Writes an export after evaluations, below MODEL_DIR/export/NAME."""

    name: str
    export_fn: Callable[..., Any]
    strip_default_attrs: bool | None = None

    def export(
        self,
        estimator: Any,
        export_path: str,
        checkpoint_path: str | None = None,
        eval_result: Any = None,
        **options: Any,
    ) -> Any:
        """Returns the folder of the export."""
        del eval_result, options
        return self.export_fn(estimator, export_path, checkpoint_path)


def make_export_strategy(
    serving_input_fn: Callable[[], Any],
    default_output_alternative_key: str | None = None,
    assets_extra: dict[str, str] | None = None,
    as_text: bool = False,
    exports_to_keep: int | None = 5,
    strip_default_attrs: bool | None = None,
) -> ExportStrategy:
    """Returns the strategy "Servo": a SavedModel, of which the last few are kept.

    Args:
      serving_input_fn: returns InputFnOps or a ServingInputReceiver.
      default_output_alternative_key, assets_extra, as_text: as in export_savedmodel.
      exports_to_keep: None: all.
      strip_default_attrs: not used.
    """

    def export_fn(estimator: Any, base: str, checkpoint_path: str | None) -> Any:
        options: dict[str, Any] = {"assets_extra": assets_extra, "as_text": as_text}
        options["checkpoint_path"] = checkpoint_path
        if hasattr(estimator, "fit"):
            options["default_output_alternative_key"] = default_output_alternative_key
        path = estimator.export_savedmodel(
            base, lambda: arrays.receiver_of(serving_input_fn()), **options
        )
        _keep_last(base, exports_to_keep)
        return path

    return ExportStrategy("Servo", export_fn, strip_default_attrs)


class Experiment:
    """An Estimator, its inputs, and how long to train."""

    def __init__(
        self,
        estimator: Any,
        train_input_fn: Callable[[], Any],
        eval_input_fn: Callable[[], Any],
        eval_metrics: Mapping[Any, Any] | None = None,
        train_steps: int | None = None,
        eval_steps: int | None = 100,
        train_monitors: Sequence[Any] | None = None,
        eval_hooks: Sequence[Any] | None = None,
        local_eval_frequency: int | None = None,
        eval_delay_secs: int = 120,
        continuous_eval_throttle_secs: int = 60,
        min_eval_frequency: int | None = None,
        delay_workers_by_global_step: bool = False,
        export_strategies: Any = None,
        train_steps_per_iteration: int | None = None,
        checkpoint_and_export: bool = False,
        saving_listeners: Sequence[Any] | None = None,
        check_interval_secs: int = 5,
    ) -> None:
        """Takes an Estimator of tf.contrib.learn or tf.estimator.

        Args:
          train_steps: the last step; None: until the input ends.
          eval_metrics: as in Estimator.evaluate, of tf.contrib.learn.
          eval_steps: None: until the input ends.
          min_eval_frequency: evaluate each so many steps, if there is a new checkpoint;
            None: 1, 0: only at the end.
          export_strategies: one or a list; written after the last evaluation.

        Delays, throttles and intervals are for clusters and not used.
        """
        del eval_delay_secs, continuous_eval_throttle_secs, check_interval_secs
        del delay_workers_by_global_step, checkpoint_and_export
        self.estimator = estimator
        self._train_input_fn, self._eval_input_fn = train_input_fn, eval_input_fn
        self._metrics, self._train_steps = eval_metrics, train_steps
        self._eval_steps, self._eval_hooks = eval_steps, eval_hooks
        self._monitors = list(train_monitors or [])
        frequency = min_eval_frequency
        frequency = local_eval_frequency if frequency is None else frequency
        self._frequency = 1 if frequency is None else frequency
        self._per_iteration = train_steps_per_iteration
        self._listeners = saving_listeners
        self._exports = _strategies(export_strategies)

    def train(self, delay_secs: float | None = None) -> Any:
        """Trains; returns the Estimator."""
        del delay_secs
        return self._train(self._train_steps, self._monitors)

    def evaluate(
        self, delay_secs: float | None = None, name: str | None = None
    ) -> dict[str, Any]:
        """Returns the metrics of the newest checkpoint."""
        del delay_secs
        return self._evaluate(name)

    def train_and_evaluate(self) -> tuple[dict[str, Any], list[Any]]:
        """Trains and evaluates meanwhile; returns the last metrics, and the exports."""
        hooks = self._monitors
        if self._frequency:
            validation = monitors.ValidationMonitor(
                input_fn=self._eval_input_fn,
                eval_steps=self._eval_steps,
                metrics=self._metrics,
                every_n_steps=self._frequency,
                hooks=self._eval_hooks,
            )
            hooks = [*hooks, validation]
        self._train(self._train_steps, hooks)
        found = self._evaluate(None)
        return found, self._export(found)

    def continuous_train_and_eval(
        self, continuous_eval_predicate_fn: Callable[[Any], bool] | None = None
    ) -> tuple[dict[str, Any] | None, list[Any]]:
        """Trains and evaluates by turns; returns the last metrics, and the exports.

        A turn is `train_steps_per_iteration` steps, or all. It ends when the predicate
        of the metrics is false.
        """
        found: dict[str, Any] | None = None
        wanted = continuous_eval_predicate_fn or (lambda metrics: True)
        while wanted(found):
            step = int(found["global_step"]) if found else 0
            if self._train_steps is not None and step >= self._train_steps:
                break
            last = step + (self._per_iteration or self._train_steps or 1000)
            self._train(min(last, self._train_steps or last), self._monitors)
            found = self._evaluate(None)
        return found, self._export(found) if found else []

    def continuous_eval(self, **options: Any) -> dict[str, Any]:
        """Returns the metrics of the newest checkpoint, once: there is no cluster."""
        del options
        return self._evaluate("continuous")

    def test(self) -> tuple[dict[str, Any], list[Any]]:
        """Trains for one step and evaluates one; returns metrics and exports."""
        self._train(1, self._monitors)
        found = self._evaluate("one_pass", steps=1)
        return found, self._export(found)

    local_run = train_and_evaluate

    def _train(self, last: int | None, hooks: Sequence[Any]) -> Any:
        if hasattr(self.estimator, "fit"):
            return self.estimator.fit(
                input_fn=self._train_input_fn, max_steps=last, monitors=hooks
            )
        return self.estimator.train(
            self._train_input_fn,
            max_steps=last,
            hooks=monitors.replace_monitors_with_hooks(list(hooks), self.estimator),
            saving_listeners=self._listeners,
        )

    def _evaluate(self, name: str | None, steps: int | None = None) -> dict[str, Any]:
        return monitors.evaluated(
            self.estimator,
            None,
            input_fn=self._eval_input_fn,
            steps=steps or self._eval_steps,
            metrics=self._metrics,
            hooks=self._eval_hooks,
            name=name,
        )

    def _export(self, found: dict[str, Any]) -> list[Any]:
        base = os.path.join(str(self.estimator.model_dir), "export")
        return [
            strategy.export(
                self.estimator, os.path.join(base, strategy.name), eval_result=found
            )
            for strategy in self._exports
        ]


def run(
    experiment_fn: Callable[..., Experiment],
    output_dir: str | None = None,
    schedule: str | None = None,
    run_config: Any = None,
    hparams: Any = None,
) -> Any:
    """Makes an Experiment and runs it.

    Args:
      experiment_fn: takes `output_dir`, or with a run_config (run_config, hparams).
      output_dir: folder of checkpoints.
      schedule: name of a method of Experiment; None: train_and_evaluate.
      run_config: has the model_dir.
      hparams: HParams.

    Returns:
      what the method returns.

    Raises:
      ValueError: there is no folder, or no such method.
    """
    if run_config is not None:
        experiment = experiment_fn(run_config, hparams)
    elif output_dir:
        experiment = experiment_fn(output_dir)
    else:
        raise ValueError("Must specify an output directory, or a run_config.")
    if not isinstance(experiment, Experiment):
        raise TypeError(
            "Experiment builder did not return an Experiment instance, got "
            f"{type(experiment)} instead."
        )
    name = schedule or "train_and_evaluate"
    if name.startswith("_") or not callable(getattr(experiment, name, None)):
        raise ValueError(f"Schedule references non-existent task {name}")
    return getattr(experiment, name)()


def _strategies(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if type(given) in (list, tuple) else [given]


def _keep_last(base: str, n: int | None) -> None:
    """Deletes all but the last n exports: folders whose names are times."""
    exports = sorted((name for name in os.listdir(base) if name.isdigit()), key=int)
    for name in exports[: -n if n else 0]:
        shutil.rmtree(os.path.join(base, name))
