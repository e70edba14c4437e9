"""tf.contrib.tpu, for programs that run with use_tpu=False."""

import tensorflow as tf

from estimator_mnist.estimator.tpu import (
    InputPipelineConfig,
    RunConfig,
    TPUConfig,
    TPUEstimator,
    TPUEstimatorSpec,
)
from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib import stand_ins
from estimator_mnist.tf1.contrib.tpu import python

# What TensorFlow still has. Off a TPU, bfloat16_scope alone can be run.
_SAME = (
    "CrossShardOptimizer",
    "batch_parallel",
    "bfloat16_scope",
    "core",
    "cross_replica_sum",
    "initialize_system",
    "outside_compilation",
    "replicate",
    "rewrite",
    "shard",
    "shutdown_system",
)
__all__ = [
    "AsyncCheckpointSaverHook",
    "InputPipelineConfig",
    "RunConfig",
    "TPUConfig",
    "TPUDistributionStrategy",
    "TPUEstimator",
    "TPUEstimatorSpec",
    "TPUInMemoryEvalHook",
    "TPUInfeedOutfeedSessionHook",
    "keras_to_tpu_model",
    "python",
    *_SAME,
]

# It saved in a thread beside the training.
AsyncCheckpointSaverHook = tf.compat.v1.train.CheckpointSaverHook

TPUDistributionStrategy = stand_ins.stand_in("tf.contrib.tpu.TPUDistributionStrategy")
TPUInMemoryEvalHook = stand_ins.stand_in("tf.contrib.tpu.TPUInMemoryEvalHook")
TPUInfeedOutfeedSessionHook = stand_ins.stand_in(
    "tf.contrib.tpu.TPUInfeedOutfeedSessionHook"
)
keras_to_tpu_model = stand_ins.stand_in("tf.contrib.tpu.keras_to_tpu_model")

__getattr__ = replacements.module_getattr("tf.contrib.tpu", tf.compat.v1.tpu, _SAME)
