"""Optimizers with weight decay that is no part of the gradient.

Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019. In a step each
weight loses `weight_decay` times its value, whatever the learning rate.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1
_AdamOptimizer: Any = tf1.train.AdamOptimizer
_MomentumOptimizer: Any = tf1.train.MomentumOptimizer


class DecoupledWeightDecayExtension:
    """Adds weight decay to the optimizer that is the next base of a class.

    Args:
      weight_decay: number, Tensor or function without arguments.
      **kwargs: of the optimizer.
    """

    def __init__(self, weight_decay: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._weight_decay = weight_decay

    def minimize(
        self,
        loss: tf.Tensor,
        global_step: Any = None,
        var_list: Sequence[Any] | None = None,
        gate_gradients: int = tf1.train.Optimizer.GATE_OP,
        aggregation_method: int | None = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: tf.Tensor | None = None,
        decay_var_list: Sequence[Any] | None = None,
    ) -> tf.Operation:
        """Returns the op of a step, which decays `decay_var_list`; None: all.

        TensorFlow 1.15 decayed all here, whatever the list.
        """
        optimizer: Any = self
        pairs = optimizer.compute_gradients(
            loss,
            var_list,
            gate_gradients,
            aggregation_method,
            colocate_gradients_with_ops,
            grad_loss,
        )
        return self.apply_gradients(pairs, global_step, name, decay_var_list)

    def apply_gradients(
        self,
        grads_and_vars: Sequence[tuple],
        global_step: Any = None,
        name: str | None = None,
        decay_var_list: Sequence[Any] | None = None,
    ) -> tf.Operation:
        """Returns an op that decays, then applies the gradients.

        Of a variable whose gradient is sparse, the rows of the gradient decay.
        """
        pairs = list(grads_and_vars)
        chosen = None if decay_var_list is None else {id(v) for v in decay_var_list}
        base: Any = super()
        gradients = [gradient for gradient, _ in pairs if gradient is not None]
        with tf.control_dependencies(gradients):  # they are of the values before
            decays = [
                self._decay(gradient, variable)
                for gradient, variable in pairs
                if gradient is not None and (chosen is None or id(variable) in chosen)
            ]
        with tf.control_dependencies(decays):
            return base.apply_gradients(pairs, global_step=global_step, name=name)

    def _decay(self, gradient: Any, variable: Any) -> Any:
        rate = self._weight_decay
        rate = tf.cast(rate() if callable(rate) else rate, variable.dtype.base_dtype)
        if not isinstance(gradient, tf.IndexedSlices):
            return variable.assign_sub(rate * variable)
        rows = tf.unique(gradient.indices).y
        return tf1.scatter_sub(variable, rows, rate * tf.gather(variable, rows))


def extend_with_decoupled_weight_decay(base_optimizer: Any) -> Callable[..., Any]:
    """Returns the class of an optimizer with `weight_decay` as its first argument."""
    return type(
        "OptimizerWithDecoupledWeightDecay",
        (DecoupledWeightDecayExtension, base_optimizer),
        {"__doc__": f"Decays weights besides {base_optimizer.__name__}."},
    )


class AdamWOptimizer(DecoupledWeightDecayExtension, _AdamOptimizer):
    """Adam with decoupled weight decay."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "AdamW",
    ) -> None:
        super().__init__(
            weight_decay, learning_rate, beta1, beta2, epsilon, use_locking, name
        )


class MomentumWOptimizer(DecoupledWeightDecayExtension, _MomentumOptimizer):
    """Gradient descent with momentum and decoupled weight decay."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "MomentumW",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(
            weight_decay, learning_rate, momentum, use_locking, name, use_nesterov
        )
