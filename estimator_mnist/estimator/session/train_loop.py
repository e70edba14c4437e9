"""The training loop: one session, steps one after the other, hooks at each."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import precision, train_hooks
from estimator_mnist.estimator.session.model_graph import ModelGraph
from estimator_mnist.estimator.session.steps import multi_step
from estimator_mnist.estimator.session.trainers import StartingPoint, Trainer

tf1 = tf.compat.v1


def run(
    model: ModelGraph,
    config: RunConfig,
    trainer: Trainer,
    start: StartingPoint,
    hooks: Sequence,
    saving_listeners: Sequence,
) -> Any:
    """Trains until a hook asks to stop or the input ends.

    Args:
      trainer: opens the session, and says which hooks it has.
      start: the step that training begins at, and the checkpoint to restore.

    Returns:
      The loss of the last step, a float32 scalar; None where no step was made.

    Raises as the session and the hooks do.
    """
    spec, loss = model.spec, None
    config = config.replace(
        session_config=precision.session_config(config.session_config, config.precision)
    )
    with model.graph.as_default():
        train_hooks.add_loss_summary(spec.loss)
        given = [*hooks, *spec.training_hooks, *spec.training_chief_hooks]
        steps = multi_step.steps_of(model, config, given, start.step)
        hooks = trainer.hooks(start, spec, config, hooks, saving_listeners, steps)
        creator = trainer.session_creator(model, config, start)
        with model.enter(creator, hooks, trainer.grace_secs) as session:
            while not session.should_stop():
                loss = steps.run(session)
    return loss
