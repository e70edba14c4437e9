"""train_and_evaluate: trains, and evaluates the checkpoints as they are written."""

import collections
import contextlib
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.cluster import tasks
from estimator_mnist.estimator.estimator import Estimator
from estimator_mnist.estimator.export.exporter import Exporter
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import arguments
from estimator_mnist.estimator.session.evaluation import Evaluation

tf1 = tf.compat.v1

EXPORT_DIR = "export"


class _Default(int):
    """Marks a default, to tell it from the same number given by the user."""


_START_DELAY_SECS = _Default(120)

_TrainFields = collections.namedtuple(
    "_TrainFields", ["input_fn", "max_steps", "hooks", "saving_listeners"]
)
_EvalFields = collections.namedtuple(
    "_EvalFields",
    [
        "input_fn",
        "steps",
        "name",
        "hooks",
        "exporters",
        "start_delay_secs",
        "throttle_secs",
    ],
)


class TrainSpec(_TrainFields):
    """Holds the training half of train_and_evaluate; fields as Estimator.train's."""

    __slots__ = ()

    def __new__(
        cls,
        input_fn: Callable[..., Any],
        max_steps: int | None = None,
        hooks: Iterable | None = None,
        saving_listeners: Iterable | None = None,
    ) -> "TrainSpec":
        """Checks the fields.

        Raises:
          TypeError: input_fn is not callable, or a hook is no SessionRunHook.
          ValueError: max_steps is not positive.
        """
        _check_input_fn(input_fn)
        if max_steps is not None and max_steps <= 0:
            raise ValueError(f"Must specify max_steps > 0, given: {max_steps}")
        checked = _hooks(hooks)
        listeners = arguments.instances(
            saving_listeners,
            tf1.train.CheckpointSaverListener,
            "All saving_listeners must be `CheckpointSaverListener` instances",
        )
        return super().__new__(cls, input_fn, max_steps, checked, tuple(listeners))


class EvalSpec(_EvalFields):
    """Holds the other half of train_and_evaluate; fields as Estimator.evaluate's."""

    __slots__ = ()

    def __new__(
        cls,
        input_fn: Callable[..., Any],
        steps: int | None = 100,
        name: str | None = None,
        hooks: Iterable | None = None,
        exporters: Exporter | Iterable[Exporter] | None = None,
        start_delay_secs: float = _START_DELAY_SECS,
        throttle_secs: float = 600,
    ) -> "EvalSpec":
        """Checks the fields.

        Args:
          exporters: Exporter, or several of different names, called after each
            evaluation.
          start_delay_secs: seconds of training before the first evaluation. Without a
            cluster the default delays nothing.
          throttle_secs: least seconds between two evaluations.

        Raises:
          TypeError: a field is of the wrong type.
          ValueError: a number is out of range, or two exporters share a name.
        """
        _check_input_fn(input_fn)
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"`name` must be string, given: {errors.sample(name)}")
        checked_hooks, checked_exporters = _hooks(hooks), _exporters(exporters)
        if start_delay_secs < 0:
            raise ValueError(
                f"Must specify start_delay_secs >= 0, given: {start_delay_secs}"
            )
        if throttle_secs < 0:
            raise ValueError(f"Must specify throttle_secs >= 0, given: {throttle_secs}")
        return super().__new__(
            cls,
            input_fn,
            steps,
            name,
            checked_hooks,
            checked_exporters,
            start_delay_secs,
            throttle_secs,
        )


