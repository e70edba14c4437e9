"""Each network in the model_fn, called once per mode."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.estimator import ModeKeys
from estimator_mnist.models import catalog, model_fn

tf1 = tf.compat.v1

TRAINABLE = {
    "linear": ["dense/kernel", "dense/bias"],
    "mlp": ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"],
    "cnn": [
        "conv2d/kernel",
        "conv2d/bias",
        "dense/kernel",
        "dense/bias",
        "dense_1/kernel",
        "dense_1/bias",
    ],
}
CASES = [(name, side) for name in TRAINABLE for side in (28, 40)]


def call(name, side, mode):
    """Calls the model_fn of `name` in the default graph."""
    tf1.train.create_global_step()
    features = {"x": tf1.placeholder(tf.float32, [None, side, side])}
    labels = tf1.placeholder(tf.int32, [None])
    params = {**catalog.MODELS[name].params, "seed": 0}
    fn = model_fn.make_model_fn(catalog.MODELS[name].network, estimator)
    return fn(features, None if mode == ModeKeys.PREDICT else labels, mode, params)


def shapes(predictions):
    return {key: tensor.shape.as_list() for key, tensor in predictions.items()}


@pytest.mark.parametrize("name,side", CASES)
def test_predict_gives_classes_probabilities_and_what_the_network_has(name, side):
    with tf.Graph().as_default():
        spec = call(name, side, ModeKeys.PREDICT)
    expected = {"classes": [None], "probabilities": [None, 10]}
    if name == "mlp":
        expected["features"] = [None, 500]
    if name == "cnn":
        expected |= {
            "features": [None, 1024],
            "activations": [None, side, side, 32],
        }
    assert shapes(spec.predictions) == expected
    assert spec.predictions["probabilities"].op.name == "softmax_tensor"
    assert spec.loss is None and spec.train_op is None


@pytest.mark.parametrize("name,side", CASES)
def test_eval_gives_loss_and_accuracy_and_no_slots(name, side):
    with tf.Graph().as_default():
        spec = call(name, side, ModeKeys.EVAL)
        names = [v.op.name for v in tf1.global_variables()]
    assert spec.loss.shape == [] and "accuracy" in spec.eval_metric_ops
    assert sorted(names) == sorted(["global_step", *TRAINABLE[name]])


@pytest.mark.parametrize("name,count", [("linear", 3), ("mlp", 15), ("cnn", 21)])
def test_train_makes_the_notebooks_variables(name, count):
    with tf.Graph().as_default():
        spec = call(name, 40, ModeKeys.TRAIN)
        names = {v.op.name for v in tf1.global_variables()}
    expected = {"global_step", *TRAINABLE[name]}
    if name != "linear":
        expected |= {"beta1_power", "beta2_power"}
        expected |= {f"{v}/Adam{i}" for v in TRAINABLE[name] for i in ("", "_1")}
    assert spec.train_op is not None
    assert names == expected and len(names) == count


@pytest.mark.parametrize("name", sorted(TRAINABLE))
def test_initial_weights_follow_the_seed(name):
    def weights(seed):
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.set_random_seed(seed)
            call(name, 28, ModeKeys.EVAL)
            session.run(tf1.global_variables_initializer())
            return session.run(tf1.trainable_variables()[-2])

    np.testing.assert_array_equal(weights(1), weights(1))
    assert np.any(weights(1) != weights(2))


def test_initial_weights_are_glorot_uniform():
    with tf.Graph().as_default(), tf1.Session() as session:
        call("mlp", 28, ModeKeys.EVAL)
        session.run(tf1.global_variables_initializer())
        kernel, bias = session.run(tf1.trainable_variables()[:2])
    limit = np.sqrt(6 / (784 + 500))
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    assert not bias.any()


def test_dropout_depends_on_seed_and_step_alone():
    from estimator_mnist.models.layers import stateless_dropout

    def dropped(seed, step):
        with tf.Graph().as_default(), tf1.Session() as session:
            global_step = tf1.train.create_global_step()
            kept = stateless_dropout(tf.ones([1, 1000]), 0.4, seed)
            session.run(global_step.initializer)
            session.run(global_step.assign(step))
            return session.run(kept)

    first = dropped(3, 10)
    np.testing.assert_array_equal(first, dropped(3, 10))
    assert np.any(first != dropped(3, 11)) and np.any(first != dropped(4, 10))
    assert 0.5 < (first > 0).mean() < 0.7
    np.testing.assert_allclose(first[first > 0], 1 / 0.6, rtol=1e-6)
