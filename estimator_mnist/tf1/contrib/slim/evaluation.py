"""tf.contrib.slim.evaluation: metrics of checkpoints, one or each new one."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import training
from estimator_mnist.tf1.contrib.training import (
    checkpoints_iterator,
    wait_for_new_checkpoint,
)
from estimator_mnist.tf1.contrib.training.train import last_evaluation

tf1 = tf.compat.v1

__all__ = [
    "checkpoints_iterator",
    "evaluate_once",
    "evaluation_loop",
    "wait_for_new_checkpoint",
]

_DEFAULT = 0  # of summary_op, where None means no summaries


def evaluate_once(
    master: str,
    checkpoint_path: str,
    logdir: str,
    num_evals: int = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    summary_op: Any = _DEFAULT,
    summary_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    session_config: Any = None,
    hooks: Sequence[Any] | None = None,
) -> Any:
    """Restores a checkpoint, runs `eval_op` `num_evals` times, then `final_op`.

    Args:
      master: "".
      checkpoint_path: of the checkpoint.
      logdir: folder of the summaries.
      num_evals: see above.
      initial_op, eval_op, final_op: what to run, with their feeds.
      summary_op: None for no summaries; left out: all.
      variables_to_restore: None: all.
      session_config: of the session.
      hooks: further hooks.

    Returns:
      the values of final_op, or None.
    """
    if isinstance(summary_op, int):
        summary_op = tf1.summary.merge_all()
    all_hooks = [training.StopAfterNEvalsHook(num_evals)]
    if summary_op is not None:
        all_hooks.append(
            training.SummaryAtEndHook(
                logdir, summary_op=summary_op, feed_dict=summary_op_feed_dict
            )
        )
    saver = None
    if variables_to_restore is not None:
        saver = tf1.train.Saver(variables_to_restore)
    init = _initialization(initial_op)
    scaffold = tf1.train.Scaffold(
        local_init_op=init, init_feed_dict=initial_op_feed_dict, saver=saver
    )
    return training.evaluate_once(
        checkpoint_path,
        master,
        scaffold,
        eval_op,
        eval_op_feed_dict,
        final_op,
        final_op_feed_dict,
        [*all_hooks, *(hooks or [])],
        session_config,
    )


def evaluation_loop(
    master: str,
    checkpoint_dir: str,
    logdir: str,
    num_evals: int = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    init_fn: None = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    summary_op: Any = _DEFAULT,
    summary_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    eval_interval_secs: float = 60,
    max_number_of_evaluations: int | None = None,
    session_config: Any = None,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
    hooks: Sequence[Any] | None = None,
) -> Any:
    """Runs `evaluate_once` for each new checkpoint; returns the last values.

    It ends after `max_number_of_evaluations`, or `timeout` seconds without a new one.
    """
    del init_fn
    paths = checkpoints_iterator(
        checkpoint_dir, eval_interval_secs, timeout, timeout_fn
    )
    return last_evaluation(
        paths,
        max_number_of_evaluations,
        lambda path: evaluate_once(
            master,
            path,
            logdir,
            num_evals,
            initial_op,
            initial_op_feed_dict,
            eval_op,
            eval_op_feed_dict,
            final_op,
            final_op_feed_dict,
            summary_op,
            summary_op_feed_dict,
            variables_to_restore,
            session_config,
            hooks,
        ),
    )


def _initialization(initial_op: Any) -> tf.Operation:
    ops = [tf1.local_variables_initializer(), tf1.tables_initializer()]
    return tf.group(*ops, *([initial_op] if initial_op is not None else []))


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.slim.evaluation")