def train_and_evaluate(
    estimator: Estimator,
    train_spec: TrainSpec,
    eval_spec: EvalSpec | Sequence[EvalSpec],
) -> Any:
    """Trains to train_spec.max_steps and evaluates each checkpoint on the way.

    In a cluster, as TF_CONFIG describes it, it does the work of this task: the chief
    trains and saves, workers train with it, parameter servers hold the variables, an
    evaluator evaluates the checkpoints and exports. All end when the chief ends.

    The input of training is never restarted by an evaluation. The last checkpoint is
    evaluated once, though it may be too early for it, and exported as final.

    Args:
      eval_spec: an EvalSpec, or several of different names in a list.

    Returns:
      (metrics, export results) of the last evaluation, a list of such pairs where
      eval_spec is a list; (None, None) where there was nothing to train, and in a task
      that does not evaluate.

    Raises:
      TypeError: an argument is of the wrong type.
      ValueError: two EvalSpecs share a name.
      ClusterError: another task of the cluster has failed, or does not answer.
    """
    is_list = isinstance(eval_spec, (list, tuple)) and type(eval_spec) is not EvalSpec
    specs: list[Any] = list(eval_spec) if is_list else [eval_spec]
    _check_specs(estimator, train_spec, specs)
    tf1.logging.info("Not using Distribute Coordinator.")
    config = estimator.config
    if config.task_type == tf_config.EVALUATOR and config.task_id > 0:
        raise ValueError(
            "For distributed training, there can only be one `evaluator` task (with "
            f"task id 0). Given task id {config.task_id}"
        )
    evaluators = [CheckpointEvaluator(estimator, spec, train_spec) for spec in specs]
    with contextlib.ExitStack() as stack:
        for evaluator in evaluators:
            stack.callback(evaluator.close)
        if tasks.is_alone(config):
            _log_start(config)
            estimator.train(
                train_spec.input_fn,
                hooks=train_spec.hooks,
                max_steps=train_spec.max_steps,
                saving_listeners=[*train_spec.saving_listeners, *evaluators],
            )
        else:
            tasks.run(estimator, train_spec, evaluators)
    results = [evaluator.result for evaluator in evaluators]
    return results if is_list else results[0]


def _log_start(config: RunConfig) -> None:
    tf1.logging.info("Running training and evaluation locally (non-distributed).")
    tf1.logging.info(
        "Start train and evaluate loop. The evaluate will happen after every "
        "checkpoint. Checkpoint frequency is determined based on RunConfig arguments: "
        "save_checkpoints_steps %s or save_checkpoints_secs %s.",
        config.save_checkpoints_steps,
        config.save_checkpoints_secs,
    )


class CheckpointEvaluator(tf.compat.v1.train.CheckpointSaverListener):
    """Evaluates and exports after a save, unless that is too early.

    Where another process saves, `follow` does so.

    Attributes:
      result: (metrics, export results) of the last evaluation.
    """

    def __init__(
        self,
        estimator: Estimator,
        spec: EvalSpec,
        train_spec: TrainSpec,
        clock: Callable[[], float] = time.time,
    ):
        self._estimator, self._spec, self._clock = estimator, spec, clock
        self._max_steps = train_spec.max_steps
        self._evaluation: Evaluation | None = None
        self._not_before = clock()
        if not isinstance(spec.start_delay_secs, _Default):
            self._not_before += spec.start_delay_secs
        self._first_step: int | None = None
        self._last_step: int | None = None
        self._last_path: str | None = None
        self.result: tuple[dict | None, list | None] = None, None

    def before_save(self, session: Any, global_step_value: int) -> None:
        if self._first_step is None:
            self._first_step = global_step_value

    def after_save(self, session: Any, global_step_value: int) -> None:
        if global_step_value == self._first_step:
            return  # the save that opens a run holds nothing new
        wait = self._not_before - self._clock()
        if wait > 0:
            tf1.logging.info(
                "Skip the current checkpoint eval due to %s: the next is due in %d "
                "secs.",
                self._reason(),
                math.ceil(wait),
            )
        else:
            self._evaluate(global_step_value)

    def _reason(self) -> str:
        if self._last_step is None:
            return f"start delay secs ({self._spec.start_delay_secs} secs)"
        return f"throttle secs ({self._spec.throttle_secs} secs)"

    def end(self, session: Any, global_step_value: int) -> None:
        if global_step_value != self._last_step:
            self._evaluate(global_step_value)

    def begin_following(self) -> None:
        """Delays all evaluations but that of the last checkpoint."""
        self._not_before = self._clock() + self._spec.start_delay_secs

    def follow(self, path: str, step: int, is_last: bool) -> bool:
        """Evaluates the checkpoint `path` when it is due; returns whether it has."""
        if path == self._last_path or not (
            is_last or self._clock() >= self._not_before
        ):
            return path == self._last_path
        try:
            self._evaluate(step, path)
        except (tf.errors.OpError, ValueError):
            if paths.exists(path):
                raise
            # The chief has deleted it meanwhile, since there are newer ones.
            return False
        self._last_path = path
        return True

    def close(self) -> None:
        """Closes the session that evaluations shared."""
        if self._evaluation:
            self._evaluation.close()

    def _evaluate(self, step: int, path: str | None = None) -> None:
        spec, estimator = self._spec, self._estimator
        self._not_before = self._clock() + spec.throttle_secs
        self._last_step = step
        if self._evaluation is None or not self._evaluation.is_reusable():
            self.close()
            # On the class, because a subclass may have an `evaluation` of its own.
            self._evaluation = Estimator.evaluation(
                estimator, spec.input_fn, spec.steps, spec.hooks
            )
            self._evaluation.keep_session()
        path = path or estimator.latest_checkpoint()
        if not path:
            tf1.logging.warning(
                "Step %d is not evaluated: no checkpoint could be saved yet.", step
            )
            return
        metrics = Estimator.run_evaluation(estimator, self._evaluation, path, spec.name)
        final = bool(self._max_steps and step >= self._max_steps)
        # No exporter may take the zeros of no batches for the best result.
        exports = self._export(path, metrics, final) if self._evaluation.batches else []
        self.result = metrics, exports

    def _export(self, path: str | None, metrics: dict, final: bool) -> list:
        base = os.path.join(self._estimator.model_dir, EXPORT_DIR)
        results = []
        for exporter in self._spec.exporters:
            with _tolerated_full_disk(exporter.name):
                result = exporter.export(
                    estimator=self._estimator,
                    export_path=os.path.join(base, exporter.name),
                    checkpoint_path=path,
                    eval_result=metrics,
                    is_the_final_export=final,
                )
                results.append(result)
        return results


