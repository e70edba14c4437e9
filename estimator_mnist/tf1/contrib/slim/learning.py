"""tf.contrib.slim.learning: train ops, and the loop that runs them."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import training
from estimator_mnist.tf1.contrib.training import (
    add_gradients_summaries,
    clip_gradient_norms,
    multiply_gradients,
)

tf1 = tf.compat.v1

__all__ = [
    "add_gradients_summaries",
    "clip_gradient_norms",
    "create_train_op",
    "multiply_gradients",
    "train",
    "train_step",
]

_DEFAULT = 0  # of arguments for which None means "nothing"


def create_train_op(
    total_loss: tf.Tensor,
    optimizer: tf.compat.v1.train.Optimizer,
    global_step: Any = _DEFAULT,
    update_ops: Any = None,
    variables_to_train: Any = None,
    clip_gradient_norm: float = 0,
    summarize_gradients: bool = False,
    gate_gradients: int = 1,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    gradient_multipliers: Mapping[Any, Any] | None = None,
    check_numerics: bool = True,
) -> tf.Tensor:
    """Returns tf.contrib.training.create_train_op, with multiplied, clipped gradients.

    Args:
      clip_gradient_norm: of each gradient; 0 for none.
      gradient_multipliers: by variable or by its op's name.
    """

    def transform(grads: Any) -> Any:
        if gradient_multipliers:
            with tf.name_scope("multiply_grads"):
                grads = multiply_gradients(grads, gradient_multipliers)
        if clip_gradient_norm > 0:
            with tf.name_scope("clip_grads"):
                grads = clip_gradient_norms(grads, clip_gradient_norm)
        return grads

    return training.create_train_op(
        total_loss,
        optimizer,
        global_step,
        update_ops,
        variables_to_train,
        transform,
        summarize_gradients,
        gate_gradients,
        aggregation_method,
        colocate_gradients_with_ops,
        check_numerics,
    )


def train_step(
    sess: tf.compat.v1.Session,
    train_op: tf.Tensor,
    global_step: tf.Variable,
    train_step_kwargs: Mapping[str, Any],
) -> tuple[float, bool]:
    """Makes a step; returns the loss, and whether to stop.

    Args:
      train_step_kwargs: may hold the tensors should_stop and should_log.
    """
    start = time.time()
    loss, step = sess.run([train_op, global_step])
    if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
        tf1.logging.info(
            "global step %d: loss = %.4f (%.3f sec/step)",
            step,
            loss,
            time.time() - start,
        )
    if "should_stop" in train_step_kwargs:
        return loss, bool(sess.run(train_step_kwargs["should_stop"]))
    return loss, False


def train(
    train_op: tf.Tensor,
    logdir: str | None,
    train_step_fn: Callable[..., Any] = train_step,
    train_step_kwargs: Any = _DEFAULT,
    log_every_n_steps: int = 1,
    graph: tf.Graph | None = None,
    master: str = "",
    is_chief: bool = True,
    global_step: tf.Variable | None = None,
    number_of_steps: int | None = None,
    init_op: Any = _DEFAULT,
    init_feed_dict: Any = None,
    local_init_op: Any = _DEFAULT,
    init_fn: Callable[[Any], None] | None = None,
    ready_op: Any = _DEFAULT,
    summary_op: Any = _DEFAULT,
    save_summaries_secs: float = 600,
    summary_writer: Any = _DEFAULT,
    startup_delay_steps: int = 0,
    saver: Any = None,
    save_interval_secs: float = 600,
    sync_optimizer: None = None,
    session_config: Any = None,
    session_wrapper: Callable[[Any], Any] | None = None,
    trace_every_n_steps: int | None = None,
    ignore_live_threads: bool = False,
) -> Any:
    """Trains until the last step; returns the last loss, or None.

    Args:
      train_op: returns the loss, as that of `create_train_op`.
      logdir: folder of checkpoints and summaries; None for neither.
      train_step_fn, train_step_kwargs: see `train_step`.
      log_every_n_steps: 0 for no log.
      graph: None: the default graph.
      number_of_steps: the last step; None trains until something stops it.
      init_op, init_feed_dict, local_init_op, init_fn, ready_op, summary_op,
        summary_writer, saver: as in tf.train.Supervisor.
      save_summaries_secs, save_interval_secs: how often.
      session_config, session_wrapper: of the session.

    The arguments left out here are for clusters, and not used.

    Raises:
      ValueError: there is no train op, `number_of_steps` is not positive, or there is a
        sync_optimizer.
    """
    del startup_delay_steps, trace_every_n_steps, ignore_live_threads
    if train_op is None:
        raise ValueError("train_op cannot be None.")
    if number_of_steps is not None and number_of_steps <= 0:
        raise ValueError("`number_of_steps` must be either None or a positive number.")
    if sync_optimizer is not None:
        raise ValueError("sync_optimizer: leave it out, there is one process here.")
    graph = graph or tf1.get_default_graph()
    with graph.as_default():
        step = (
            tf1.train.get_or_create_global_step()
            if global_step is None
            else global_step
        )
        saver = saver or tf1.train.Saver()
        kwargs = train_step_kwargs
        if isinstance(kwargs, int):
            kwargs = _conditions(step, number_of_steps, log_every_n_steps)
        given = _given(
            logdir,
            init_op=init_op,
            local_init_op=local_init_op,
            ready_op=ready_op,
            summary_op=summary_op,
            summary_writer=summary_writer,
        )
        supervisor = tf1.train.Supervisor(
            graph=graph,
            is_chief=is_chief,
            logdir=logdir,
            init_feed_dict=init_feed_dict,
            saver=saver,
            global_step=step,
            save_summaries_secs=save_summaries_secs,
            save_model_secs=save_interval_secs,
            init_fn=init_fn,
            **given,
        )
        return _loop(
            supervisor,
            lambda session: train_step_fn(session, train_op, step, kwargs),
            master,
            session_config,
            session_wrapper,
            (save_summaries_secs, save_interval_secs),
        )


def _given(logdir: str | None, **arguments: Any) -> dict[str, Any]:
    """Returns the arguments of the supervisor that are not left out."""
    given = {k: v for k, v in arguments.items() if not _is_default(v)}
    if logdir is None:
        given |= {"summary_op": None, "summary_writer": None}
    return given


def _loop(
    supervisor: tf.compat.v1.train.Supervisor,
    one_step: Callable[[Any], Any],
    master: str,
    config: Any,
    wrapper: Callable[[Any], Any] | None,
    secs: tuple[float, float],
) -> Any:
    """Makes steps until one says to stop; saves at intervals, and at the end.

    The supervisor's own threads would do that, but not while eager execution is on.
    """
    loss, saved = None, [time.time(), time.time()]
    with supervisor.managed_session(
        master, start_standard_services=False, config=config
    ) as session:
        session = wrapper(session) if wrapper else session
        supervisor.start_queue_runners(session)
        try:
            should_stop = False
            while not (should_stop or supervisor.should_stop()):
                loss, should_stop = one_step(session)
                for number, save in enumerate((_summarize, _save)):
                    if secs[number] and time.time() - saved[number] > secs[number]:
                        save(supervisor, session)
                        saved[number] = time.time()
        except tf.errors.OutOfRangeError as error:
            supervisor.request_stop(error)  # the end of the input
        else:
            _summarize(supervisor, session)
        tf1.logging.info("Finished training! Saving model to disk.")
        _save(supervisor, session)
    return loss


def _summarize(supervisor: tf.compat.v1.train.Supervisor, session: Any) -> None:
    if supervisor.summary_op is not None and supervisor.summary_writer is not None:
        supervisor.summary_computed(session, session.run(supervisor.summary_op))


def _save(supervisor: tf.compat.v1.train.Supervisor, session: Any) -> None:
    if supervisor.save_path:
        step = supervisor.global_step
        supervisor.saver.save(session, supervisor.save_path, global_step=step)


def _conditions(
    step: tf.Variable, number_of_steps: int | None, log_every_n_steps: int
) -> dict[str, tf.Tensor]:
    with tf.name_scope("train_step"):
        made = {}
        if number_of_steps:
            made["should_stop"] = tf.greater_equal(step, number_of_steps)
        if log_every_n_steps > 0:
            made["should_log"] = tf.equal(step % log_every_n_steps, 0)
        return made


def _is_default(value: Any) -> bool:
    return isinstance(value, int) and value == _DEFAULT


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.slim.learning")
