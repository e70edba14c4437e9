"""Monitors of tf.contrib.learn, as hooks."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

_SAME = {
    "NanLossDuringTrainingError": "train.NanLossDuringTrainingError",
}
__all__ = [
    "BaseMonitor",
    "CheckpointSaver",
    "EveryN",
    "NanLoss",
    "PrintTensor",
    "RunHookAdapterForMonitors",
    "StepCounter",
    "StopAtStep",
    "SummarySaver",
    "ValidationMonitor",
    "replace_monitors_with_hooks",
    *_SAME,
]


class BaseMonitor:
    """Base of monitors: methods that are called as the training goes on."""

    def __init__(self) -> None:
        self._estimator: Any = None

    def set_estimator(self, estimator: Any) -> None:
        """Takes the Estimator that trains."""
        self._estimator = estimator

    def begin(self, max_steps: int | None = None) -> None:
        """Is called before the training."""

    def end(self, session: Any = None) -> None:
        """Is called after the training."""

    def step_begin(self, step: int) -> list[Any]:
        """Returns tensors, or their names, to compute with this step."""
        del step
        return []

    def step_end(self, step: int, output: Mapping[str, Any]) -> bool:
        """Returns whether to stop, given the values by the names of the tensors."""
        del step, output
        return False

    def post_step(self, step: int, session: Any) -> None:
        """Is called after each step."""


class EveryN(BaseMonitor):
    """Base of monitors that are called at the first steps, then at each n-th."""

    def __init__(self, every_n_steps: int = 100, first_n_steps: int = 1) -> None:
        super().__init__()
        self._every_n_steps, self._first_n_steps = every_n_steps, first_n_steps
        self._last_active: int | None = None

    def every_n_step_begin(self, step: int) -> list[Any]:
        """Returns tensors, or their names, to compute with this step."""
        del step
        return []

    def every_n_step_end(self, step: int, outputs: Mapping[str, Any]) -> bool:
        """Returns whether to stop."""
        del step, outputs
        return False

    def every_n_post_step(self, step: int, session: Any) -> None:
        """Is called after such a step."""

    def step_begin(self, step: int) -> list[Any]:
        """Calls `every_n_step_begin` where it is time."""
        last = self._last_active
        is_first = last is None or step <= self._first_n_steps
        if is_first or step >= (last or 0) + self._every_n_steps:
            self._last_active = step
        if self._last_active != step:
            return []
        return self.every_n_step_begin(step) or []

    def step_end(self, step: int, output: Mapping[str, Any]) -> bool:
        """Calls `every_n_step_end` where it is time."""
        if self._last_active != step:
            return False
        return bool(self.every_n_step_end(step, output))

    def post_step(self, step: int, session: Any) -> None:
        """Calls `every_n_post_step` where it is time."""
        if self._last_active == step:
            self.every_n_post_step(step, session)


class ValidationMonitor(EveryN):
    """Evaluates each n steps, if there is a new checkpoint; may stop early.

    Attributes:
      early_stopped: whether it stopped the training.
      best_step, best_value: of the early_stopping_metric.
    """

    def __init__(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: Callable[[], Any] | None = None,
        batch_size: int | None = None,
        eval_steps: int | None = None,
        every_n_steps: int = 100,
        metrics: Mapping[Any, Any] | None = None,
        hooks: Sequence[Any] | None = None,
        early_stopping_rounds: int | None = None,
        early_stopping_metric: str = "loss",
        early_stopping_metric_minimize: bool = True,
        name: str | None = None,
        check_interval_secs: float | None = 5,
    ) -> None:
        """Takes the arguments of Estimator.evaluate, and when to stop.

        Args:
          early_stopping_rounds: stop after so many steps without a better value.
          early_stopping_metric: name of the value.
          early_stopping_metric_minimize: whether less is better.
          check_interval_secs: not used.
        """
        super().__init__(every_n_steps, first_n_steps=-1)
        del check_interval_secs
        self._arguments: dict[str, Any] = {
            "x": x,
            "y": y,
            "input_fn": input_fn,
            "batch_size": batch_size,
            "steps": eval_steps,
            "metrics": metrics,
            "hooks": hooks,
            "name": name,
        }
        self._rounds, self._metric = early_stopping_rounds, early_stopping_metric
        self._is_better = operator.lt if early_stopping_metric_minimize else operator.gt
        self._evaluated: str | None = None
        self.early_stopped = False
        self.best_step: int | None = None
        self.best_value: float | None = None

    def every_n_step_end(self, step: int, outputs: Mapping[str, Any]) -> bool:
        """Evaluates the newest checkpoint; returns whether to stop."""
        checkpoint = tf1.train.latest_checkpoint(self._estimator.model_dir)
        if checkpoint is None or checkpoint == self._evaluated:
            return False
        self._evaluated = checkpoint
        found = evaluated(self._estimator, checkpoint, **self._arguments)
        text = ", ".join(f"{name} = {found[name]}" for name in sorted(found))
        tf1.logging.info("Validation (step %d): %s", step, text)
        value = found[self._metric]
        if self.best_value is None or self._is_better(value, self.best_value):
            self.best_value, self.best_step = value, step
        if self._rounds is None or self.best_step is None:
            return False
        self.early_stopped = step - self.best_step >= self._rounds
        return self.early_stopped


class RunHookAdapterForMonitors(tf.compat.v1.train.SessionRunHook):
    """Calls monitors as a hook."""

    def __init__(self, monitors: Sequence[BaseMonitor]) -> None:
        self._monitors = list(monitors)
        self._step: Any = None
        self._last = 0

    def begin(self) -> None:
        """Begins the monitors."""
        self._step = tf1.train.get_global_step()
        for monitor in self._monitors:
            monitor.begin(max_steps=None)

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Reads at which step the training begins."""
        del coord
        self._last = int(session.run(self._step))

    def before_run(self, run_context: Any) -> Any:
        """Asks for what the monitors want to see."""
        graph, wanted = run_context.session.graph, {}
        for monitor in self._monitors:
            for each in monitor.step_begin(self._last + 1) or []:
                name = each if isinstance(each, str) else each.name
                name = name if ":" in name or not isinstance(each, str) else f"{name}:0"
                element = graph.as_graph_element(name)
                wanted[each if isinstance(each, str) else name] = element
        return tf1.train.SessionRunArgs({"values": wanted, "step": self._step})

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Gives the monitors what they asked for; stops where one says so."""
        step = self._last + 1
        for monitor in self._monitors:
            if monitor.step_end(step, run_values.results["values"]):
                run_context.request_stop()
        for monitor in self._monitors:
            monitor.post_step(step, run_context.session)
        self._last = step

    def end(self, session: Any) -> None:
        """Ends the monitors."""
        for monitor in self._monitors:
            monitor.end(session=session)


def replace_monitors_with_hooks(
    monitors_or_hooks: Any, estimator: Any
) -> list[tf.compat.v1.train.SessionRunHook]:
    """Returns hooks; monitors among them get `estimator`."""
    given = monitors_or_hooks or []
    given = list(given) if isinstance(given, (list, tuple)) else [given]
    monitors = [each for each in given if isinstance(each, BaseMonitor)]
    for monitor in monitors:
        monitor.set_estimator(estimator)
    hooks = [each for each in given if not isinstance(each, BaseMonitor)]
    return [*hooks, RunHookAdapterForMonitors(monitors)] if monitors else hooks


def evaluated(estimator: Any, checkpoint_path: str | None, **options: Any) -> Any:
    """Returns the evaluation of an Estimator, of tf.contrib.learn or tf.estimator."""
    if hasattr(estimator, "fit"):
        return estimator.evaluate(checkpoint_path=checkpoint_path, **options)
    return estimator.evaluate(
        options["input_fn"],
        steps=options["steps"],
        hooks=options["hooks"],
        checkpoint_path=checkpoint_path,
        name=options["name"],
    )


def PrintTensor(tensor_names: Any, every_n: int = 100, first_n: int = 1) -> Any:
    """Returns a hook that logs tensors."""
    del first_n
    return tf1.train.LoggingTensorHook(tensor_names, every_n_iter=every_n)


def StopAtStep(num_steps: int | None = None, last_step: int | None = None) -> Any:
    """Returns a hook that stops after so many steps, or at a step."""
    return tf1.train.StopAtStepHook(num_steps, last_step)


def StepCounter(
    every_n_steps: int = 100, output_dir: str | None = None, summary_writer: Any = None
) -> Any:
    """Returns a hook that counts steps per second."""
    return tf1.train.StepCounterHook(every_n_steps, None, output_dir, summary_writer)


def SummarySaver(
    summary_op: Any,
    save_steps: int = 100,
    output_dir: str | None = None,
    summary_writer: Any = None,
    scaffold: Any = None,
) -> Any:
    """Returns a hook that saves summaries."""
    return tf1.train.SummarySaverHook(
        save_steps,
        output_dir=output_dir,
        summary_writer=summary_writer,
        scaffold=scaffold,
        summary_op=summary_op,
    )


def CheckpointSaver(
    checkpoint_dir: str,
    save_secs: int | None = None,
    save_steps: int | None = None,
    saver: Any = None,
    checkpoint_basename: str = "model.ckpt",
    scaffold: Any = None,
) -> Any:
    """Returns a hook that saves checkpoints."""
    return tf1.train.CheckpointSaverHook(
        checkpoint_dir, save_secs, save_steps, saver, checkpoint_basename, scaffold
    )


def NanLoss(
    loss_tensor: Any, every_n_steps: int = 100, fail_on_nan_loss: bool = True
) -> Any:
    """Returns a hook that stops where the loss is no number."""
    del every_n_steps
    return tf1.train.NanTensorHook(loss_tensor, fail_on_nan_loss)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.monitors", names=_SAME)
