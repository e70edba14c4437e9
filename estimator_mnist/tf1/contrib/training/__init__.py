"""tf.contrib.training: HParams, train ops, and evaluations of checkpoints."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.training.bucketing import (
    bucket,
    bucket_by_sequence_length,
)
from estimator_mnist.tf1.contrib.training.hparams import HParams, parse_values
from estimator_mnist.tf1.contrib.training.placement import (
    GreedyLoadBalancingStrategy,
    RandomStrategy,
    byte_size_load_fn,
)
from estimator_mnist.tf1.contrib.training.sampling import (
    rejection_sample,
    stratified_sample,
)
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
    "GreedyLoadBalancingStrategy",
    "HParams",
    "RandomStrategy",
    "StopAfterNEvalsHook",
    "SummaryAtEndHook",
    "add_gradients_summaries",
    "bucket",
    "bucket_by_sequence_length",
    "byte_size_load_fn",
    "checkpoints_iterator",
    "clip_gradient_norms",
    "clip_gradient_norms_fn",
    "create_train_op",
    "evaluate_once",
    "evaluate_repeatedly",
    "get_or_create_eval_step",
    "multiply_gradients",
    "parse_values",
    "rejection_sample",
    "stratified_sample",
    "train",
    "wait_for_new_checkpoint",
]

__getattr__ = replacements.module_getattr("tf.contrib.training")
