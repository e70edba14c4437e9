"""Optimizers with two moments of the gradient, as Adam's."""

from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1
_Optimizer: Any = tf1.train.Optimizer

Moments = tuple[tf.Tensor, tf.Tensor, tf.Tensor]


class _MomentOptimizer(_Optimizer):
    """Base of them: slots m and v, and the powers of the betas.

    Args:
      learning_rate: number, Tensor or function without arguments; so the others.
      beta1: share of m that a step keeps.
      beta2: share of v that a step keeps.
      epsilon: added to the divisor.
      use_locking: accepted.
      name: of the optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._numbers = (learning_rate, beta1, beta2, epsilon)

    def _powers(self) -> dict[str, Any]:
        """Returns the first values of the powers that are kept, by their names."""
        _, beta1, beta2, _ = self._numbers
        return {"beta1_power": beta1, "beta2_power": beta2}

    def _create_slots(self, var_list: list[Any]) -> None:
        first = min(var_list, key=lambda each: each.name)
        for name, beta in self._powers().items():
            self._create_non_slot_variable(_value(beta), name, first)
        for variable in var_list:
            self._zeros_slot(variable, "m", self.get_name())
            self._zeros_slot(variable, "v", self.get_name())

    def _rule(self, grad: tf.Tensor, m: tf.Tensor, v: tf.Tensor) -> Moments:
        """Returns the moments after a step, and what the variable loses."""
        raise NotImplementedError

    def _power(self, name: str, dtype: tf.DType) -> tf.Tensor:
        power = self._get_non_slot_variable(name, tf1.get_default_graph())
        return tf.cast(power, dtype)

    def _hyperparameters(self, dtype: tf.DType) -> list[tf.Tensor]:
        return [tf.cast(_value(each), dtype) for each in self._numbers]

    def _adam_rate(self, dtype: tf.DType) -> tf.Tensor:
        """Returns the learning rate, corrected for moments that began as 0."""
        rate = self._hyperparameters(dtype)[0]
        second = tf.sqrt(1.0 - self._power("beta2_power", dtype))
        return rate * second / (1.0 - self._power("beta1_power", dtype))

    def _adam_moments(
        self, grad: tf.Tensor, m: tf.Tensor, v: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        _, beta1, beta2, _ = self._hyperparameters(grad.dtype)
        return m * beta1 + (1.0 - beta1) * grad, v * beta2 + (1.0 - beta2) * grad**2

    def _apply_dense(self, grad: tf.Tensor, var: Any) -> tf.Operation:
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        new_m, new_v, loss = self._rule(grad, tf.identity(m), tf.identity(v))
        with tf.control_dependencies([new_m, new_v, loss]):
            return tf.group(
                tf1.assign(m, new_m), tf1.assign(v, new_v), tf1.assign_sub(var, loss)
            )

    def _resource_apply_dense(self, grad: tf.Tensor, handle: Any) -> tf.Operation:
        return self._apply_dense(grad, handle)

    def _apply_sparse(self, grad: tf.IndexedSlices, var: Any) -> tf.Operation:
        return self._apply_rows(grad.values, var, grad.indices)

    def _resource_apply_sparse(
        self, grad: tf.Tensor, handle: Any, indices: tf.Tensor
    ) -> tf.Operation:
        return self._apply_rows(grad, handle, indices)

    def _apply_rows(self, grad: tf.Tensor, var: Any, rows: tf.Tensor) -> tf.Operation:
        """Returns an op that changes these rows alone."""
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        new_m, new_v, loss = self._rule(grad, tf.gather(m, rows), tf.gather(v, rows))
        with tf.control_dependencies([new_m, new_v, loss]):
            return tf.group(
                tf1.scatter_update(m, rows, new_m),
                tf1.scatter_update(v, rows, new_v),
                tf1.scatter_sub(var, rows, loss),
            )

    def _finish(self, update_ops: list[Any], name_scope: str) -> tf.Operation:
        graph = tf1.get_default_graph()
        with tf.control_dependencies(update_ops):
            powers = [
                tf1.assign(power, power * tf.cast(_value(beta), power.dtype.base_dtype))
                for name, beta in self._powers().items()
                for power in [self._get_non_slot_variable(name, graph)]
            ]
        return tf.group(*update_ops, *powers, name=name_scope)


class LazyAdamOptimizer(_MomentOptimizer):
    """Adam of which a sparse gradient changes its own rows alone.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
    """

    def _rule(self, grad: tf.Tensor, m: tf.Tensor, v: tf.Tensor) -> Moments:
        m, v = self._adam_moments(grad, m, v)
        epsilon = self._hyperparameters(grad.dtype)[3]
        return m, v, self._adam_rate(grad.dtype) * m / (tf.sqrt(v) + epsilon)


class NadamOptimizer(_MomentOptimizer):
    """Adam with Nesterov's momentum.

    Dozat, "Incorporating Nesterov Momentum into Adam", 2016. With a sparse gradient the
    moments of all rows decay.
    """

    def _rule(self, grad: tf.Tensor, m: tf.Tensor, v: tf.Tensor) -> Moments:
        m, v = self._adam_moments(grad, m, v)
        _, beta1, _, epsilon = self._hyperparameters(grad.dtype)
        ahead = m * beta1 + (1.0 - beta1) * grad
        return m, v, self._adam_rate(grad.dtype) * ahead / (tf.sqrt(v) + epsilon)

    def _apply_rows(self, grad: tf.Tensor, var: Any, rows: tf.Tensor) -> tf.Operation:
        shape = tf.shape(var, rows.dtype)
        return self._apply_dense(tf.scatter_nd(rows[:, None], grad, shape), var)


class AdaMaxOptimizer(_MomentOptimizer):
    """Adam with the greatest gradient in place of the second moment.

    Section 7.1 of Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "AdaMax",
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _powers(self) -> dict[str, Any]:
        return {"beta1_power": self._numbers[1]}

    def _rule(self, grad: tf.Tensor, m: tf.Tensor, v: tf.Tensor) -> Moments:
        rate, beta1, beta2, epsilon = self._hyperparameters(grad.dtype)
        m = m * beta1 + (1.0 - beta1) * grad
        v = tf.maximum(v * beta2, tf.abs(grad))
        rate = rate / (1.0 - self._power("beta1_power", grad.dtype))
        return m, v, rate * m / (v + epsilon)


def _value(given: Any) -> Any:
    return given() if callable(given) else given
