"""tf.contrib.training: HParams, train ops, and evaluations of checkpoints."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.training.hparams import HParams
from estimator_mnist.tf1.contrib.training.train import (
    StopAfterNEvalsHook,
    SummaryAtEndHook,
    add_gradients_summaries,
    checkpoints_iterator,
    clip_gradient_norms,
    clip_gradient_norms_fn,
    create_train_op,
    evaluate_once,
    evaluate_repeatedly,
    get_or_create_eval_step,
    multiply_gradients,
    train,
    wait_for_new_checkpoint,
)

__all__ = [
    "HParams",
    "StopAfterNEvalsHook",
    "SummaryAtEndHook",
    "add_gradients_summaries",
    "checkpoints_iterator",
    "clip_gradient_norms",
    "clip_gradient_norms_fn",
    "create_train_op",
    "evaluate_once",
    "evaluate_repeatedly",
    "get_or_create_eval_step",
    "multiply_gradients",
    "train",
    "wait_for_new_checkpoint",
]

__getattr__ = replacements.module_getattr("tf.contrib.training")
