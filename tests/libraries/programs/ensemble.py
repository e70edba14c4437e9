"""Trains, evaluates and exports an AutoEnsembleEstimator of adanet."""

import sys

import adanet
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


def input_fn():
    x = np.linspace(-1.0, 1.0, 80, dtype=np.float32)[:, np.newaxis]
    return tf.data.Dataset.from_tensor_slices(({"x": x}, x * x)).repeat().batch(20)


def receiver():
    features = {"x": tf1.placeholder(tf.float32, [None, 1])}
    return tf.estimator.export.ServingInputReceiver(features, features)


columns = [tf.feature_column.numeric_column("x")]
head = tf.estimator.RegressionHead()
estimator = adanet.AutoEnsembleEstimator(
    head=head,
    candidate_pool=lambda config: {
        "linear": tf.estimator.LinearEstimator(
            head, columns, optimizer=tf1.train.AdamOptimizer(0.05), config=config
        ),
        "dnn": tf.estimator.DNNEstimator(
            head, [8], columns, optimizer=tf1.train.AdamOptimizer(0.05), config=config
        ),
    },
    max_iteration_steps=10,
    max_iterations=2,
    config=tf.estimator.RunConfig(model_dir=sys.argv[1], tf_random_seed=1),
)
estimator.train(input_fn, max_steps=20)
result = estimator.evaluate(input_fn, steps=4)
assert result["global_step"] == 20, result
exported = estimator.export_saved_model(f"{sys.argv[1]}/export", receiver)
print("exported", exported.decode())
