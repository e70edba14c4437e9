"""Prices of cars from a frame with gaps, words and numbers (1.6)."""
from __future__ import print_function

import numpy as np
import pandas as pd
import tensorflow as tf

MAKES = ["alpha", "bravo", "charlie", "delta"]
rng = np.random.RandomState(7)
frame = pd.DataFrame({
    "make": [MAKES[i] for i in rng.randint(0, 4, 300)],
    "horsepower": rng.randint(50, 250, 300).astype(float),
    "style": rng.choice(["sedan", "wagon", ""], 300),
    "highway-mpg": rng.uniform(15, 50, 300)})
price = (frame["horsepower"] * 100 - frame["highway-mpg"] * 50
         + 4000 * (frame["make"] == "alpha"))


def make_dataset(batch_sz, x, y=None, shuffle=False, shuffle_buffer_size=1000):
    def input_fn():
        if y is not None:
            dataset = tf.data.Dataset.from_tensor_slices((dict(x), y))
        else:
            dataset = tf.data.Dataset.from_tensor_slices(dict(x))
        if shuffle:
            dataset = dataset.shuffle(
                shuffle_buffer_size).batch(batch_sz).repeat()
        else:
            dataset = dataset.batch(batch_sz)
        return dataset.make_one_shot_iterator().get_next()
    return input_fn


epsilon = 0.000001
feature_columns = [
    tf.feature_column.numeric_column(
        key="horsepower",
        normalizer_fn=lambda val: (val - 150.) / (epsilon + 58.)),
    tf.feature_column.numeric_column(
        "highway-mpg", normalizer_fn=lambda val: (val - 32.) / 10.),
    tf.feature_column.indicator_column(
        tf.feature_column.categorical_column_with_hash_bucket("make", 20)),
    tf.feature_column.embedding_column(
        tf.feature_column.categorical_column_with_vocabulary_list(
            "style", ["sedan", "hatchback"], num_oov_buckets=1),
        dimension=2),
]
est = tf.estimator.DNNRegressor(
    feature_columns=feature_columns,
    hidden_units=[64],
    optimizer=tf.train.AdagradOptimizer(learning_rate=1.0))
est.train(make_dataset(16, frame, price, shuffle=True), steps=200)
eval_metrics = est.evaluate(make_dataset(100, frame, price))
rms = eval_metrics["average_loss"] ** 0.5
print("RMS error", int(rms), "of", int(price.std()))
frame["predicted_price"] = [
    x["predictions"][0] for x in est.predict(make_dataset(100, frame))]
print("rows", len(frame), frame["predicted_price"].dtype)
