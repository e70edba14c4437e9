"""The contestants of benchmarks.canned do the same work."""

import pytest
import tensorflow as tf

from benchmarks import canned_keras, canned_models
from estimator_mnist import estimator as tf_estimator

tf1 = tf.compat.v1


def _parameters(estimator):
    """Returns how many numbers the model's variables have."""
    with tf.Graph().as_default():
        tf1.train.create_global_step()
        dataset = canned_models.eval_input_fn()
        features, labels = tf1.data.make_one_shot_iterator(dataset).get_next()
        estimator.model_fn(features, labels, "eval", estimator.config)
        made = [v for v in tf1.global_variables() if "global_step" not in v.name]
        return sum(variable.shape.num_elements() for variable in made)


def test_keras_trains_the_same_layers(tmp_path):
    config = tf_estimator.RunConfig(str(tmp_path))
    estimator = canned_models.wide_and_deep_classifier(tf_estimator, config)
    net = canned_keras.net("wide_and_deep_classifier", 1)
    # The linear model has a bias of its own, which adds nothing to the deep one's.
    assert net.count_params() + 1 == _parameters(estimator)
    features, labels = next(iter(canned_keras.batches(canned_models.eval_input_fn())))
    assert net(features).shape == [len(labels), 1]


def test_an_input_goes_on_where_it_is_told_to():
    later = next(iter(canned_models.input_fn(start_step=3).as_numpy_iterator()))
    batches = canned_models.input_fn().take(4).as_numpy_iterator()
    *_, fourth = batches
    tf.nest.map_structure(lambda a, b: (a == b).all() or pytest.fail(), later, fourth)
