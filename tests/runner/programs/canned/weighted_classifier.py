"""Rows that count more than others, from the columns of a frame (1.10)."""
from __future__ import print_function

import numpy as np
import pandas as pd
import tensorflow as tf

rng = np.random.RandomState(3)
frame = pd.DataFrame({"age": rng.randint(18, 80, 90).astype(np.float32),
                      "weight": np.where(np.arange(90) % 3, 1.0, 4.0)})
grade = pd.Series((frame["age"] // 30).astype(int))

classifier = tf.estimator.DNNClassifier(
    feature_columns=[tf.feature_column.numeric_column(
        "age", normalizer_fn=lambda age: (age - 50.) / 20.)],
    hidden_units=[8],
    n_classes=3,
    weight_column="weight",
    optimizer=tf.train.AdamOptimizer(0.05))
train_input_fn = tf.estimator.inputs.numpy_input_fn(
    {"age": frame["age"], "weight": frame["weight"]}, grade,
    batch_size=16, num_epochs=None, shuffle=True)
eval_input_fn = tf.estimator.inputs.numpy_input_fn(
    dict(frame), grade, batch_size=16, num_epochs=1, shuffle=False)
classifier.train(train_input_fn, steps=20)
metrics = classifier.evaluate(eval_input_fn)
classes = [int(one["class_ids"][0]) for one in classifier.predict(eval_input_fn)]
right = np.array(classes) == grade.values
print("accuracy %.4f by hand %.4f" % (
    metrics["accuracy"], np.average(right, weights=frame["weight"])))
