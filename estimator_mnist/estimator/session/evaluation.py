"""Runs the EVAL graph over its input, once per checkpoint that is to be judged."""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.estimator.python_state import Witness
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import certainty
from estimator_mnist.estimator.session.kept_session import KeptSession
from estimator_mnist.estimator.session.model_graph import ModelGraph

tf1 = tf.compat.v1

LOSS = "loss"
_STEP = tf1.GraphKeys.GLOBAL_STEP


class Evaluation:
    """Holds an EVAL graph with metrics; `run` evaluates a checkpoint with it.

    model = model_graph.build(...)
    evaluation = Evaluation(model, config, steps=100, hooks=[])
    results = evaluation.run("model_dir/model.ckpt-1000")

    Each `run` has a session of its own. After `keep_session` they share one, where that
    is certain to be the same, until `close`: the memory of its variables is held.

    Attributes:
      batches: how many the last run has evaluated. After 0 there is no result: the
        metrics are what they are before the first batch, a loss of 0.0 among them.
    """

    def __init__(
        self,
        model: ModelGraph,
        config: RunConfig,
        steps: int | None,
        hooks: Sequence,
        witness: Witness | None = None,
    ):
        """Adds the update and value ops to `model.graph`.

        Args:
          steps: batches to evaluate; None for all that the input gives.
          hooks: SessionRunHooks beside the spec's own evaluation_hooks.
          witness: certainty.witness_of_evaluation, taken before the graph was built.
        """
        self._model, self._config, self._steps = model, config, steps
        self.batches = 0
        self._hooks = hooks
        self._witness = witness
        with model.graph.as_default():
            self._update_op, self._values = _metric_ops(model)
        every_hook = [*hooks, *model.spec.evaluation_hooks]
        if witness and not certainty.may_evaluate_again(model, every_hook):
            self._witness = None
        self._kept: KeptSession | None = None

    def is_reusable(self) -> bool:
        """Returns whether a graph built now would certainly give the same results."""
        return self._witness is not None and self._witness.unchanged()

    def keep_session(self) -> None:
        """Keeps the session of the next `run` for later ones, where that is certain."""
        with self._model.graph.as_default():
            if self.is_reusable() and certainty.may_begin_again(
                self._model, self._config, self._all_ops()
            ):
                self._kept = KeptSession(self._model, self._config)

    def close(self) -> None:
        """Closes a session that was kept."""
        if self._kept:
            self._kept.close()

    @property
    def graph(self) -> tf.Graph:
        """Returns the EVAL graph."""
        return self._model.graph

    @property
    def scaffold(self) -> tf.compat.v1.train.Scaffold:
        """Returns the Scaffold that model_fn gave for EVAL."""
        return self._model.spec.scaffold

    def run(self, checkpoint_path: str | None) -> dict[str, Any]:
        """Returns results by metric name, `loss` (mean over batches) and `global_step`.

        They are in the order of their names, but for `global_step`, which is the last.
        Without a checkpoint the model is evaluated with its initial values.
        """
        started = time.time()
        tf1.logging.info("Starting evaluation at %s", _stamp("%Y-%m-%dT%H:%M:%S"))
        counted = _CountHook(self._steps)
        with self._model.graph.as_default():
            values = self._run_kept(checkpoint_path, counted)
            if values is None:
                counted = _CountHook(self._steps)
                values = self._run_once(checkpoint_path, counted)
        self.batches = counted.batches
        if not self.batches:
            tf1.logging.warning(
                "The evaluation's input gave no batch, so the metrics mean nothing. "
                "They are not written to event files, and no exporter gets them."
            )
        tf1.logging.info("Inference Time : %0.5fs", time.time() - started)
        tf1.logging.info("Finished evaluation at %s", _stamp("%Y-%m-%d-%H:%M:%S"))
        return values

    def _run_once(
        self, checkpoint_path: str | None, counted: "_CountHook"
    ) -> dict[str, Any]:
        """Evaluates in a session of its own."""
        final_ops = tf1.train.FinalOpsHook(self._values)
        own = self._model.spec.evaluation_hooks
        with self._model.open_session(
            self._config,
            checkpoint_path,
            [*self._hooks, counted, *own, final_ops],
            master=self._config.evaluation_master,
        ) as session:
            while not session.should_stop():
                session.run(self._update_op)
        return final_ops.final_ops_values

    def _run_kept(
        self, checkpoint_path: str | None, counted: "_CountHook"
    ) -> dict[str, Any] | None:
        """Evaluates in the kept session, with no other hooks.

        Returns None where there is none, or it was lost: a MonitoredSession would try
        again after such an error, for example of storage that was away.
        """
        if not self._kept or not checkpoint_path:
            return None
        with (
            contextlib.suppress(tf.errors.UnavailableError, tf.errors.AbortedError),
            self._kept.begun(checkpoint_path) as session,
        ):
            context = tf1.train.SessionRunContext(None, session)
            with contextlib.suppress(tf.errors.OutOfRangeError):
                while not context.stop_requested:
                    session.run(self._update_op)
                    counted.after_run(context, None)
            return session.run(self._values)
        return None

    def _all_ops(self) -> list[tf.Operation]:
        """Returns the ops that an evaluation runs once it has begun."""
        values = [tf.convert_to_tensor(value).op for value in self._values.values()]
        return [self._update_op, *values]


