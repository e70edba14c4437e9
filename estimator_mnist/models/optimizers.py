"""The optimizers by name, among them Nadam, which tf.compat.v1.train lacks."""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.estimator import RunConfig
from estimator_mnist.models.declarations import Params

tf1 = tf.compat.v1


class _Shared(NamedTuple):
    """Scalar tensors in the updates of all variables."""

    of_m: tf.Tensor
    of_gradient: tf.Tensor
    of_v: tf.Tensor
    beta1: tf.Tensor
    beta2: tf.Tensor
    rest1: tf.Tensor
    rest2: tf.Tensor
    epsilon: tf.Tensor


class NadamOptimizer(tf.compat.v1.train.Optimizer):
    """Adam with Nesterov momentum (Dozat 2016), under the schedule that Keras took.

    The momentum of step t, counted from 1, is beta1 * (1 - 0.5 * 0.96**(t / 250)).
    Slots and powers are called as Adam's: `dense/kernel/Nadam`, `dense/kernel/Nadam_1`,
    `beta1_power` (here the product of all momenta so far) and `beta2_power`.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-7,
        name: str = "Nadam",
    ) -> None:
        super().__init__(use_locking=False, name=name)
        self._rate, self._epsilon = learning_rate, epsilon
        self._beta1, self._beta2 = beta1, beta2
        self._moments: dict[Any, dict[str, tf.Variable]] = {}
        self._powers: list[tf.Variable] = []

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[tf.Tensor | None, tf.Variable]],
        global_step: tf.Variable | None = None,
        name: str | None = None,
    ) -> tf.Operation:
        """Returns the op that makes step t, which is global_step + 1.

        Raises:
          ValueError: without global_step, or where no variable has a gradient.
        """
        pairs = [(grad, var) for grad, var in grads_and_vars if grad is not None]
        if not pairs:
            raise ValueError(
                "grads_and_vars has no gradient: does the loss depend on the variables?"
            )
        if global_step is None:
            raise ValueError(
                "global_step is None: Nadam's momentum depends on it; "
                "give tf.train.get_global_step()"
            )
        self._create_variables([var for _, var in pairs])
        with tf1.name_scope(self.get_name()) as scope:
            updates = self._updates(pairs, global_step)
            with tf.control_dependencies(updates):
                train_op = tf1.assign_add(global_step, 1, name=name or scope).op
        tf1.add_to_collection(tf1.GraphKeys.TRAIN_OP, train_op)
        return train_op

    def get_slot(self, var: tf.Variable, name: str) -> tf.Variable | None:
        """Returns the moment `m` or `v` of a variable; None before apply_gradients."""
        return self._moments.get(var.ref(), {}).get(name)

    def get_slot_names(self) -> list[str]:
        """Returns the names that get_slot takes."""
        return ["m", "v"]

    def variables(self) -> list[tf.Variable]:
        """Returns powers and moments."""
        return self._powers + [
            v for pair in self._moments.values() for v in pair.values()
        ]

    def _create_variables(self, variables: Sequence[tf.Variable]) -> None:
        with tf1.name_scope(None):  # a slot is named after its variable alone
            self._powers = [_variable(1.0, f"beta{i}_power") for i in (1, 2)]
            for var in variables:
                name = f"{var.op.name}/{self.get_name()}"
                self._moments[var.ref()] = {
                    "m": _variable(tf.zeros(var.shape, var.dtype), name),
                    "v": _variable(tf.zeros(var.shape, var.dtype), f"{name}_1"),
                }

    def _momentum(self, step: tf.Tensor) -> tf.Tensor:
        return self._beta1 * (1 - 0.5 * 0.96 ** (step / 250))

    def _updates(
        self, pairs: Sequence[tuple[tf.Tensor, tf.Variable]], global_step: tf.Variable
    ) -> list[tf.Operation]:
        """Returns ops that move the variables, their moments and the powers."""
        step = tf.cast(global_step, tf.float32) + 1
        now, ahead = self._momentum(step), self._momentum(step + 1)
        beta1_power, beta2_power = self._powers
        product, next_beta2_power = beta1_power * now, beta2_power * self._beta2
        # Computed once: few ops are left for each variable.
        shared = _Shared(
            of_m=self._rate * ahead / (1 - product * ahead),
            of_gradient=self._rate * (1 - now) / (1 - product),
            of_v=1 / (1 - next_beta2_power),
            beta1=_constant(self._beta1),
            beta2=_constant(self._beta2),
            rest1=_constant(1 - self._beta1),
            rest2=_constant(1 - self._beta2),
            epsilon=_constant(self._epsilon),
        )
        updates = [
            beta1_power.assign(product, read_value=False),
            beta2_power.assign(next_beta2_power, read_value=False),
        ]
        for grad, var in pairs:
            updates += self._update(tf.convert_to_tensor(grad), var, shared)
        return updates

    def _update(
        self, grad: tf.Tensor, var: tf.Variable, shared: _Shared
    ) -> list[tf.Operation]:
        """Returns ops that move `var` and its moments."""
        moments = self._moments[var.ref()]
        m = shared.beta1 * moments["m"] + shared.rest1 * grad
        v = shared.beta2 * moments["v"] + shared.rest2 * tf.square(grad)
        root = tf.sqrt(shared.of_v * v) + shared.epsilon
        change = (shared.of_m * m + shared.of_gradient * grad) / root
        return [
            moments["m"].assign(m, read_value=False),
            moments["v"].assign(v, read_value=False),
            var.assign_sub(change, read_value=False),
        ]


def _constant(number: float) -> tf.Tensor:
    return tf.constant(number, tf.float32)


def _variable(initial: float | tf.Tensor, name: str) -> tf.Variable:
    return tf1.Variable(initial, trainable=False, name=name)


# Each is called with the learning rate; the rest is as in Keras or the v1 default.
# declarations.OPTIMIZERS has their names.
OPTIMIZERS: dict[str, Callable[..., tf.compat.v1.train.Optimizer]] = {
    "gradient_descent": tf1.train.GradientDescentOptimizer,
    "momentum": functools.partial(tf1.train.MomentumOptimizer, momentum=0.9),
    "rmsprop": tf1.train.RMSPropOptimizer,
    "adam": tf1.train.AdamOptimizer,
    "nadam": NadamOptimizer,
}


def make(params: Params) -> tf.compat.v1.train.Optimizer:
    """Returns the optimizer that params name; params as of learning_rate_of."""
    return OPTIMIZERS[params["optimizer"]](learning_rate_of(params))


def learning_rate_of(params: Params) -> float | tf.Tensor:
    """Returns learning_rate, halved after each decay_steps steps unless that is 0."""
    rate, steps = params["learning_rate"], params.get("decay_steps", 0)
    if not steps:
        return rate
    return tf1.train.exponential_decay(
        rate, tf1.train.get_global_step(), steps, 0.5, staircase=True
    )


def synchronize(
    optimizer: tf.compat.v1.train.Optimizer, config: RunConfig
) -> tuple[tf.compat.v1.train.Optimizer, list[tf.compat.v1.train.SessionRunHook]]:
    """Returns an optimizer of the mean of all workers' gradients, and its hooks."""
    workers = config.num_worker_replicas
    shared = tf1.train.SyncReplicasOptimizer(optimizer, workers, workers)
    # No spare tokens: nobody begins a step before all have made the last.
    return shared, [shared.make_session_run_hook(config.is_chief, num_tokens=0)]
