"""Makes a head's train_op from the optimizer that its caller gives."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import tensorflow as tf

tf1 = tf.compat.v1

TrainOpFn = Callable[[tf.Tensor], tf.Operation | tf.Tensor]


@runtime_checkable
class LegacyKerasOptimizer(Protocol):
    """A Keras optimizer that can train in a graph: one of Keras 2."""

    def get_updates(
        self, loss: tf.Tensor, params: Sequence[tf.Variable]
    ) -> list[tf.Operation | tf.Tensor]:
        """Returns ops, the first of which makes one step."""


@contextlib.contextmanager
def training_scope(optimizer: object) -> Iterator[None]:
    """Opens the scope in which a head makes its train_op, and an optimizer variables.

    It is `training`, in no other scope, as in the original. That refuses optimizers of
    tf.compat.v1.train, whose variables are called as without a head.
    """
    if isinstance(optimizer, tf1.train.Optimizer):
        yield
        return
    with tf1.name_scope(None), tf1.name_scope("training"):
        yield


def make_train_op(
    loss: tf.Tensor,
    optimizer: tf.compat.v1.train.Optimizer | LegacyKerasOptimizer | None,
    trainable_variables: Sequence[tf.Variable] | None,
    train_op_fn: TrainOpFn | None,
    update_ops: Sequence[tf.Operation] | None,
) -> tf.Operation | tf.Tensor:
    """Returns the op of one step; see Head.create_estimator_spec for the arguments.

    Raises:
      ValueError: not exactly one of `optimizer` and `train_op_fn` is given, or the
        optimizer is none that trains in a graph.
    """
    if train_op_fn is not None and optimizer is not None:
        raise ValueError("train_op_fn and optimizer cannot both be set.")
    if train_op_fn is None and optimizer is None:
        raise ValueError("train_op_fn and optimizer cannot both be None.")
    if train_op_fn is not None:
        train_op = train_op_fn(loss)
    elif isinstance(optimizer, tf1.train.Optimizer):
        step = tf1.train.get_global_step()
        train_op = optimizer.minimize(loss, step, trainable_variables)
    else:
        train_op = _keras_train_op(loss, optimizer, trainable_variables)
    if train_op is None or not update_ops:
        return train_op
    return tf.group(train_op, *update_ops)


def _keras_train_op(
    loss: tf.Tensor,
    optimizer: object,
    trainable_variables: Sequence[tf.Variable] | None,
) -> tf.Operation | tf.Tensor:
    kinds = LegacyKerasOptimizer, tf.keras.optimizers.Optimizer
    if not isinstance(optimizer, kinds):
        raise _not_usable(optimizer)
    if trainable_variables is None:
        raise ValueError(
            "trainable_variables cannot be None. Give those of the model to a Keras "
            "optimizer, as tf.compat.v1.trainable_variables()."
        )
    if not isinstance(trainable_variables, (list, tuple)):
        raise ValueError(
            "trainable_variables should be a list or a tuple. Given type: "
            f"{type(trainable_variables)}."
        )
    if not isinstance(optimizer, LegacyKerasOptimizer):
        raise _not_usable(optimizer)
    # The first makes the step, and may have a value.
    return optimizer.get_updates(loss, trainable_variables)[0]


def _not_usable(optimizer: object) -> ValueError:
    return ValueError(
        "The given optimizer is not a tf.keras.optimizers.Optimizer instance. "
        f"Received optimizer of type {type(optimizer)}; give one of tf.compat.v1."
        "train, e.g. AdamOptimizer(1e-4), since an Estimator trains in a graph."
    )
