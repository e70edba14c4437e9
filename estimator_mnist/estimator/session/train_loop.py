"""The training loop: one session, a run after the other, hooks around each."""

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths, save_hooks
from estimator_mnist.estimator.checkpoint.saver import CheckpointSaver
from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import precision
from estimator_mnist.estimator.session.model_graph import GRACE_SECS, ModelGraph
from estimator_mnist.estimator.session.multi_step import Only, Stepper

tf1 = tf.compat.v1

CLUSTER_GRACE_SECS = 2


def run(
    model: ModelGraph,
    config: RunConfig,
    checkpoint_path: str | None,
    start_step: int,
    hooks,
    saving_listeners,
):
    """Trains until a hook asks to stop or the input ends.

    Args:
      checkpoint_path: where to go on from; None to begin at step 0. A worker waits
        until the chief has gone on from there.
      start_step: the global step there.

    Returns:
      The loss of the last step, or None where no step was made.
    """
    spec, loss = model.spec, None
    config = config.replace(
        session_config=precision.session_config(config.session_config, config.precision)
    )
    with model.graph.as_default():
        _add_loss_summary(spec.loss)
        given = [*hooks, *spec.training_hooks, *spec.training_chief_hooks]
        stepper = Stepper(model, config, given, start_step)
        hooks = [*hooks, *_loss_loggers(spec, config, stepper)]
        if config.is_chief:
            _set_up_saver(spec.scaffold, config)
            all_hooks = _all_hooks(spec, config, hooks, saving_listeners, stepper)
            creator = model.session_creator(config, checkpoint_path, config.master)
        else:
            all_hooks = _worker_hooks(spec, config, hooks)
            creator = model.worker_session_creator(config)
        creator = servers.once(creator, config)
        # SyncReplicasOptimizer's thread would wait for other workers to make a step.
        grace = CLUSTER_GRACE_SECS if servers.is_member(config) else GRACE_SECS
        with model.enter(creator, all_hooks, grace) as session:
            while not session.should_stop():
                loss = stepper.run(session)
    return loss


def _add_loss_summary(loss) -> None:
    named = {op.name for op in tf1.get_collection(tf1.GraphKeys.SUMMARIES)}
    if "loss:0" not in named:
        tf1.summary.scalar("loss", loss)


def _set_up_saver(scaffold, config) -> None:
    """One saver that knows the checkpoints of earlier runs, to delete the oldest."""
    savers = tf1.get_collection_ref(tf1.GraphKeys.SAVERS)
    if not scaffold.saver and not savers:
        savers.append(
            CheckpointSaver(
                config.keep_checkpoint_max, config.keep_checkpoint_every_n_hours
            )
        )
    saver = scaffold.saver or savers[0]
    saver.recover_last_checkpoints(paths.all_paths(config.model_dir))


def _all_hooks(spec, config, hooks, saving_listeners, stepper) -> list:
    given = [*hooks, *spec.training_hooks, *spec.training_chief_hooks]
    # The check for NaN comes first so that no bad checkpoint is written.
    all_hooks = [save_hooks.StopAtNan(spec.loss), *spec.training_chief_hooks]
    all_hooks += _saver_hooks(spec, config, given, saving_listeners)
    if config.log_step_count_steps:
        all_hooks.append(
            tf1.train.StepCounterHook(
                every_n_steps=config.log_step_count_steps, output_dir=config.model_dir
            )
        )
    if config.save_summary_steps:
        all_hooks.append(_summary_saver(spec, config, stepper))
    all_hooks += [*hooks, *spec.training_hooks]
    if saving_listeners and _own_saver_hooks(given):
        all_hooks.append(_ListenToSaves(spec.scaffold, saving_listeners))
    return all_hooks


def _worker_hooks(spec, config, hooks) -> list:
    """Those of a task that is not the chief, which alone saves and writes events."""
    given = [*hooks, *spec.training_hooks]
    own = _own_saver_hooks(given)
    return [
        save_hooks.StopAtNan(spec.loss),
        *(hook for hook in given if hook not in own),
    ]


def _loss_loggers(spec, config, stepper) -> list:
    every = config.log_step_count_steps
    if not every:
        return []
    shown = {"loss": spec.loss, "step": tf1.train.get_global_step()}
    if not stepper.is_possible:
        return [tf1.train.LoggingTensorHook(shown, every_n_iter=every)]
    # It counts runs, which are not steps then.
    logger = tf1.train.LoggingTensorHook(shown, every_n_iter=1)
    return [Only(logger, every, lambda: stepper.last)]


def _summary_saver(spec, config, stepper):
    every = config.save_summary_steps
    saver = tf1.train.SummarySaverHook(
        scaffold=spec.scaffold,
        save_steps=1 if stepper.is_possible else every,
        output_dir=config.model_dir,
    )
    if not stepper.is_possible:
        return saver
    # By itself it would look but one step ahead.
    step = tf1.train.get_global_step()
    return Only(saver, every, lambda: stepper.ends_at, lambda sess: sess.run(step))


def _own_saver_hooks(given) -> list:
    return [hook for hook in given if isinstance(hook, tf1.train.CheckpointSaverHook)]


def _saver_hooks(spec, config, given, saving_listeners) -> list:
    """The hook that writes checkpoints, unless the user has brought one."""
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
        save_hooks.OpenEvents(config.model_dir),
        tf1.train.CheckpointSaverHook(
            config.model_dir,
            save_secs=config.save_checkpoints_secs,
            save_steps=config.save_checkpoints_steps,
            scaffold=spec.scaffold,
            listeners=[save_hooks.BeforeSave(config.model_dir), *saving_listeners],
            save_graph_def=config.checkpoint_save_graph_def,
        ),
        save_hooks.FinishSaving(spec.scaffold),
    ]


class _ListenToSaves(tf1.train.SessionRunHook):
    """Calls listeners where a CheckpointSaverHook of the user's writes checkpoints.

    It sees a checkpoint when it is there, so before_save comes late.
    """

    def __init__(self, scaffold, listeners):
        self._scaffold, self._listeners, self._seen = scaffold, listeners, []

    def begin(self):
        self._step = tf1.train.get_global_step()
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session, coord):
        self._tell_of_new_ones(session)

    def after_run(self, run_context, run_values):
        if self._tell_of_new_ones(run_context.session):
            run_context.request_stop()

    def end(self, session):
        self._tell_of_new_ones(session)
        step = session.run(self._step)
        for listener in self._listeners:
            listener.end(session, step)

    def _tell_of_new_ones(self, session) -> bool:
        saved = list(self._scaffold.saver.last_checkpoints)
        if saved == self._seen:
            return False
        self._seen, step = saved, session.run(self._step)
        for listener in self._listeners:
            listener.before_save(session, step)
        return any([listener.after_save(session, step) for listener in self._listeners])
