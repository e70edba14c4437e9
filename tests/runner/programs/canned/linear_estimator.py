"""Counts of events by a Poisson model, and an eval metric more (1.11)."""
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
hours = rng.uniform(0, 2, [200, 1]).astype(np.float32)
counts = rng.poisson(np.exp(0.5 + hours)).astype(np.float32)


def input_fn(repeats):
    dataset = tf.data.Dataset.from_tensor_slices(({"hours": hours}, counts))
    return dataset.repeat(repeats).batch(50)


def largest(features, predictions):
    return {"largest_hours": tf.metrics.mean(tf.reduce_max(features["hours"])),
            "mean": tf.metrics.mean(predictions["predictions"])}


estimator = tf.estimator.LinearEstimator(
    head=tf.contrib.estimator.poisson_regression_head(),
    feature_columns=[tf.feature_column.numeric_column("hours")],
    optimizer=tf.train.AdamOptimizer(0.1))
estimator = tf.contrib.estimator.add_metrics(estimator, largest)
estimator.train(lambda: input_fn(40))
metrics = estimator.evaluate(lambda: input_fn(1))
print(" ".join(sorted(metrics)))
print("largest %.1f" % metrics["largest_hours"])
weight = estimator.get_variable_value("linear/linear_model/hours/weights")
print("weight %.1f" % weight[0, 0])
