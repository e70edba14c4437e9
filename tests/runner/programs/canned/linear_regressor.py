"""A line through points, from pandas, warm started, exported (1.5)."""
from __future__ import print_function

import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.contrib import predictor

frame = pd.DataFrame({"x": np.linspace(-1, 1, 50)})
target = pd.Series(3 * frame["x"] + 1)
columns = [tf.feature_column.numeric_column("x")]


def input_fn(num_epochs):
    return tf.estimator.inputs.pandas_input_fn(
        x=frame, y=target, batch_size=10, num_epochs=num_epochs,
        shuffle=num_epochs is None)


regressor = tf.estimator.LinearRegressor(
    columns, optimizer=tf.train.GradientDescentOptimizer(0.02))
regressor.train(input_fn(None), steps=100)
print("average loss %.4f" % regressor.evaluate(input_fn(1))["average_loss"])

again = tf.estimator.LinearRegressor(
    columns, optimizer="SGD", warm_start_from=regressor.model_dir)
again.train(input_fn(None), steps=1)
names = ["linear/linear_model/x/weights", "linear/linear_model/bias_weights"]
print("weights", *[np.round(again.get_variable_value(n), 1) for n in names])

folder = regressor.export_savedmodel(
    tempfile.mkdtemp(),
    tf.estimator.export.build_raw_serving_input_receiver_fn(
        {"x": tf.placeholder(tf.float32, [None, 1])}))
predict = predictor.from_saved_model(folder, signature_def_key="predict")
print("served", predict({"x": [[0.0], [1.0]]})["predictions"].round(1).ravel())