class Wanted(NamedTuple):
    """What an evaluation without hooks is asked for with.

    Attributes:
      begins_warm: whether the graph initializes variables from `warm_start_from`.
    """

    input_fn: Callable[..., Any]
    steps: int | None
    begins_warm: bool

    def is_same(self, other: "Wanted") -> bool:
        """Returns whether `other` has the same input_fn, not one that is equal."""
        return self.input_fn is other.input_fn and self[1:] == other[1:]


class Keeper:
    """Keeps an Estimator's last evaluation, where it is certain to do for the next."""

    def __init__(self) -> None:
        self._kept: list[tuple[Wanted, Evaluation]] = []

    def take(self, wanted: Wanted) -> Evaluation | None:
        """Returns what is kept, once, if it is the same as one built now would be."""
        with contextlib.suppress(IndexError):
            earlier, evaluation = self._kept.pop()
            if earlier.is_same(wanted) and evaluation.is_reusable():
                return evaluation
        return None

    def keep(self, wanted: Wanted, evaluation: Evaluation) -> None:
        """Keeps an evaluation, for which no hooks were given, in place of another."""
        self._kept = [(wanted, evaluation)] if evaluation.is_reusable() else []


class _CountHook(tf.compat.v1.train.SessionRunHook):
    """Counts and logs batches, and stops after `steps` of them, if not None."""

    def __init__(self, steps: int | None) -> None:
        self.batches, self._steps = 0, steps
        self._log_every = max(steps // 10, 1) if steps else 0

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues | None,
    ) -> None:
        self.batches += 1
        if not self._steps:
            return
        if self.batches % self._log_every == 0 or self.batches == self._steps:
            tf1.logging.info("Evaluation [%d/%d]", self.batches, self._steps)
        # Not ==, since a number of examples divided by a batch's may be no integer.
        if self.batches >= self._steps:
            run_context.request_stop()


def _stamp(form: str) -> str:
    return time.strftime(form, time.localtime())


def _metric_ops(model: ModelGraph) -> tuple[tf.Operation, dict[str, Any]]:
    """Returns one op that updates all metrics, and the values they have in the end."""
    given = model.spec.eval_metric_ops
    for name, quoted in (LOSS, f'"{LOSS}"'), (_STEP, f"`{_STEP}`"):
        if name in given:
            raise ValueError(
                f"Metric with name {quoted} is not allowed, because Estimator already "
                "defines a default metric with the same name. Rename it."
            )
    metrics = {**given, LOSS: tf1.metrics.mean(model.spec.loss)}
    metrics = {name: metrics[name] for name in sorted(metrics)}
    model.initialize_locally()
    values = {key: value for key, (value, _) in metrics.items()}
    values[tf1.GraphKeys.GLOBAL_STEP] = tf1.train.get_global_step()
    updates = tf.nest.flatten([update for _, update in metrics.values()])
    return tf.group(*updates), values
