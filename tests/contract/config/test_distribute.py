"""Strategies of tf.distribute in a RunConfig, on one machine."""

import logging

import pytest
import tensorflow as tf

from estimator_mnist.estimator.distribute_config import DistributeConfig

tf1 = tf.compat.v1
# The original asks a dataset for its options in a graph.
pytestmark = pytest.mark.filterwarnings(
    "ignore:To make it possible to preserve tf.data"
)

STRATEGIES = [
    lambda: tf.distribute.OneDeviceStrategy("/cpu:0"),
    lambda: tf1.distribute.OneDeviceStrategy("/cpu:0"),
    lambda: tf.distribute.MirroredStrategy(["/cpu:0"]),
    lambda: tf1.distribute.MirroredStrategy(["/cpu:0"]),
]


@pytest.fixture(autouse=True)
def no_tf_config(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)


def line_model_fn(est):
    def model_fn(features, labels, mode):
        weight = tf1.get_variable("w", [1], initializer=tf1.zeros_initializer())
        loss = tf.reduce_mean((features * weight - labels) ** 2)
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return model_fn


def input_fn():
    return tf.data.Dataset.from_tensors(([[1.0]], [[2.0]])).repeat(20)


def train_and_evaluate(est, model_dir, **settings):
    config = est.RunConfig(model_dir=str(model_dir), **settings)
    estimator = est.Estimator(line_model_fn(est), config=config)
    estimator.train(input_fn, steps=3)
    assert estimator.get_variable_value("w") == pytest.approx([0.976])
    assert estimator.evaluate(input_fn, steps=1)["loss"] == pytest.approx(1.048576)
    return estimator


@pytest.mark.parametrize("new", STRATEGIES)
def test_one_device_trains_as_without_a_strategy(est, tmp_path, new, caplog):
    level = tf.get_logger().level
    tf1.logging.set_verbosity(tf1.logging.INFO)
    caplog.set_level(logging.INFO)
    train_and_evaluate(est, tmp_path, train_distribute=new(), eval_distribute=new())
    tf1.logging.set_verbosity(level)
    said = [record.getMessage() for record in caplog.records]
    first = said.index("Initializing RunConfig with distribution strategies.")
    assert said[first + 1] == "Not using Distribute Coordinator."
    assert [line for line in said if "devices are summed" in line] == []


def test_a_distribute_config_has_the_strategies(est, tmp_path):
    assert DistributeConfig() == (None, None, None)
    one = tf.distribute.OneDeviceStrategy("/cpu:0")
    given = DistributeConfig(train_distribute=one, eval_distribute=one)
    estimator = train_and_evaluate(est, tmp_path, experimental_distribute=given)
    assert type(estimator.config.train_distribute) is type(one)
    assert type(estimator.config.eval_distribute) is type(one)
