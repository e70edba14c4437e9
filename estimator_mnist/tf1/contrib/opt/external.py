"""Optimizers outside of TensorFlow, as those of scipy, which see one long vector."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1

Values = np.ndarray
Function = Callable[[Values], Any]


class _Problem(NamedTuple):
    """Functions of the vector, and callbacks, of one minimization."""

    loss_and_gradient: Function
    equalities: list[Function]
    equality_gradients: list[Function]
    inequalities: list[Function]
    inequality_gradients: list[Function]


class _Runs(NamedTuple):
    """How tensors are evaluated."""

    session: Any
    feed_dict: Mapping[Any, Any] | None
    options: dict[str, Any]


class ExternalOptimizerInterface:
    """Base of optimizers that are not TensorFlow's; a subclass has `_minimize`.

    Args:
      loss: a scalar.
      var_list: variables to optimize; None: all trainable ones.
      equalities: tensors that are to be 0.
      inequalities: tensors that are to be 0 or more.
      var_to_bounds: lowest and highest value of a variable, each a number or an array.
      **optimizer_kwargs: for `_minimize`.
    """

    def __init__(
        self,
        loss: tf.Tensor,
        var_list: Sequence[tf.Variable] | None = None,
        equalities: Sequence[tf.Tensor] | None = None,
        inequalities: Sequence[tf.Tensor] | None = None,
        var_to_bounds: Mapping[tf.Variable, tuple] | None = None,
        **optimizer_kwargs: Any,
    ) -> None:
        self.optimizer_kwargs = optimizer_kwargs
        self._vars = list(var_list or tf1.trainable_variables())
        self._sizes = [each.shape.num_elements() for each in self._vars]
        self._loss = loss
        self._equalities = list(equalities or [])
        self._inequalities = list(inequalities or [])
        self._gradient = self._packed_gradient(loss)
        gradients = self._packed_gradient
        self._equality_gradients = [gradients(each) for each in self._equalities]
        self._inequality_gradients = [gradients(each) for each in self._inequalities]
        self._bounds = None if var_to_bounds is None else self._packed(var_to_bounds)
        self._values = [tf1.placeholder(each.dtype.base_dtype) for each in self._vars]
        self._assignments = [
            tf1.assign(variable, tf.reshape(value, variable.shape))
            for variable, value in zip(self._vars, self._values, strict=True)
        ]

    def minimize(
        self,
        session: Any = None,
        feed_dict: Mapping[Any, Any] | None = None,
        fetches: Sequence[Any] | None = None,
        step_callback: Callable[[Values], Any] | None = None,
        loss_callback: Callable[..., Any] | None = None,
        **run_kwargs: Any,
    ) -> None:
        """Gives the variables the values at which the loss is smallest.

        Args:
          session: of the variables; None: the default one.
          feed_dict: for all runs.
          fetches: what `loss_callback` is called with, at each evaluation of the loss.
          step_callback: of the vector, after each step.
          loss_callback: of the values of `fetches`.
          **run_kwargs: of `session.run`.
        """
        session = session or tf1.get_default_session()
        problem = self._problem(
            _Runs(session, feed_dict, run_kwargs),
            list(fetches or []),
            loss_callback or _nothing,
        )
        first = session.run(self._vars)
        found = self._minimize(
            initial_val=np.concatenate([np.reshape(each, -1) for each in first]),
            loss_grad_func=problem.loss_and_gradient,
            equality_funcs=problem.equalities,
            equality_grad_funcs=problem.equality_gradients,
            inequality_funcs=problem.inequalities,
            inequality_grad_funcs=problem.inequality_gradients,
            packed_bounds=self._bounds,
            step_callback=step_callback or _nothing,
            optimizer_kwargs=self.optimizer_kwargs,
        )
        self._load(session, found)

    def _problem(
        self, runs: _Runs, fetches: list[Any], told: Callable[..., Any]
    ) -> _Problem:
        def evaluated(tensors: Any) -> Function:
            def function(vector: Values) -> Any:
                self._load(runs.session, vector)
                return runs.session.run(tensors, runs.feed_dict, **runs.options)

            return function

        all_of_it = evaluated([self._loss, self._gradient, fetches])

        def loss_and_gradient(vector: Values) -> tuple[float, Values]:
            loss, gradient, found = all_of_it(vector)
            told(*found)
            return loss, gradient.astype("float64")

        return _Problem(
            loss_and_gradient,
            [evaluated(each) for each in self._equalities],
            [evaluated(each) for each in self._equality_gradients],
            [evaluated(each) for each in self._inequalities],
            [evaluated(each) for each in self._inequality_gradients],
        )

    def _minimize(self, **problem: Any) -> Values:
        """Returns the vector at which the loss is smallest."""
        raise NotImplementedError(
            "To use ExternalOptimizerInterface, subclass from it and implement the "
            "_minimize() method."
        )

    def _load(self, session: Any, vector: Values) -> None:
        parts = np.split(np.asarray(vector), np.cumsum(self._sizes)[:-1])
        session.run(self._assignments, dict(zip(self._values, parts, strict=True)))

    def _packed_gradient(self, loss: tf.Tensor) -> tf.Tensor:
        gradients = tf1.gradients(loss, self._vars)
        flat = [
            tf.zeros([size], variable.dtype.base_dtype)
            if gradient is None
            else tf.reshape(gradient, [-1])
            for gradient, variable, size in zip(
                gradients, self._vars, self._sizes, strict=True
            )
        ]
        return tf.concat(flat, 0)

    def _packed(self, bounds: Mapping[tf.Variable, tuple]) -> list[tuple[float, float]]:
        """Returns lowest and highest value of each element of the vector."""
        pairs = {each.name: pair for each, pair in bounds.items()}
        found = []
        for variable in self._vars:
            low, high = pairs.get(variable.name, (-np.inf, np.inf))
            shape = variable.shape.as_list()
            ends = (np.broadcast_to(each, shape).ravel() for each in (low, high))
            found += list(zip(*ends, strict=True))
        return found


class ScipyOptimizerInterface(ExternalOptimizerInterface):
    """Minimizes by scipy.optimize.minimize.

    Of its arguments `method` and `options` go there; the method is L-BFGS-B by default,
    and SLSQP with equalities or inequalities.
    """

    def _minimize(self, **problem: Any) -> Values:
        from scipy import optimize  # it takes a second

        kinds = (
            ("eq", problem["equality_funcs"], problem["equality_grad_funcs"]),
            ("ineq", problem["inequality_funcs"], problem["inequality_grad_funcs"]),
        )
        constraints = [
            {"type": kind, "fun": function, "jac": gradient}
            for kind, functions, gradients in kinds
            for function, gradient in zip(functions, gradients, strict=True)
        ]
        options = dict(problem["optimizer_kwargs"])
        method = options.pop("method", "SLSQP" if constraints else "L-BFGS-B")
        result = optimize.minimize(
            problem["loss_grad_func"],
            problem["initial_val"],
            method=method,
            jac=True,
            bounds=problem["packed_bounds"],
            constraints=constraints,
            callback=problem["step_callback"],
            **options,
        )
        tf1.logging.info(
            "Optimization terminated with:\n  Message: %s\n  Objective function value: "
            "%f\n  Number of iterations: %d\n  Number of functions evaluations: %d",
            result.message,
            result.fun,
            result.nit,
            result.nfev,
        )
        return result.x


def _nothing(*args: object) -> None:
    del args
