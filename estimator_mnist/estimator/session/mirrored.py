"""Training on several devices of one process, by tf.distribute.MirroredStrategy.

Each device has a copy of the variables and takes a batch of its own. The gradients are
summed before they are applied, so that the copies stay equal: for their mean, model_fn
divides its loss by tf.distribute.get_replica_context().num_replicas_in_sync.
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig

_KNOWN = (
    tf.distribute.MirroredStrategy,
    tf.compat.v1.distribute.MirroredStrategy,
    tf.distribute.OneDeviceStrategy,
    tf.compat.v1.distribute.OneDeviceStrategy,
)


def check(config: RunConfig) -> None:
    """Raises NotImplementedError for strategies that the runtime does not follow."""
    _check_kind("train_distribute", config.train_distribute)
    _check_kind("eval_distribute", config.eval_distribute)
    if count(config.eval_distribute) > 1:
        raise NotImplementedError(
            f"RunConfig.eval_distribute = {config.eval_distribute!r}: this runtime "
            "evaluates on one device. Leave it out, or give a strategy of one device."
        )
    strategy = config.train_distribute
    if strategy and config.cluster_spec.jobs:
        raise NotImplementedError(
            "RunConfig.train_distribute is for one process, and TF_CONFIG has a "
            "cluster: leave one of the two out."
        )
    if count(strategy) > 1:
        tf.compat.v1.logging.warning(
            "The gradients of %d devices are summed, as tf.distribute does: for their "
            "mean, divide the loss that is minimized by that number.",
            count(strategy),
        )


def strategy_of(config: RunConfig, mode: str) -> Any:
    """Returns the strategy that the graph of `mode` follows; None for none."""
    if mode == ModeKeys.TRAIN:
        return config.train_distribute
    strategy = config.eval_distribute if mode == ModeKeys.EVAL else None
    is_followed = isinstance(strategy, _KNOWN) and count(strategy) == 1
    return strategy if is_followed else None


def _check_kind(name: str, strategy: Any) -> None:
    if strategy and not isinstance(strategy, _KNOWN):
        raise NotImplementedError(
            f"RunConfig.{name} = {strategy!r}: of the strategies this runtime knows "
            "tf.distribute.MirroredStrategy and OneDeviceStrategy, for the devices of "
            "one process; for several processes leave it out and set TF_CONFIG."
        )


def scope(strategy: Any) -> contextlib.AbstractContextManager:
    """Returns the context of a graph: variables are made once per device.

    With one device there is nothing to distribute: ops are placed on it, and the rest
    is as without a strategy.
    """
    if not strategy:
        return contextlib.nullcontext()
    if count(strategy) > 1:
        return strategy.scope()
    return tf.device(strategy.extended.worker_devices[0])


def count(strategy: Any) -> int:
    """Returns how many batches one step takes."""
    return strategy.num_replicas_in_sync if strategy else 1


def on_each_device(
    strategy: Any, model_fn: Callable[[Any], EstimatorSpec], batches: Sequence
) -> EstimatorSpec:
    """Returns the specs of model_fn(batch) on each device as one.

    Its loss is the mean of theirs, and its train_op makes the step on all of them; the
    rest is the first device's.
    """
    if count(strategy) == 1:
        return model_fn(batches[0])
    specs: dict[int, EstimatorSpec] = {}

    def on_this_device() -> tuple[Any, tf.Tensor]:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        number = int(tf.get_static_value(replica))
        specs[number] = model_fn(batches[number])
        return specs[number].train_op, specs[number].loss

    train_ops, losses = strategy.extended.call_for_each_replica(on_this_device)
    return specs[0]._replace(
        train_op=tf.group(*strategy.experimental_local_results(train_ops)),
        loss=strategy.reduce(tf.distribute.ReduceOp.MEAN, losses, axis=None),
    )
