"""Canned estimators make several steps per session.run, as one by one."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from tests.contract.canned import houses
from tests.estimator.session.steps.test_multi_step import SeenLast, variables

tf1 = tf.compat.v1

STEPS = 40
ZEROS = tf1.zeros_initializer()


def _input_fn():
    examples = tf.data.Dataset.from_tensor_slices((houses.features(), _labels()))
    return examples.repeat().batch(5)


def _labels():
    return np.array(["no", "yes"], object)[houses.class_ids(classes=2)]


def _train(folder, steps_per_run):
    """Trains with tables, embeddings, checks of weights and of labels' words."""
    estimator = tf_estimator.DNNLinearCombinedClassifier(
        linear_feature_columns=houses.categorical_columns(),
        dnn_feature_columns=houses.deep_columns(),
        dnn_optimizer="Adam",
        dnn_hidden_units=[4],
        weight_column="weight",
        label_vocabulary=["no", "yes"],
        batch_norm=True,
        config=tf_estimator.RunConfig(
            str(folder), tf_random_seed=1, steps_per_run=steps_per_run
        ),
    )
    seen = SeenLast()
    return estimator.train(_input_fn, [seen], steps=STEPS), seen.steps


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory):
    """Returns the variables after STEPS steps, each in a session.run of its own."""
    return variables(_train(tmp_path_factory.mktemp("one"), 1)[0])


def test_several_steps_in_one_call_give_the_same_bits(tmp_path, one_by_one):
    estimator, seen = _train(tmp_path, STEPS)
    assert len(seen) < STEPS / 2
    for name, value in variables(estimator).items():
        np.testing.assert_array_equal(value, one_by_one[name], name)


def _rows(features, labels, mode):
    """Trains nothing but the sum of the rows that it has seen, and the last of them."""
    total, last = (tf1.get_variable(name, [], initializer=ZEROS) for name in "ab")
    added = tf1.assign_add(total, tf.reduce_sum(features["x"] * features["x"]))
    with tf.control_dependencies([added]):
        train_op = tf.group(
            tf1.assign(last, features["x"][0]),
            tf1.assign_add(tf1.train.get_global_step(), 1),
        )
    return tf_estimator.EstimatorSpec(mode, loss=total + 0, train_op=train_op)


@pytest.mark.parametrize("shuffle", [False, True])
def test_endless_arrays_give_the_rows_of_each_step(tmp_path, shuffle):
    values = {}
    for steps_per_run in (1, None):
        x = {"x": np.arange(7, dtype=np.float32)}
        config = tf_estimator.RunConfig(
            str(tmp_path / str(steps_per_run)),
            tf_random_seed=1,
            steps_per_run=steps_per_run,
        )
        input_fn = tf_estimator.inputs.numpy_input_fn(x, None, 3, None, shuffle)
        seen = SeenLast()
        estimator = tf_estimator.Estimator(_rows, config=config)
        estimator.train(input_fn, [seen], steps=300)
        values[steps_per_run] = variables(estimator)
    assert len(seen.steps) < 150
    assert values[None] == values[1] and values[1]["a"] > 0
