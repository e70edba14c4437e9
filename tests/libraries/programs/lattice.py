"""Trains, evaluates and exports a calibrated linear model of tensorflow-lattice."""

import os
import sys

import numpy as np
import tensorflow as tf
import tensorflow_lattice as tfl

tf1 = tf.compat.v1


os.makedirs(sys.argv[1], exist_ok=True)  # the library writes there first


def input_fn():
    x = np.linspace(0.0, 1.0, 80, dtype=np.float32)
    labels = 2.0 * x[:, np.newaxis]
    return tf.data.Dataset.from_tensor_slices(({"x": x}, labels)).repeat(30).batch(20)


def receiver():
    features = {"x": tf1.placeholder(tf.float32, [None])}
    return tf.estimator.export.ServingInputReceiver(features, features)


config = tfl.configs.CalibratedLinearConfig(
    feature_configs=[
        tfl.configs.FeatureConfig(
            name="x",
            monotonicity="increasing",
            pwl_calibration_num_keypoints=4,
            pwl_calibration_input_keypoints=[0.0, 0.3, 0.6, 1.0],
        )
    ],
    output_initialization=[0.0, 2.0],
)
estimator = tfl.estimators.CannedRegressor(
    feature_columns=[tf.feature_column.numeric_column("x")],
    model_config=config,
    feature_analysis_input_fn=input_fn,
    optimizer=tf.keras.optimizers.legacy.Adam(0.05),
    model_dir=sys.argv[1],
)
estimator.train(input_fn, steps=100)
result = estimator.evaluate(input_fn, steps=4)
assert result["average_loss"] < 0.05, result
exported = estimator.export_saved_model(f"{sys.argv[1]}/export", receiver)
print("exported", exported.decode())
