"""Ends training early, by a predicate or by the evaluations so far."""

import collections
import operator
import time
from collections.abc import Callable, Iterator

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import event_files, paths
from estimator_mnist.estimator.estimator import Estimator

tf1 = tf.compat.v1


def make_early_stopping_hook(
    estimator: Estimator,
    should_stop_fn: Callable[[], bool],
    run_every_secs: float | None = 60,
    run_every_steps: int | None = None,
) -> tf.compat.v1.train.SessionRunHook:
    """Returns a hook for `train` that ends it when `should_stop_fn()` is true.

    The function is called after the first step and then every `run_every_secs` seconds,
    or, with `run_every_secs=None`, every `run_every_steps` steps.

    Raises:
      TypeError: `estimator` is no Estimator, or `should_stop_fn` cannot be called.
      ValueError: neither or both of the intervals are given.
    """
    if not isinstance(estimator, Estimator):
        raise TypeError(
            "`estimator` must have type `tf.estimator.Estimator`. "
            f"Got: {type(estimator)}"
        )
    if not callable(should_stop_fn):
        raise TypeError(
            f"`should_stop_fn` must be callable. Got: {errors.sample(should_stop_fn)}"
        )
    if run_every_secs is not None and run_every_steps is not None:
        raise ValueError(
            "Only one of `run_every_secs` and `run_every_steps` must be set. "
            f"Got: {run_every_secs!r} and {run_every_steps!r}; set one to None."
        )
    return _StopHook(should_stop_fn, run_every_secs, run_every_steps)


def stop_if_higher_hook(
    estimator: Estimator,
    metric_name: str,
    threshold: float,
    eval_dir: str | None = None,
    min_steps: int = 0,
    run_every_secs: float | None = 60,
    run_every_steps: int | None = None,
) -> tf.compat.v1.train.SessionRunHook:
    """Returns a hook that ends training once a metric is above `threshold`.

    It reads the evaluations in `eval_dir`, of this run and of earlier ones, from global
    step `min_steps` on. See `make_early_stopping_hook` for the other arguments.

    Args:
      eval_dir: folder of event files; None for `estimator.eval_dir()`.

    Raises:
      TypeError, ValueError: as in `make_early_stopping_hook`.
      KeyError: while training, if an evaluation lacks the metric.
    """
    evaluations = _Evaluations(estimator, eval_dir, metric_name, min_steps)
    return make_early_stopping_hook(
        estimator,
        lambda: evaluations.crossed(threshold, higher=True),
        run_every_secs,
        run_every_steps,
    )


def stop_if_lower_hook(
    estimator: Estimator,
    metric_name: str,
    threshold: float,
    eval_dir: str | None = None,
    min_steps: int = 0,
    run_every_secs: float | None = 60,
    run_every_steps: int | None = None,
) -> tf.compat.v1.train.SessionRunHook:
    """Returns a hook that ends training once a metric is below `threshold`.

    See `stop_if_higher_hook`.
    """
    evaluations = _Evaluations(estimator, eval_dir, metric_name, min_steps)
    return make_early_stopping_hook(
        estimator,
        lambda: evaluations.crossed(threshold, higher=False),
        run_every_secs,
        run_every_steps,
    )


def stop_if_no_increase_hook(
    estimator: Estimator,
    metric_name: str,
    max_steps_without_increase: int,
    eval_dir: str | None = None,
    min_steps: int = 0,
    run_every_secs: float | None = 60,
    run_every_steps: int | None = None,
) -> tf.compat.v1.train.SessionRunHook:
    """Returns a hook that ends training when a metric no longer increases.

    That is when `max_steps_without_increase` steps or more separate an evaluation from
    the one with the highest value, the first of equals. See `stop_if_higher_hook`.
    """
    evaluations = _Evaluations(estimator, eval_dir, metric_name, min_steps)
    return make_early_stopping_hook(
        estimator,
        lambda: evaluations.stalled(max_steps_without_increase, higher=True),
        run_every_secs,
        run_every_steps,
    )


def stop_if_no_decrease_hook(
    estimator: Estimator,
    metric_name: str,
    max_steps_without_decrease: int,
    eval_dir: str | None = None,
    min_steps: int = 0,
    run_every_secs: float | None = 60,
    run_every_steps: int | None = None,
) -> tf.compat.v1.train.SessionRunHook:
    """Returns a hook that ends training when a metric no longer decreases.

    See `stop_if_no_increase_hook`.
    """
    evaluations = _Evaluations(estimator, eval_dir, metric_name, min_steps)
    return make_early_stopping_hook(
        estimator,
        lambda: evaluations.stalled(max_steps_without_decrease, higher=False),
        run_every_secs,
        run_every_steps,
    )


def make_stop_at_checkpoint_step_hook(
    estimator: Estimator, last_step: int, wait_after_file_check_secs: float = 30
) -> tf.compat.v1.train.SessionRunHook:
    """Returns a hook that ends training at global step `last_step`.

    A worker goes on until the chief's checkpoint has that step: after each look that
    does not find one it sleeps `wait_after_file_check_secs` seconds.
    """
    if estimator.config.is_chief:
        return tf1.train.StopAtStepHook(last_step=last_step)
    return _StopAtCheckpointStepHook(
        estimator.model_dir, last_step, wait_after_file_check_secs, time.sleep
    )


