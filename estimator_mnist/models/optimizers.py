"""Nadam, which tf.compat.v1.train lacks."""

from typing import NamedTuple

import tensorflow as tf

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


class NadamOptimizer(tf1.train.Optimizer):
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
    ):
        super().__init__(use_locking=False, name=name)
        self._rate, self._epsilon = learning_rate, epsilon
        self._beta1, self._beta2 = beta1, beta2
        self._moments, self._powers = {}, []

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """One step; t is global_step + 1. Returns the op that makes it.

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

    def get_slot(self, var, name):
        """The moment `m` or `v` of a variable; None before apply_gradients."""
        return self._moments.get(var.ref(), {}).get(name)

    def get_slot_names(self):
        """Names that get_slot takes."""
        return ["m", "v"]

    def variables(self):
        """Powers and moments."""
        return self._powers + [
            v for pair in self._moments.values() for v in pair.values()
        ]

    def _create_variables(self, variables):
        with tf1.name_scope(None):  # a slot's name tells its variable's, and no more
            self._powers = [_kept(1.0, f"beta{i}_power") for i in (1, 2)]
            for var in variables:
                name = f"{var.op.name}/{self.get_name()}"
                self._moments[var.ref()] = {
                    "m": _kept(tf.zeros(var.shape, var.dtype), name),
                    "v": _kept(tf.zeros(var.shape, var.dtype), f"{name}_1"),
                }

    def _momentum(self, step):
        return self._beta1 * (1 - 0.5 * 0.96 ** (step / 250))

    def _updates(self, pairs, global_step):
        """Ops that move the variables, their moments and the powers."""
        step = tf.cast(global_step, tf.float32) + 1
        now, ahead = self._momentum(step), self._momentum(step + 1)
        product, beta2_power = self._powers[0] * now, self._powers[1] * self._beta2
        # Worked out once, so that few ops are left for each variable.
        shared = _Shared(
            of_m=self._rate * ahead / (1 - product * ahead),
            of_gradient=self._rate * (1 - now) / (1 - product),
            of_v=1 / (1 - beta2_power),
            beta1=_constant(self._beta1),
            beta2=_constant(self._beta2),
            rest1=_constant(1 - self._beta1),
            rest2=_constant(1 - self._beta2),
            epsilon=_constant(self._epsilon),
        )
        updates = [
            self._powers[0].assign(product, read_value=False),
            self._powers[1].assign(beta2_power, read_value=False),
        ]
        for grad, var in pairs:
            updates += self._update(tf.convert_to_tensor(grad), var, shared)
        return updates

    def _update(self, grad, var, shared):
        """Ops that move the moments of `var`, and it."""
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


def _constant(number):
    return tf.constant(number, tf.float32)


def _kept(initial, name):
    return tf1.Variable(initial, trainable=False, name=name)
