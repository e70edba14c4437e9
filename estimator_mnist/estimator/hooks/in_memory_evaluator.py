"""Evaluates the variables of a running training session, without a checkpoint."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import event_files
from estimator_mnist.estimator.estimator import Estimator
from estimator_mnist.estimator.session import arguments

tf1 = tf.compat.v1


class InMemoryEvaluatorHook(tf.compat.v1.train.SessionRunHook):
    """Evaluates when training begins, every `every_n_iter` steps, and at the end.

    Results go to `estimator.eval_dir(name)`, one evaluation per global step. The EVAL
    graph is built once per training.

    Raises:
      ValueError: while training, if the EVAL graph has a variable that the training
        graph lacks.
    """

    def __init__(
        self,
        estimator: Estimator,
        input_fn: Callable[..., Any],
        steps: int | None = None,
        hooks: Sequence[tf.compat.v1.train.SessionRunHook] | None = None,
        name: str | None = None,
        every_n_iter: int = 100,
    ) -> None:
        """Takes what `estimator.evaluate` takes, and the steps between evaluations.

        Raises:
          TypeError: `estimator` is no Estimator, or one of `hooks` is no hook.
          ValueError: `steps` or `every_n_iter` is not positive, or the Estimator is
            one of several workers or has parameter servers.
        """
        if every_n_iter is None or every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}. Must be > 0.")
        if not isinstance(estimator, Estimator):
            raise TypeError(f"estimator must be an Estimator. Got: {type(estimator)}")
        _check_alone(estimator)
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        hooks = arguments.hooks(hooks)
        self._estimator, self._input_fn, self._steps = estimator, input_fn, steps
        self._hooks, self._eval_dir = hooks, estimator.eval_dir(name)
        self._timer = tf1.train.SecondOrStepTimer(every_steps=every_n_iter)
        self._steps_done = 0
        self._trained: dict[str, tf.Variable] = {}  # the training graph's
        self._copy = _CopyVariables()
        self._evaluation: Any = None  # built once the training graph is there

    def begin(self) -> None:
        self._timer.reset()
        self._steps_done = 0
        self._trained = {v.op.name: v for v in tf1.global_variables()}
        self._copy = _CopyVariables()
        self._evaluation = Estimator.evaluation(
            self._estimator, self._input_fn, self._steps, [self._copy, *self._hooks]
        )
        _check_restorable(self._evaluation.graph, self._evaluation.scaffold)
        _check_saveables(tf1.get_default_graph())

    def after_create_session(
        self, session: tf.compat.v1.Session, coord: tf.train.Coordinator
    ) -> None:
        self._evaluate_if_due(session)

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues,
    ) -> None:
        self._steps_done += 1
        self._evaluate_if_due(run_context.session)

    def end(self, session: tf.compat.v1.Session) -> None:
        if self._timer.last_triggered_step() != self._steps_done:
            self._evaluate(session)

    def _evaluate_if_due(self, session: tf.compat.v1.Session) -> None:
        if self._timer.should_trigger_for_step(self._steps_done):
            self._evaluate(session)

    def _evaluate(self, session: tf.compat.v1.Session) -> None:
        self._timer.update_last_triggered_step(self._steps_done)
        self._copy.values = session.run(self._trained)
        results = self._evaluation.run(checkpoint_path=None)
        if self._evaluation.batches:
            event_files.write_results(self._eval_dir, results, checkpoint_path=None)


def _check_alone(estimator: Estimator) -> None:
    config = estimator.config
    if config.num_ps_replicas > 0 or config.num_worker_replicas > 1:
        raise ValueError(
            "InMemoryEvaluator supports only single machine (aka Local) setting. "
            "Evaluate in an `evaluator` task of train_and_evaluate instead."
        )


def _check_restorable(graph: tf.Graph, scaffold: tf.compat.v1.train.Scaffold) -> None:
    """Raises ValueError where copying variables is not all that a restore does."""
    if scaffold.saver is not None:
        raise ValueError("InMemoryEvaluator does not support custom saver")
    if scaffold.init_fn is not None:
        raise ValueError("InMemoryEvaluator does not support custom init_fn")
    _check_saveables(graph)


def _check_saveables(graph: tf.Graph) -> None:
    if graph.get_collection(tf1.GraphKeys.SAVEABLE_OBJECTS):
        raise ValueError(
            "InMemoryEvaluator does not support saveables other than global variables."
        )


class _CopyVariables(tf.compat.v1.train.SessionRunHook):
    """Sets the variables of each new session to `values`, a dict by name."""

    def __init__(self) -> None:
        self.values: dict[str, np.ndarray] = {}
        self._variables: list[tf.Variable] = []

    def begin(self) -> None:
        self._variables = tf1.global_variables()

    def after_create_session(
        self, session: tf.compat.v1.Session, coord: tf.train.Coordinator
    ) -> None:
        missing = [v.op.name for v in self._variables if v.op.name not in self.values]
        if missing:
            raise ValueError(
                f"model_fn makes the variables {missing} in EVAL mode only, so that "
                "training has no values for them. Make them in TRAIN mode too."
            )
        for variable in self._variables:
            # The initializer accepts another value than the initial one, so that
            # nothing needs to be added to the graph, which is finalized.
            initializer = variable.initializer
            value = self.values[variable.op.name]
            session.run(initializer, {initializer.inputs[1]: value})
