"""A canned estimator with a head of tf.estimator runs UPDATE_OPS with each step."""

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator

tf1 = tf.compat.v1
COLUMNS = [tf.feature_column.numeric_column("x")]
MAKERS = {
    "linear": lambda head, **options: tf_estimator.LinearEstimator(
        head, COLUMNS, **options
    ),
    "dnn": lambda head, **options: tf_estimator.DNNEstimator(
        head, [2], COLUMNS, **options
    ),
    "baseline": tf_estimator.BaselineEstimator,
}


def input_fn():
    runs = tf1.get_variable("runs", [], initializer=tf1.zeros_initializer())
    tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, tf1.assign_add(runs, 1.0))
    return tf.data.Dataset.from_tensors(({"x": [[1.0]]}, [[2.0]])).repeat()


@pytest.mark.parametrize("kind", MAKERS)
def test_each_step_runs_the_updates(tmp_path, kind):
    estimator = MAKERS[kind](tf_estimator.RegressionHead(), model_dir=str(tmp_path))
    estimator.train(input_fn, steps=3)
    assert estimator.get_variable_value("runs") == 3
