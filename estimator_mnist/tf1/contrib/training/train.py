"""Train ops with clipping, and the loops around them."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

GradsAndVars = list[tuple[Any, tf.Variable]]
_GLOBAL_STEP = 0  # stands for the graph's own; None counts nothing


def create_train_op(
    total_loss: tf.Tensor,
    optimizer: tf.compat.v1.train.Optimizer,
    global_step: Any = _GLOBAL_STEP,
    update_ops: Sequence[Any] | None = None,
    variables_to_train: Sequence[tf.Variable] | None = None,
    transform_grads_fn: Callable[[GradsAndVars], GradsAndVars] | None = None,
    summarize_gradients: bool = False,
    gate_gradients: int = 1,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    check_numerics: bool = True,
) -> tf.Tensor:
    """Returns the train op: the loss, once a step has been made.

    Args:
      total_loss: a scalar.
      optimizer: see above.
      global_step: None counts nothing; left out it is the graph's, made if missing.
      update_ops: run before; None: tf.GraphKeys.UPDATE_OPS.
      variables_to_train: None: all.
      transform_grads_fn: takes and returns the gradients.
      summarize_gradients: see `add_gradients_summaries`.
      gate_gradients, aggregation_method, colocate_gradients_with_ops: as in
        compute_gradients.
      check_numerics: whether a loss that is no number raises InvalidArgumentError.
    """
    if isinstance(global_step, int):
        global_step = tf1.train.get_or_create_global_step()
    updates = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
    updates = list(dict.fromkeys(updates if update_ops is None else update_ops))
    if updates:
        with tf.control_dependencies(updates):
            barrier = tf.no_op(name="update_barrier")
        with tf.control_dependencies([barrier]):
            total_loss = tf.identity(total_loss)
    grads = optimizer.compute_gradients(
        total_loss,
        variables_to_train or tf1.trainable_variables(),
        gate_gradients=gate_gradients,
        aggregation_method=aggregation_method,
        colocate_gradients_with_ops=colocate_gradients_with_ops,
    )
    if transform_grads_fn:
        grads = transform_grads_fn(grads)
    if summarize_gradients:
        with tf.name_scope("summarize_grads"):
            add_gradients_summaries(grads)
    update = optimizer.apply_gradients(grads, global_step=global_step)
    with tf.name_scope("train_op"):
        if check_numerics:
            total_loss = tf.debugging.check_numerics(
                total_loss, "LossTensor is inf or nan"
            )
        with tf.control_dependencies([update]):
            train_op = tf.identity(total_loss)
    tf1.add_to_collection(tf1.GraphKeys.TRAIN_OP, train_op)
    return train_op


def add_gradients_summaries(grads_and_vars: GradsAndVars) -> list[tf.Tensor]:
    """Returns a histogram and the norm of each gradient."""
    summaries = []
    for grad, var in grads_and_vars:
        if grad is None:
            tf1.logging.info("Var %s has no gradient", var.op.name)
            continue
        values = grad.values if isinstance(grad, tf.IndexedSlices) else grad
        name = var.op.name
        summaries += [
            tf1.summary.histogram(f"{name}_gradient", values),
            tf1.summary.scalar(
                f"{name}_gradient_norm", tf.linalg.global_norm([values])
            ),
        ]
    return summaries


def clip_gradient_norms(
    gradients_to_variables: GradsAndVars, max_norm: float
) -> GradsAndVars:
    """Returns the gradients, each at most `max_norm` long."""

    def clipped(grad: Any) -> Any:
        if isinstance(grad, tf.IndexedSlices):
            values = tf.clip_by_norm(grad.values, max_norm)
            return tf.IndexedSlices(values, grad.indices, grad.dense_shape)
        return grad if grad is None else tf.clip_by_norm(grad, max_norm)

    return [(clipped(grad), var) for grad, var in gradients_to_variables]


def clip_gradient_norms_fn(
    max_norm: float,
) -> Callable[[GradsAndVars], GradsAndVars]:
    """Returns `clip_gradient_norms` as a function of the gradients."""
    return lambda grads: clip_gradient_norms(grads, max_norm)


def multiply_gradients(
    grads_and_vars: GradsAndVars, gradient_multipliers: Mapping[Any, Any]
) -> GradsAndVars:
    """Returns the gradients times multipliers, by variable or by its op's name.

    Raises:
      ValueError: a variable with a multiplier has no gradient.
    """
    by_name = {
        key if isinstance(key, str) else key.op.name: factor
        for key, factor in gradient_multipliers.items()
    }

    def multiplied(grad: Any, var: tf.Variable) -> Any:
        if var.op.name not in by_name:
            return grad
        if grad is None:
            raise ValueError(f"Requested multiple of `None` gradient: {var.op.name}.")
        factor = tf.cast(by_name[var.op.name], grad.dtype)
        if isinstance(grad, tf.IndexedSlices):
            return tf.IndexedSlices(
                grad.values * factor, grad.indices, grad.dense_shape
            )
        return grad * factor

    return [(multiplied(grad, var), var) for grad, var in grads_and_vars]


def train(
    train_op: tf.Tensor,
    logdir: str | None,
    master: str = "",
    is_chief: bool = True,
    scaffold: Any = None,
    hooks: Sequence[Any] | None = None,
    chief_only_hooks: Sequence[Any] | None = None,
    save_checkpoint_secs: float | None = 600,
    save_summaries_steps: int | None = 100,
    config: Any = None,
    max_wait_secs: int = 7200,
    run_metadata: Any = None,
) -> Any:
    """Runs the train op until a hook stops it; returns the last loss.

    Arguments are those of tf.train.MonitoredTrainingSession.

    Raises:
      ValueError: there is neither a folder nor a hook.
    """
    if logdir is None and not hooks:
        raise ValueError("Must specify hooks where logdir is None: nothing would stop.")
    options = {"max_wait_secs": max_wait_secs, "config": config}
    with tf1.train.MonitoredTrainingSession(
        master,
        is_chief,
        logdir,
        scaffold,
        hooks,
        chief_only_hooks,
        save_checkpoint_secs,
        save_summaries_steps,
        **options,
    ) as session:
        loss = None
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss


def get_or_create_eval_step() -> tf.Variable:
    """Returns the number of batches that an evaluation has seen, a local variable."""
    collection = tf1.GraphKeys.EVAL_STEP
    found = tf1.get_collection(collection)
    if found:
        return found[0]
    return tf1.get_variable(
        "eval_step",
        [],
        tf.int64,
        tf1.zeros_initializer(),
        trainable=False,
        collections=[tf1.GraphKeys.LOCAL_VARIABLES, collection],
    )


class StopAfterNEvalsHook(tf.compat.v1.train.SessionRunHook):
    """Stops an evaluation after so many batches; None: when the input ends."""

    def __init__(self, num_evals: int | None, log_progress: bool = True) -> None:
        self._num_evals, self._log = num_evals, log_progress
        self._done = 0

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Begins to count."""
        self._done = 0

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Counts, and stops where it is time."""
        self._done += 1
        if self._log and self._num_evals:
            tf1.logging.info("Evaluation [%d/%d]", self._done, self._num_evals)
        if self._num_evals is not None and self._done >= self._num_evals:
            run_context.request_stop()


class SummaryAtEndHook(tf.compat.v1.train.SessionRunHook):
    """Writes the summaries once, at the end of an evaluation."""

    def __init__(
        self,
        log_dir: str | None = None,
        summary_writer: Any = None,
        summary_op: Any = None,
        feed_dict: Any = None,
    ) -> None:
        if (log_dir is None) == (summary_writer is None):
            raise ValueError("Exactly one of summary_writer or log_dir is needed.")
        self._folder, self._writer = log_dir, summary_writer
        self._op, self._feed, self._step = summary_op, feed_dict, None

    def begin(self) -> None:
        """Builds what it reads."""
        self._op = tf1.summary.merge_all() if self._op is None else self._op
        self._step = tf1.train.get_or_create_global_step()

    def end(self, session: Any) -> None:
        """Writes the summaries."""
        writer = self._writer or tf1.summary.FileWriter(self._folder)
        if self._op is not None:
            step, text = session.run((self._step, self._op), self._feed)
            writer.add_summary(text, step)
        writer.flush()
        if self._writer is None:
            writer.close()


def evaluate_once(
    checkpoint_path: str,
    master: str = "",
    scaffold: Any = None,
    eval_ops: Any = None,
    feed_dict: Any = None,
    final_ops: Any = None,
    final_ops_feed_dict: Any = None,
    hooks: Sequence[Any] | None = None,
    config: Any = None,
) -> Any:
    """Restores a checkpoint, runs `eval_ops` until a hook stops, then `final_ops`.

    Returns:
      the values of final_ops, or None.
    """
    final = tf1.train.FinalOpsHook(final_ops, final_ops_feed_dict)
    creator = tf1.train.ChiefSessionCreator(
        scaffold, master, config, checkpoint_filename_with_path=checkpoint_path
    )
    with tf1.train.MonitoredSession(creator, [*(hooks or []), final]) as session:
        if eval_ops is not None:
            while not session.should_stop():
                session.run(eval_ops, feed_dict)
    return final.final_ops_values


def evaluate_repeatedly(
    checkpoint_dir: str,
    master: str = "",
    scaffold: Any = None,
    eval_ops: Any = None,
    feed_dict: Any = None,
    final_ops: Any = None,
    final_ops_feed_dict: Any = None,
    eval_interval_secs: float = 60,
    hooks: Sequence[Any] | None = None,
    config: Any = None,
    max_number_of_evaluations: int | None = None,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Any:
    """Runs `evaluate_once` for each new checkpoint; returns the last values."""
    paths = checkpoints_iterator(
        checkpoint_dir, eval_interval_secs, timeout, timeout_fn
    )
    return last_evaluation(
        paths,
        max_number_of_evaluations,
        lambda path: evaluate_once(
            path,
            master,
            scaffold,
            eval_ops,
            feed_dict,
            final_ops,
            final_ops_feed_dict,
            hooks,
            config,
        ),
    )


def last_evaluation(
    paths: Iterator[str], limit: int | None, evaluate: Callable[[str], Any]
) -> Any:
    """Evaluates so many checkpoints (None: all); returns the last values, or None."""
    found = None
    for path in itertools.islice(paths, limit):
        found = evaluate(path)
    return found


def checkpoints_iterator(
    checkpoint_dir: str,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """Yields tf.train.checkpoints_iterator's paths of new checkpoints."""
    return tf.train.checkpoints_iterator(
        checkpoint_dir, min_interval_secs, timeout, timeout_fn
    )


def wait_for_new_checkpoint(
    checkpoint_dir: str,
    last_checkpoint: str | None = None,
    seconds_to_sleep: float = 1,
    timeout: float | None = None,
) -> str | None:
    """Returns the path of a checkpoint other than the last, or None after a timeout."""
    end = None if timeout is None else time.time() + timeout
    while True:
        path = tf1.train.latest_checkpoint(checkpoint_dir)
        if path is not None and path != last_checkpoint:
            return path
        if end is not None and time.time() + seconds_to_sleep > end:
            return None
        time.sleep(seconds_to_sleep)
