"""Experiment, learn_runner and ExportStrategy of tf.contrib.learn."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.estimator.session.arguments import argument_names
from estimator_mnist.tf1.contrib.learn import arrays, monitors

tf1 = tf.compat.v1

_TURN = 1000  # steps of continuous_train_and_eval without train_steps


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
    ) -> Any:
        """Returns what `export_fn(estimator, export_path, ...)` does: the folder.

        The other two, and strip_default_attrs, are keywords where export_fn names them.
        """
        options = {
            "checkpoint_path": checkpoint_path,
            "eval_result": eval_result,
            "strip_default_attrs": self.strip_default_attrs,
        }
        names = argument_names(self.export_fn) & set(options)
        named = {name: options[name] for name in names}
        return self.export_fn(estimator, export_path, **named)


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

    def export_fn(estimator: Any, base: str, checkpoint_path: str | None = None) -> Any:
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
          export_strategies: one or a list; written after the last evaluation, and after
            each one of continuous_train_and_eval and continuous_eval.
          train_steps_per_iteration: a turn of continuous_train_and_eval; None: a tenth
            of train_steps, or 1000 without them.

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
        return self._train(self._monitors, max_steps=self._train_steps)

    def evaluate(
        self, delay_secs: float | None = None, name: str | None = None
    ) -> dict[str, Any]:
        """Returns the metrics of the newest checkpoint; its name is "one_pass"."""
        del delay_secs
        return self._evaluate(name or "one_pass")

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
        self._train(hooks, max_steps=self._train_steps)
        found = self._evaluate(None)
        return found, self._export(found)

    def continuous_train_and_eval(
        self, continuous_eval_predicate_fn: Callable[..., bool] | None = None
    ) -> tuple[dict[str, Any] | None, list[Any] | None]:
        """Trains, evaluates and exports by turns; returns the last metrics and exports.

        It ends after the turn that reaches train_steps, and may pass them by less than
        a turn: each trains for as many steps, wherever the checkpoint is.

        Args:
          continuous_eval_predicate_fn: takes the last metrics (None before the first
            turn) and, where it names it, their checkpoint_path; false ends it.

        Returns:
          (None, None) where the predicate wanted no turn.

        Raises:
          ValueError: the predicate is not callable.
        """
        is_wanted = _asking(continuous_eval_predicate_fn)
        found, exports, checkpoint = None, None, None
        while is_wanted(found, checkpoint):
            if found and self._is_done(found):
                tf1.logging.info("Stop training model as max steps reached")
                break
            found = self._turn()
            exports = self._export(found)
            checkpoint = self._newest()
        return found, exports

    def continuous_eval(
        self,
        delay_secs: float | None = None,
        throttle_delay_secs: float | None = None,
        evaluate_checkpoint_only_once: bool = True,
        continuous_eval_predicate_fn: Callable[..., bool] | None = None,
        name: str = "continuous",
    ) -> dict[str, Any] | None:
        """Evaluates and exports the newest checkpoint, once: there is no cluster.

        Args:
          delay_secs, throttle_delay_secs, evaluate_checkpoint_only_once: not used.
          continuous_eval_predicate_fn: as in `continuous_train_and_eval`; also sees the
            metrics of that checkpoint.
          name: of the evaluation.

        Returns:
          the metrics; None where the predicate wanted none.

        Raises:
          ValueError: the predicate is not callable.
        """
        del delay_secs, throttle_delay_secs, evaluate_checkpoint_only_once
        is_wanted = _asking(continuous_eval_predicate_fn)
        if not is_wanted(None, None):
            return None
        checkpoint = self._newest()
        found = self._evaluate(name, checkpoint_path=checkpoint)
        self._export(found, checkpoint)
        is_wanted(found, checkpoint)  # predicates also gather what they see
        return found

    def test(self) -> dict[str, Any]:
        """Trains for one more step, evaluates one and exports; returns the metrics."""
        self._train(self._monitors, steps=1)
        found = self._evaluate("one_pass", steps=1)
        self._export(found)
        return found

    local_run = train_and_evaluate

    def _turn(self) -> dict[str, Any]:
        """Trains for one turn of continuous_train_and_eval; returns its metrics."""
        of_all = _TURN if self._train_steps is None else max(self._train_steps // 10, 1)
        n = of_all if self._per_iteration is None else self._per_iteration
        tf1.logging.info("Training model for %s steps", n)
        self._train(self._monitors, steps=n)
        tf1.logging.info("Evaluating model now.")
        return self._evaluate("one_pass")

    def _is_done(self, found: Mapping[str, Any]) -> bool:
        last = self._train_steps
        return last is not None and int(found["global_step"]) >= last

    def _newest(self) -> str | None:
        return tf1.train.latest_checkpoint(str(self.estimator.model_dir))

    def _train(self, hooks: Sequence[Any], **until: int | None) -> Any:
        """Trains until `max_steps` or for `steps`; returns the Estimator."""
        if hasattr(self.estimator, "fit"):
            return self.estimator.fit(
                input_fn=self._train_input_fn, monitors=hooks, **until
            )
        return self.estimator.train(
            self._train_input_fn,
            hooks=monitors.replace_monitors_with_hooks(list(hooks), self.estimator),
            saving_listeners=self._listeners,
            **until,
        )

    def _evaluate(
        self,
        name: str | None,
        steps: int | None = None,
        checkpoint_path: str | None = None,
    ) -> dict[str, Any]:
        return monitors.evaluated(
            self.estimator,
            checkpoint_path,
            input_fn=self._eval_input_fn,
            steps=steps or self._eval_steps,
            metrics=self._metrics,
            hooks=self._eval_hooks,
            name=name,
        )

    def _export(
        self, found: dict[str, Any], checkpoint_path: str | None = None
    ) -> list[Any]:
        base = os.path.join(str(self.estimator.model_dir), "export")
        return [
            strategy.export(
                self.estimator,
                os.path.join(base, strategy.name),
                checkpoint_path=checkpoint_path,
                eval_result=found,
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


def _asking(predicate: Any) -> Callable[[Any, str | None], bool]:
    """Returns whether to go on, as a function of metrics and their checkpoint."""
    if predicate is None:
        return lambda found, checkpoint: True
    if not callable(predicate):
        raise ValueError("`continuous_eval_predicate_fn` must be a callable, or None.")
    if "checkpoint_path" in argument_names(predicate):
        return lambda found, checkpoint: predicate(found, checkpoint_path=checkpoint)
    return lambda found, checkpoint: predicate(found)


def _keep_last(base: str, n: int | None) -> None:
    """Deletes all but the last n exports: folders whose names are times."""
    exports = sorted((name for name in os.listdir(base) if name.isdigit()), key=int)
    for name in exports[: -n if n else 0]:
        shutil.rmtree(os.path.join(base, name))
