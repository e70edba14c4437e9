"""Trains, evaluates and exports a DeepFMEstimator of deepctr."""

import sys

import numpy as np
import tensorflow as tf
from deepctr.estimator import DeepFMEstimator

column = tf.feature_column
shops = column.categorical_column_with_identity("shop", 5)
estimator = DeepFMEstimator(
    [shops], [column.embedding_column(shops, 4)], model_dir=sys.argv[1]
)


def input_fn():
    shops = np.arange(60) % 5
    dataset = tf.data.Dataset.from_tensor_slices(({"shop": shops}, shops > 2))
    return dataset.repeat(5).batch(20)


estimator.train(input_fn, steps=10)
print("exported", estimator.evaluate(input_fn))
