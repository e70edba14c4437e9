"""Estimator.train: how far it goes, what it returns and what it refuses."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests import children
from tests.contract.small_models import (
    Recorder,
    averager,
    checkpoint_steps,
    count_step,
    line,
    log_of,
    numbers,
)

tf1 = tf.compat.v1
ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def estimator(est, tmp_path):
    return est.Estimator(averager(est), str(tmp_path))


def step_of(estimator):
    return estimator.get_variable_value("global_step")


def test_train_returns_the_estimator(estimator):
    assert estimator.train(numbers(), steps=1) is estimator


def test_steps_are_counted_from_where_training_stands(estimator):
    estimator.train(numbers(), steps=2)
    assert step_of(estimator) == 2
    estimator.train(numbers(), steps=3)
    assert step_of(estimator) == 5


def test_max_steps_is_a_total(estimator):
    estimator.train(numbers(), max_steps=2)
    estimator.train(numbers(), max_steps=5)
    assert step_of(estimator) == 5


def test_steps_and_max_steps_may_take_turns(estimator):
    estimator.train(numbers(), steps=3)
    estimator.train(numbers(), max_steps=4)
    estimator.train(numbers(), steps=1)
    assert step_of(estimator) == 5


@pytest.mark.parametrize("max_steps", [2, 3])
def test_nothing_runs_when_max_steps_is_reached(est, tmp_path, caplog, max_steps):
    modes = []

    def model_fn(features, labels, mode):
        modes.append(mode)
        return averager(est)(features, labels, mode)

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=3)
    calls = []

    def train_again():
        again = estimator.train(numbers(), hooks=[Recorder(calls)], max_steps=max_steps)
        assert again is estimator

    log = log_of(caplog, train_again)
    assert any("Skipping training" in message for message in log)
    assert calls == []
    assert modes == ["train"]
    assert checkpoint_steps(tmp_path) == [0, 3]


@pytest.mark.parametrize("limit", [{}, {"steps": 100}, {"max_steps": 100}])
def test_training_ends_with_its_input(estimator, limit):
    estimator.train(numbers(count=6, batch_size=2, epochs=1), **limit)
    assert step_of(estimator) == 3


def test_each_call_of_train_reads_its_input_from_the_start(estimator):
    for expected in (3, 6):
        estimator.train(numbers(count=5, batch_size=2, epochs=1))
        assert step_of(estimator) == expected


def test_input_of_several_epochs_is_read_to_its_end(estimator):
    estimator.train(numbers(count=5, batch_size=2, epochs=2))
    assert step_of(estimator) == 6


def test_training_without_any_input_keeps_the_step(estimator):
    estimator.train(numbers(count=0, epochs=1))
    assert step_of(estimator) == 0


@pytest.mark.parametrize("argument", ["steps", "max_steps"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_below_one_is_refused(estimator, argument, value):
    with pytest.raises(ValueError, match=f"{argument}.*{value}"):
        estimator.train(numbers(), **{argument: value})


def test_both_limits_together_are_refused(estimator):
    with pytest.raises(ValueError, match=r"both .*steps.*max_steps"):
        estimator.train(numbers(), steps=1, max_steps=1)


def test_arguments_may_be_given_by_position(estimator):
    calls = []
    estimator.train(numbers(), [Recorder(calls)], 2)
    assert calls.count("hook.after_run") == 2
    estimator.train(numbers(), None, None, 3, None)
    assert step_of(estimator) == 3


def test_gradient_descent_gives_the_values_worked_out_by_hand(est, tmp_path):
    estimator = est.Estimator(line(est), str(tmp_path))
    for expected in (3.0, 1.5, 2.25):
        estimator.train(numbers(batch_size=4), steps=1)
        assert estimator.get_variable_value("w") == expected


def test_two_calls_of_train_give_what_one_longer_call_gives(est, tmp_path):
    def momentum(features, labels, mode):
        weight = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
        loss = tf.reduce_mean((weight * features["x"] - labels) ** 2)
        optimizer = tf1.train.AdamOptimizer(0.1)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    once = est.Estimator(momentum, str(tmp_path / "once"))
    once.train(numbers(batch_size=4), steps=6)
    twice = est.Estimator(momentum, str(tmp_path / "twice"))
    twice.train(numbers(batch_size=4), steps=2)
    twice.train(numbers(batch_size=4), steps=4)
    for name in once.get_variable_names():
        ours, theirs = once.get_variable_value(name), twice.get_variable_value(name)
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_the_train_op_decides_how_far_a_run_moves_the_step(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss, by=2))

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=3)
    assert step_of(estimator) == 4


# TensorFlow says so five times in a process, whoever trains there: it needs its own.
STANDING_STEP = """
import tensorflow as tf
import estimator_mnist.estimator as ours
from tests.contract.small_models import Recorder, numbers

est, tf1 = {runtime}, tf.compat.v1
tf1.logging.set_verbosity(tf1.logging.INFO)

