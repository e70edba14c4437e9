"""tf.contrib.mixed_precision: losses that are scaled, so that gradients stay numbers.

Micikevicius et al., "Mixed Precision Training", 2018.
"""

import abc
from collections.abc import Iterable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1
_Optimizer: Any = tf1.train.Optimizer

__all__ = [
    "ExponentialUpdateLossScaleManager",
    "FixedLossScaleManager",
    "LossScaleManager",
    "LossScaleOptimizer",
]


class LossScaleManager(abc.ABC):
    """Base of what knows the scale of the loss."""

    @abc.abstractmethod
    def get_loss_scale(self) -> tf.Tensor:
        """Returns the scale, a float32 scalar."""

    @abc.abstractmethod
    def update_loss_scale(self, finite_grads: tf.Tensor) -> tf.Operation:
        """Returns the op that follows a step, with or without finite gradients."""


class FixedLossScaleManager(LossScaleManager):
    """A scale that stays.

    Raises:
      ValueError: it is below 1.
    """

    def __init__(self, loss_scale: float) -> None:
        if loss_scale < 1:
            raise ValueError("loss scale must be at least 1.")
        self._scale = tf.constant(loss_scale, tf.float32)

    def get_loss_scale(self) -> tf.Tensor:
        """Returns the scale."""
        return self._scale

    def update_loss_scale(self, finite_grads: tf.Tensor) -> tf.Operation:
        """Returns an op that does nothing."""
        del finite_grads
        return tf.no_op()


class ExponentialUpdateLossScaleManager(LossScaleManager):
    """A scale that grows after good steps, and falls after bad ones.

    Args:
      init_loss_scale: to begin with, 1 or more.
      incr_every_n_steps: good steps in a row after which it grows.
      decr_every_n_nan_or_inf: bad steps, without as many good ones between them, after
        which it falls.
      incr_ratio, decr_ratio: factors.
    """

    def __init__(
        self,
        init_loss_scale: float,
        incr_every_n_steps: int,
        decr_every_n_nan_or_inf: int = 2,
        incr_ratio: float = 2,
        decr_ratio: float = 0.8,
    ) -> None:
        self._every = (incr_every_n_steps, decr_every_n_nan_or_inf)
        self._ratios = (incr_ratio, decr_ratio)
        options: dict[str, Any] = {"trainable": False}
        self._scale = tf1.Variable(
            float(init_loss_scale), name="loss_scale", dtype=tf.float32, **options
        )
        self._good = tf1.Variable(0, name="good_steps", dtype=tf.int32, **options)
        self._bad = tf1.Variable(0, name="bad_steps", dtype=tf.int32, **options)

    def get_loss_scale(self) -> tf.Tensor:
        """Returns the scale."""
        return tf.convert_to_tensor(self._scale)

    def update_loss_scale(self, finite_grads: tf.Tensor) -> tf.Operation:
        """Returns the op that counts a step, and changes the scale."""
        scale, good, bad = map(tf.identity, (self._scale, self._good, self._bad))
        up, down = self._ratios
        good = tf.where(finite_grads, good + 1, 0)
        bad = tf.where(finite_grads, bad, bad + 1)
        grows = finite_grads & (good >= self._every[0])
        falls = ~finite_grads & (bad >= self._every[1])
        more = tf.where(tf.math.is_finite(scale * up), scale * up, scale)
        scale = tf.where(grows, more, scale)
        scale = tf.where(falls, tf.maximum(scale * down, 1.0), scale)
        zero = grows | falls
        good, bad = tf.where(zero, 0, good), tf.where(zero, 0, bad)
        with tf1.control_dependencies([scale, good, bad]):
            return tf.group(
                tf1.assign(self._scale, scale),
                tf1.assign(self._good, good),
                tf1.assign(self._bad, bad),
            )


class LossScaleOptimizer(_Optimizer):
    """Scales the loss of another optimizer, and leaves out steps that overflow.

    Args:
      opt: the other optimizer.
      loss_scale_manager: LossScaleManager.
    """

    def __init__(self, opt: Any, loss_scale_manager: LossScaleManager) -> None:
        super().__init__(False, "LossScaleOptimizer")
        self._opt, self._manager = opt, loss_scale_manager

    def compute_gradients(
        self, loss: Any, var_list: Sequence[tf.Variable] | None = None, **kwargs: Any
    ) -> list[tuple[Any, tf.Variable]]:
        """Returns pairs of gradient, no longer scaled, and variable."""
        scale = self._manager.get_loss_scale()
        scaled = loss * tf.cast(scale, loss.dtype)
        pairs = self._opt.compute_gradients(scaled, var_list, **kwargs)
        return [(_divided(gradient, scale), variable) for gradient, variable in pairs]

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, tf.Variable]],
        global_step: Any = None,
        name: str | None = None,
    ) -> tf.Operation:
        """Returns the op of a step, which only counts where gradients are finite."""
        pairs = list(grads_and_vars)
        numbers = [gradient for gradient, _ in pairs if gradient is not None]
        finite = tf.reduce_all(
            [tf.reduce_all(tf.math.is_finite(_values(each))) for each in numbers]
        )

        def step() -> tf.Tensor:
            return _done(self._opt.apply_gradients(pairs, global_step, name))

        stepped = tf1.cond(finite, step, lambda: _done(tf.no_op()))
        return tf.group(stepped, self._manager.update_loss_scale(finite))


def _values(gradient: Any) -> tf.Tensor:
    return gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient


def _divided(gradient: Any, scale: tf.Tensor) -> Any:
    if gradient is None:
        return None
    values = _values(gradient)
    values = values / tf.cast(scale, values.dtype)
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
    return values


def _done(op: tf.Operation) -> tf.Tensor:
    with tf1.control_dependencies([op]):
        return tf.constant(True)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.mixed_precision")