def read_eval_metrics(eval_dir: str) -> collections.OrderedDict[int, dict[str, float]]:
    """Returns the evaluations in `eval_dir`'s events: step -> {metric name: float}.

    In the order of steps; empty if there is no such directory. As in TensorBoard, an
    evaluation that a later session has voided is left out. A file that is damaged, or
    ends within a record because it is being written, counts up to there.
    """
    found: dict[int, dict[str, float]] = collections.defaultdict(dict)
    for step, summary in event_files.summaries(eval_dir):
        for value in summary.value:
            if value.HasField("simple_value"):
                found[step][value.tag] = value.simple_value
    return collections.OrderedDict(sorted(found.items()))


class _StopHook(tf.compat.v1.train.SessionRunHook):
    """Keeps nothing in the graph, so that checkpoints fit with and without it."""

    def __init__(
        self,
        should_stop_fn: Callable[[], bool],
        every_secs: float | None,
        every_steps: int | None,
    ) -> None:
        self._should_stop_fn = should_stop_fn
        self._timer = tf1.train.SecondOrStepTimer(every_secs, every_steps)
        self._global_step: tf.Tensor | None = None

    def begin(self) -> None:
        self._timer.reset()
        self._global_step = tf1.train.get_or_create_global_step()

    def before_run(
        self, run_context: tf.compat.v1.train.SessionRunContext
    ) -> tf.compat.v1.train.SessionRunArgs:
        return tf1.train.SessionRunArgs(self._global_step)

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues,
    ) -> None:
        step = run_values.results
        if not self._timer.should_trigger_for_step(step):
            return
        self._timer.update_last_triggered_step(step)
        if self._should_stop_fn():
            tf1.logging.info("Requesting early stopping at global step %d", step)
            run_context.request_stop()


class _Evaluations:
    """The values of one metric so far, which each question reads again."""

    def __init__(
        self,
        estimator: Estimator,
        eval_dir: str | None,
        metric_name: str,
        min_steps: int,
    ) -> None:
        self._eval_dir = eval_dir or estimator.eval_dir()
        self._metric_name, self._min_steps = metric_name, min_steps

    def crossed(self, threshold: float, higher: bool) -> bool:
        """Returns whether a value is above `threshold`, or below it if not `higher`."""
        beyond = operator.gt if higher else operator.lt
        for step, value in self._values():
            if beyond(value, threshold):
                tf1.logging.info(
                    'At step %d, metric "%s" has value %s which is %s than the '
                    "configured threshold (%s) for early stopping.",
                    step,
                    self._metric_name,
                    value,
                    "greater" if higher else "less",
                    threshold,
                )
                return True
        return False

    def stalled(self, max_steps: int, higher: bool) -> bool:
        """Returns whether `max_steps` steps have passed without a new best value."""
        better = operator.gt if higher else operator.lt
        best, best_step = None, 0
        for step, value in self._values():
            if best is None or better(value, best):
                best, best_step = value, step
            if step - best_step >= max_steps:
                tf1.logging.info(
                    'No %s in metric "%s" for %d steps, which is greater than or equal '
                    "to max steps (%d) configured for early stopping.",
                    "increase" if higher else "decrease",
                    self._metric_name,
                    step - best_step,
                    max_steps,
                )
                return True
        return False

    def _values(self) -> Iterator[tuple[int, float]]:
        """Yields (global step, value) from `min_steps` on, in the order of steps."""
        for step, metrics in read_eval_metrics(self._eval_dir).items():
            if step < self._min_steps:
                continue
            if self._metric_name not in metrics:
                raise KeyError(
                    f"metric_name {self._metric_name!r} is not in the evaluation of "
                    f"step {step} in {self._eval_dir}. It has {sorted(metrics)}."
                )
            yield step, metrics[self._metric_name]


class _StopAtCheckpointStepHook(tf.compat.v1.train.SessionRunHook):
    """Asks to stop when the step, then the newest checkpoint's, is `last_step`."""

    def __init__(
        self,
        model_dir: str,
        last_step: int,
        wait_secs: float,
        sleep: Callable[[float], None],
    ) -> None:
        """Initializes the hook.

        Args:
          wait_secs: seconds of sleep after a look that finds no such checkpoint.
          sleep: waits so many seconds.
        """
        self._model_dir, self._last_step = model_dir, last_step
        self._wait_secs, self._sleep = wait_secs, sleep
        self._step: tf.Tensor | None = None

    def begin(self) -> None:
        self._step = tf1.train.get_global_step()
        if self._step is None:
            raise RuntimeError("Global step should be created.")

    def before_run(
        self, run_context: tf.compat.v1.train.SessionRunContext
    ) -> tf.compat.v1.train.SessionRunArgs:
        return tf1.train.SessionRunArgs(self._step)

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues,
    ) -> None:
        if run_values.results + 1 < self._last_step:
            return
        # The value was read within the step, so that it may be one too low.
        if run_context.session.run(self._step) < self._last_step:
            return
        if self._saved_step() >= self._last_step:
            run_context.request_stop()
        else:
            self._sleep(self._wait_secs)

    def _saved_step(self) -> int:
        try:
            return paths.step_of(paths.latest(self._model_dir))
        except (tf.errors.OpError, ValueError):
            return 0  # deleted meanwhile: the next look finds a newer one