def model_fn(features, labels, mode):
    return est.EstimatorSpec(mode, loss=tf.constant(1.0), train_op=tf.no_op())

config = est.RunConfig(log_step_count_steps=1)
estimator = est.Estimator(model_fn, {folder!r}, config)
estimator.train(numbers(), hooks=[Recorder([], stop_after=3)])
assert estimator.get_variable_value("global_step") == 0
"""


def test_training_warns_when_the_step_does_not_move(est, fork_server, tmp_path):
    runtime = "ours" if est is ours else "tf.compat.v1.estimator"
    source = STANDING_STEP.format(runtime=runtime, folder=str(tmp_path / "model"))
    done = children.run(fork_server, "script", [source], ROOT, tmp_path)
    assert done.code == 0, done.err
    assert "has not been increased" in done.err


def test_each_step_is_one_session_run(est, tmp_path):
    runs = []

    def model_fn(features, labels, mode):
        loss = tf1.py_func(lambda: runs.append(1) or np.float32(1), [], tf.float32)
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=5)
    assert len(runs) == 5


def test_model_fn_is_called_once_per_call_of_train(est, tmp_path):
    modes = []

    def model_fn(features, labels, mode):
        modes.append(mode)
        return averager(est)(features, labels, mode)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(), steps=3)
    estimator.train(numbers(), steps=3)
    assert modes == ["train", "train"]


def test_a_loss_that_is_not_a_number_ends_training(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.sqrt(-tf.reduce_mean(features["x"]))
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    estimator = est.Estimator(model_fn, str(tmp_path))
    with pytest.raises(est.NanLossDuringTrainingError, match="NaN loss"):
        estimator.train(numbers(), steps=5)
    assert step_of(estimator) == 0


def test_that_error_is_the_one_that_tensorflow_raises(est):
    assert issubclass(est.NanLossDuringTrainingError, RuntimeError)
    assert est.NanLossDuringTrainingError is tf1.train.NanLossDuringTrainingError


def test_the_same_seed_gives_the_same_initial_values(est, tmp_path):
    def model_fn(features, labels, mode):
        tf1.get_variable("w", [3], initializer=tf1.random_uniform_initializer())
        loss = tf.constant(1.0)
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    def initial(name, seed):
        config = est.RunConfig(tf_random_seed=seed)
        estimator = est.Estimator(model_fn, str(tmp_path / name), config)
        return estimator.train(numbers(), steps=1).get_variable_value("w").tolist()

    assert initial("a", 5) == initial("b", 5)
    assert initial("c", 6) != initial("a2", 5)


def test_the_seed_reaches_the_graph_of_model_fn_and_input_fn(est, tmp_path):
    seeds = []

    def input_fn():
        seeds.append(tf1.get_default_graph().seed)
        return numbers()()

    def model_fn(features, labels, mode):
        seeds.append(tf1.get_default_graph().seed)
        return averager(est)(features, labels, mode)

    config = est.RunConfig(tf_random_seed=7)
    estimator = est.Estimator(model_fn, str(tmp_path), config)
    estimator.train(input_fn, steps=1)
    estimator.evaluate(input_fn, steps=1)
    next(estimator.predict(input_fn))
    assert seeds == [7] * 6


def test_training_leaves_the_callers_graph_and_eager_mode_alone(estimator):
    with tf.Graph().as_default() as graph:
        estimator.train(numbers(), steps=1)
        assert tf1.get_default_graph() is graph
        assert graph.get_operations() == []
    assert tf.executing_eagerly()


def test_a_spec_of_another_graph_is_refused(est, tmp_path):
    kept = []

    def model_fn(features, labels, mode):
        if not kept:
            kept.append(averager(est)(features, labels, mode))
        return kept[0]

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)
    with pytest.raises(ValueError, match="graph"):
        estimator.train(numbers(), steps=1)


@pytest.mark.parametrize("result", [None, 3.0, {"loss": 1.0}])
def test_model_fn_must_return_a_spec(est, tmp_path, result):
    estimator = est.Estimator(lambda features, labels: result, str(tmp_path))
    with pytest.raises(ValueError, match="model_fn should return an EstimatorSpec"):
        estimator.train(numbers(), steps=1)


def test_an_error_in_model_fn_reaches_the_caller(est, tmp_path):
    def model_fn(features, labels, mode):
        raise KeyError("no such feature")

    with pytest.raises(KeyError, match="no such feature"):
        est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)


def test_an_error_in_the_graph_reaches_the_caller(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf1.check_numerics(features["x"][0] / 0.0, "loss is infinite")
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    with pytest.raises(tf.errors.InvalidArgumentError, match="loss is infinite"):
        est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)


def test_a_second_estimator_goes_on_where_the_first_stopped(est, estimator, tmp_path):
    estimator.train(numbers(), steps=2)
    other = est.Estimator(averager(est), str(tmp_path)).train(numbers(), steps=2)
    assert step_of(other) == step_of(estimator) == 4