@contextlib.contextmanager
def _tolerated_full_disk(name: str) -> Iterator[None]:
    """Logs that an exporter had no room, which is no reason to end a training."""
    try:
        yield
    except (OSError, RuntimeError, tf.errors.OpError) as error:
        if not files.is_disk_full(error):
            raise
        tf1.logging.warning("The exporter %s has written nothing: %s", name, error)


def _check_input_fn(input_fn: Any) -> None:
    if not callable(input_fn):
        raise TypeError(
            f"`input_fn` must be callable, given: {errors.sample(input_fn)}"
        )
    arguments.argument_names(input_fn)


def _hooks(hooks: Iterable | None) -> tuple:
    rule = "All hooks must be `SessionRunHook` instances"
    return tuple(arguments.instances(hooks, tf1.train.SessionRunHook, rule))


def _exporters(exporters: Any) -> tuple:
    if isinstance(exporters, Exporter):
        exporters = [exporters]
    rule = "`exporters` must be an Exporter, an iterable of Exporter, or `None`"
    exporters = tuple(arguments.instances(exporters, Exporter, rule))
    all_names = [exporter.name for exporter in exporters]
    names: set[str] = set()
    for exporter in exporters:
        if not exporter.name:
            raise ValueError(
                "An Exporter cannot have a name that is `None` or empty. "
                f"All exporter names: {all_names}"
            )
        if not isinstance(exporter.name, str):
            raise ValueError(
                "An Exporter must have a string name, given: "
                f"{type(exporter.name).__name__} in {exporter}"
            )
        if exporter.name in names:
            raise ValueError(
                "`exporters` must have unique names. Such a name cannot be `None`. "
                f"All exporter names: {all_names}"
            )
        names.add(exporter.name)
    return exporters


def _check_specs(estimator: Any, train_spec: Any, eval_specs: Sequence) -> None:
    for spec in eval_specs:
        _check_type("eval_spec", spec, EvalSpec)
    _check_type("estimator", estimator, Estimator)
    _check_type("train_spec", train_spec, TrainSpec)
    names = [spec.name for spec in eval_specs]
    if len(set(names)) < len(names):
        raise ValueError(f"several EvalSpecs need names of their own, given: {names}")


def _check_type(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(
            f"`{name}` must have type `tf.estimator.{kind.__name__}`. "
            f"Got: {type(value)}"
        )
