"""Deep models: DNNClassifier, DNNRegressor and DNNEstimator."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.canned import heads, optimizers
from estimator_mnist.estimator.canned.dense_layers import Activation, DenseLayers
from estimator_mnist.estimator.canned.input_layer import Features, Partitioner
from estimator_mnist.estimator.estimator import Estimator, Path
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1

LEARNING_RATE = 0.05
_SUM = tf1.losses.Reduction.SUM
# Embeddings smaller than this, in bytes, are not spread over parameter servers.
_MIN_SLICE_SIZE = 64 << 20
