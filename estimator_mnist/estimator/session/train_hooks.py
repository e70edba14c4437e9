"""The hooks of a training: what saves, summarizes, logs and guards against NaN."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import paths, save_hooks
from estimator_mnist.estimator.checkpoint.event_writers import EventWriter
from estimator_mnist.estimator.checkpoint.lock import HeldFolder
from estimator_mnist.estimator.checkpoint.saver import CheckpointSaver
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.steps.multi_step import Steps

tf1 = tf.compat.v1


class TrainedFolder(NamedTuple):
    """The model_dir that a training holds, and what writes its events."""

    held: HeldFolder
    events: EventWriter


def add_loss_summary(loss: tf.Tensor) -> None:
    """Adds a scalar summary of the loss, unless model_fn has added one."""
    names = {op.name for op in tf1.get_collection(tf1.GraphKeys.SUMMARIES)}
    if "loss:0" not in names:
        tf1.summary.scalar("loss", loss)


def of_chief(
    spec: EstimatorSpec,
    config: RunConfig,
    hooks: Sequence,
    saving_listeners: Sequence,
    steps: Steps,
    folder: TrainedFolder,
) -> list:
    """Returns the hooks of a process that saves and writes events, in their order.

    Raises:
      ValueError: there are saving_listeners, but nothing saves.
    """
    recovery_hooks = _set_up_saver(spec.scaffold, config, folder.held)
    watch = save_hooks.NanWatch(spec.loss)
    given = [*hooks, *spec.training_hooks, *spec.training_chief_hooks]
    saver_hooks = _saver_hooks(spec, config, given, saving_listeners, folder.events)
    found = [
        *recovery_hooks,
        *_hidden_at_nan(saver_hooks, watch),
        *spec.training_chief_hooks,
        *_hidden_at_nan(_event_hooks(spec, config, steps, folder.events), watch),
        *_stopped_at_nan(spec, config, hooks, steps, watch),
    ]
    # What the user brings to save with must not save NaN either.
    own = _own_saver_hooks(given)
    found = [save_hooks.NotAtNan(h, watch) if h in own else h for h in found]
    if saving_listeners and own:
        found.append(save_hooks.ListenToSavesHook(spec.scaffold, saving_listeners))
    return [save_hooks.HeldFolderHook(folder.held), watch, *found]


def of_worker(
    spec: EstimatorSpec, config: RunConfig, hooks: Sequence, steps: Steps
) -> list:
    """Returns the hooks of a worker, which neither saves nor writes events."""
    watch = save_hooks.NanWatch(spec.loss)
    found = _stopped_at_nan(spec, config, hooks, steps, watch)
    own = _own_saver_hooks(found)
    return [watch, *(hook for hook in found if hook not in own)]


def _stopped_at_nan(
    spec: EstimatorSpec,
    config: RunConfig,
    hooks: Sequence,
    steps: Steps,
    watch: save_hooks.NanWatch,
) -> list:
    """Returns the hooks of every process; `hooks` see a step with NaN, too."""
    stop = save_hooks.StopAtNanHook(watch)
    return [*hooks, stop, *_loss_loggers(spec, config, steps), *spec.training_hooks]


def _hidden_at_nan(hooks: Sequence, watch: save_hooks.NanWatch) -> list:
    return [save_hooks.NotAtNan(hook, watch) for hook in hooks]


def _event_hooks(
    spec: EstimatorSpec, config: RunConfig, steps: Steps, events: EventWriter
) -> list:
    """Returns the hooks that write events: the steps per second, and summaries."""
    found, every = [], config.log_step_count_steps
    if every:
        found.append(steps.counter_hook(every, events))
    if config.save_summary_steps:
        found.append(
            steps.summary_hook(spec.scaffold, config.save_summary_steps, events)
        )
    return found


def _set_up_saver(scaffold: Any, config: RunConfig, held: HeldFolder) -> list:
    """Finds or makes the one saver, and tells it of earlier runs' checkpoints.

    Returns hooks, where that has to wait for the session.
    """
    if isinstance(scaffold.saver, tf.train.Checkpoint):
        return [save_hooks.RecoverCheckpointsHook(scaffold, config.model_dir)]
    savers = tf1.get_collection_ref(tf1.GraphKeys.SAVERS)
    if not scaffold.saver and not savers:
        savers.append(
            CheckpointSaver(
                config.keep_checkpoint_max,
                config.keep_checkpoint_every_n_hours,
                before_save=held.check,
            )
        )
    saver = scaffold.saver or savers[0]
    if paths.is_pattern(config.model_dir) and not isinstance(saver, CheckpointSaver):
        raise errors.ExperimentError(
            f"model_dir {config.model_dir} has a character of patterns in its name (*, "
            "?, [ or a backslash). The Saver of this model_fn would look for old "
            "checkpoints by that pattern, and delete those of other folders: rename "
            "the folder, or leave the Saver out."
        )
    saver.recover_last_checkpoints(paths.all_paths(config.model_dir))
    return []


def _loss_loggers(spec: EstimatorSpec, config: RunConfig, steps: Steps) -> list:
    every = config.log_step_count_steps
    if not every:
        return []
    shown = {"loss": spec.loss, "step": tf1.train.get_global_step()}
    return [steps.logging_hook(shown, every)]


def _own_saver_hooks(given: Sequence) -> list:
    return [hook for hook in given if isinstance(hook, tf1.train.CheckpointSaverHook)]


def _saver_hooks(
    spec: EstimatorSpec,
    config: RunConfig,
    given: Sequence,
    saving_listeners: Sequence,
    events: EventWriter,
) -> list:
    """Returns the hooks that write checkpoints, unless the user has brought one."""
    if _own_saver_hooks(given):
        return []
    if not (config.save_checkpoints_steps or config.save_checkpoints_secs):
        if saving_listeners:
            raise ValueError(
                "There should be a CheckpointSaverHook to use saving_listeners. Please "
                "set one of the RunConfig.save_checkpoints_steps or "
                "RunConfig.save_checkpoints_secs."
            )
        return []
    return [
        save_hooks.OpenEventFileHook(events),
        tf1.train.CheckpointSaverHook(
            config.model_dir,
            save_secs=config.save_checkpoints_secs,
            save_steps=config.save_checkpoints_steps,
            scaffold=spec.scaffold,
            listeners=[
                save_hooks.CheckBeforeSave(events),
                *(
                    save_hooks.AfterSuccess(one, spec.scaffold)
                    for one in saving_listeners
                ),
            ],
            save_graph_def=config.checkpoint_save_graph_def,
        ),
        save_hooks.FinishSavingHook(spec.scaffold),
    ]
