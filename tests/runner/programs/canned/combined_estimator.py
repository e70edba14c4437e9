"""Two answers from one net: a head of two heads (TensorFlow 1.12)."""
from __future__ import print_function

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
x = rng.uniform(-1, 1, [256, 2]).astype(np.float32)
side = (x[:, 0] > 0).astype(np.int64)
length = np.sqrt((x ** 2).sum(1))


def input_fn(repeat=1):
    return tf.data.Dataset.from_tensor_slices(
        ({"x": x}, {"side": side, "length": length})).repeat(repeat).batch(32)


head = tf.contrib.estimator.multi_head(
    [tf.contrib.estimator.binary_classification_head(name="side"),
     tf.contrib.estimator.regression_head(name="length")],
    head_weights=[1.0, 2.0])
columns = [tf.feature_column.numeric_column("x", shape=[2])]
estimator = tf.estimator.DNNLinearCombinedEstimator(
    head,
    linear_feature_columns=columns,
    linear_optimizer=tf.train.FtrlOptimizer(0.1),
    dnn_feature_columns=columns,
    dnn_hidden_units=[16],
    dnn_optimizer=tf.train.AdamOptimizer(0.02))
estimator.train(lambda: input_fn(15))
metrics = estimator.evaluate(input_fn)
print("accuracy %.2f" % metrics["accuracy/side"])
print("average loss %.3f" % metrics["average_loss/length"])
prediction = next(estimator.predict(input_fn))
print(sorted("/".join(key) for key in prediction))
