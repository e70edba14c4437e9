"""Trains, evaluates and exports an adversarially regularised DNNClassifier."""

import sys

import neural_structured_learning as nsl
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


def input_fn():
    x = np.random.default_rng(0).normal(size=(120, 2)).astype(np.float32)
    labels = (x.sum(1) > 0).astype(np.int32)
    return tf.data.Dataset.from_tensor_slices(({"x": x}, labels)).repeat(20).batch(30)


def receiver():
    features = {"x": tf1.placeholder(tf.float32, [None, 2])}
    return tf.estimator.export.ServingInputReceiver(features, features)


base = tf.estimator.DNNClassifier(
    [8], [tf.feature_column.numeric_column("x", [2])], model_dir=sys.argv[1]
)
estimator = nsl.estimator.add_adversarial_regularization(
    base,
    optimizer_fn=lambda: tf1.train.AdamOptimizer(0.05),
    adv_config=nsl.configs.make_adv_reg_config(multiplier=0.2, adv_step_size=0.05),
)
estimator.train(input_fn, steps=60)
result = estimator.evaluate(input_fn, steps=4)
assert result["accuracy"] > 0.9, result
exported = estimator.export_saved_model(f"{sys.argv[1]}/export", receiver)
print("exported", exported.decode())
