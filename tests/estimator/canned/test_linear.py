"""Linear estimators and baselines: what the original does not do."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from tests.contract.canned import houses

tf1 = tf.compat.v1

STEPS = 130


class Runs(tf1.train.SessionRunHook):
    """Counts calls of session.run."""

    every_step = False

    def __init__(self):
        self.count = 0

    def after_run(self, run_context, run_values):
        self.count += 1


def endless(start_step=0):
    """Batches of 4 of the houses; where it begins depends on the step alone."""
    rows = tf.data.Dataset.from_tensor_slices((houses.features(), houses.sold()))
    return rows.batch(4).repeat().skip(start_step)


def train(folder, max_steps, steps_per_run=None):
    """Trains on words, by tables, with an embedding; returns estimator and runs."""
    columns = houses.categorical_columns()[:2] + houses.deep_columns()[-1:]
    config = tf_estimator.RunConfig(
        str(folder),
        tf_random_seed=1,
        save_summary_steps=50,
        steps_per_run=steps_per_run,
    )
    estimator = tf_estimator.LinearClassifier(columns, config=config)
    runs = Runs()
    estimator.train(endless, [runs], max_steps=max_steps)
    return estimator, runs.count


@pytest.fixture(scope="module")
def step_by_step(tmp_path_factory):
    return train(tmp_path_factory.mktemp("whole"), STEPS, steps_per_run=1)


def assert_same_bits(estimator, expected):
    names = expected.get_variable_names()
    assert estimator.get_variable_names() == names
    reader, other = (
        tf.train.load_checkpoint(e.model_dir) for e in (estimator, expected)
    )
    for name in names:
        if "/part_" not in name:
            np.testing.assert_array_equal(
                reader.get_tensor(name), other.get_tensor(name), name
            )


def test_tables_of_words_do_not_stop_several_steps_per_run(tmp_path, step_by_step):
    expected, runs = step_by_step
    assert runs == STEPS
    several, fewer = train(tmp_path, STEPS)
    assert fewer < STEPS / 2
    assert_same_bits(several, expected)


def test_an_interrupted_linear_training_ends_in_the_same_bits(tmp_path, step_by_step):
    expected, _ = step_by_step
    train(tmp_path, 25)
    resumed, _ = train(tmp_path, STEPS)
    assert_same_bits(resumed, expected)


def test_a_v2_head_trains_with_an_optimizer_of_tensorflow_1(tmp_path):
    columns = houses.numeric_columns()[:1]
    linear = tf_estimator.LinearEstimator(
        tf_estimator.BinaryClassHead(), columns, str(tmp_path)
    )
    linear.train(endless, steps=1)
    assert linear.get_variable_value("linear/linear_model/size/weights").any()


@pytest.mark.parametrize("features", [{}, [[1.0]]])
def test_a_baseline_without_named_features_says_what_is_missing(tmp_path, features):
    baseline = tf_estimator.BaselineClassifier(str(tmp_path))

    def input_fn():
        return features, tf.constant([1])

    with pytest.raises(
        ValueError, match="^features (is an empty|should be a) dictionary"
    ):
        baseline.train(input_fn, steps=1)


def test_a_baseline_refuses_features_of_different_numbers_of_examples(tmp_path):
    baseline = tf_estimator.BaselineClassifier(str(tmp_path))

    def input_fn():
        rows = tf1.placeholder_with_default([1.0, 2], [None])
        return {"a": rows, "b": tf.zeros([3])}, tf.constant([1, 0, 1])

    with pytest.raises(tf.errors.InvalidArgumentError, match="assert"):
        baseline.train(input_fn, steps=1)
