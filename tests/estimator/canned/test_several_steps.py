"""Canned estimators make several steps per session.run, as one by one."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from tests.contract.canned import houses
from tests.estimator.session.test_multi_step import SeenLast, variables

STEPS = 40


def _input_fn():
    features, labels = houses.features(), houses.class_ids(classes=2)
    words = np.array(["no", "yes"], object)[labels]
    return tf.data.Dataset.from_tensor_slices((features, words)).repeat().batch(5)


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
