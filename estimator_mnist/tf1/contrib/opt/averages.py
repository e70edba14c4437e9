"""An optimizer that keeps moving averages of what it trains."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1
_Optimizer: Any = tf1.train.Optimizer


class MovingAverageOptimizer(_Optimizer):
    """Trains with another optimizer, and averages the variables after each step.

    Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
    The averages are variables `NAME/ExponentialMovingAverage`.

    Args:
      opt: tf.train.Optimizer.
      average_decay: share of the average that stays, in [0, 1].
      num_updates: count of updates; lowers the decay where it is small.
      sequential_update: whether averages are of the values after the step; if not,
        nothing orders the two.
    """

    def __init__(
        self,
        opt: Any,
        average_decay: float | tf.Tensor = 0.9999,
        num_updates: tf.Tensor | None = None,
        sequential_update: bool = True,
    ) -> None:
        super().__init__(use_locking=False, name="MovingAverage")
        self._inner, self._is_after = opt, sequential_update
        self._ema = tf.train.ExponentialMovingAverage(average_decay, num_updates)
        self._averaged: list[Any] = []

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[tuple]:
        """Returns the inner optimizer's pairs of gradient and variable."""
        return self._inner.compute_gradients(*args, **kwargs)

    def apply_gradients(
        self,
        grads_and_vars: Sequence[tuple],
        global_step: Any = None,
        name: str | None = None,
    ) -> tf.Operation:
        """Returns an op that applies the gradients and updates the averages."""
        pairs = list(grads_and_vars)
        train = self._inner.apply_gradients(pairs, global_step=global_step, name=name)
        self._averaged[:] = [variable for _, variable in pairs]
        with tf.control_dependencies([train] if self._is_after else []):
            average = self._ema.apply(self._averaged)
        return tf.group(train, average)

    def swapping_saver(
        self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any
    ) -> Any:
        """Returns a Saver that saves averages as the variables, and the reverse.

        Args:
          var_list: list of variables, or a dict from their names in the checkpoint;
            None: all that can be saved.
          name: of the Saver.
          **kwargs: of tf.train.Saver.

        Raises:
          RuntimeError: there are no averages yet.
          ValueError: `var_list` lacks the average of a variable that it has, or the
            reverse.
        """
        if not self._averaged:
            raise RuntimeError(
                "Must call apply_gradients or minimize before creating the "
                "swapping_saver: it saves the averages that they make."
            )
        names = self._names(var_list)
        for variable in self._averaged:
            self._swap(variable, names)
        return tf1.train.Saver(names, name=name, **kwargs)

    def _names(self, var_list: Any) -> dict[str, Any]:
        if isinstance(var_list, dict):
            return dict(var_list)
        if var_list is None:
            var_list = tf1.global_variables()
        return {variable.op.name: variable for variable in var_list}

    def _swap(self, variable: Any, names: dict[str, Any]) -> None:
        """Exchanges the names of a variable and its average."""
        average = self._ema.average(variable)
        key, other = (_key(each, names) for each in (variable, average))
        if (key is None) != (other is None):
            there, absent = (variable, average) if key else (average, variable)
            raise ValueError(
                f"Variable to swap {absent.op.name} is not in var_list, which has "
                f"{there.op.name}: give both or neither."
            )
        if key is not None and other is not None:
            names[key], names[other] = average, variable


def _key(variable: Any, names: dict[str, Any]) -> str | None:
    return next((key for key, each in names.items() if each is variable), None)
