"""The step whose loss is NaN: who sees it, and that no checkpoint holds it."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import (
    Recorder,
    checkpoint_steps,
    count_step,
    numbers,
    step_reads,
)

tf1 = tf.compat.v1

NAN_STEP = 2  # counted from 0; the weight is NaN from the next checkpoint on
DIVERGED = "Model diverged with loss = NaN."


def falling(est, **fields):
    """Gives a model_fn whose weight falls by 1 a step, and whose loss becomes NaN."""

    def model_fn(features, labels, mode):
        weight = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
        with tf.control_dependencies(step_reads()):
            is_bad = tf.equal(tf1.train.get_global_step(), NAN_STEP)
            loss = weight * tf.where(is_bad, np.nan, 1.0)
        optimizer = tf1.train.GradientDescentOptimizer(1.0)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op, **fields)

    return model_fn


def loss_only(est):
    """Gives a model_fn whose loss becomes NaN, and whose weights stay good."""

    def model_fn(features, labels, mode):
        tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
        with tf.control_dependencies(step_reads()):
            is_bad = tf.equal(tf1.train.get_global_step(), NAN_STEP)
        loss = tf.where(is_bad, np.nan, 1.0)
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    return model_fn


def saving_each_step(est, folder):
    config = est.RunConfig(save_checkpoints_steps=1)
    return lambda model_fn: est.Estimator(model_fn, str(folder), config)


def train_to_nan(est, estimator, hooks=()):
    with pytest.raises(est.NanLossDuringTrainingError):
        estimator.train(numbers(), hooks=list(hooks), steps=6)


def seen(calls, name):
    return sum(call == f"{name}.after_run" for call in calls)


def test_hooks_see_the_step_unless_they_are_the_training_hooks_of_the_spec(
    est, tmp_path
):
    calls = []
    model_fn = falling(
        est,
        training_hooks=[Recorder(calls, "spec")],
        training_chief_hooks=[Recorder(calls, "chief")],
    )
    estimator = saving_each_step(est, tmp_path)(model_fn)
    train_to_nan(est, estimator, [Recorder(calls, "user")])
    assert {name: seen(calls, name) for name in ("chief", "user", "spec")} == {
        "chief": 3,
        "user": 3,
        "spec": 2,
    }


def test_a_hook_that_stops_at_nan_does_not_stop_the_error(est, tmp_path):
    estimator = saving_each_step(est, tmp_path)(falling(est))
    train_to_nan(est, estimator, [Recorder([], stop_after=NAN_STEP + 1)])


def test_the_log_says_that_the_model_diverged(est, tmp_path, caplog):
    train_to_nan(est, saving_each_step(est, tmp_path)(falling(est)))
    said = [record.levelname for record in caplog.records if DIVERGED in record.message]
    assert said == ["ERROR"]


def test_a_hooks_own_error_at_nan_comes_first(est, tmp_path):
    class Refuses(tf1.train.SessionRunHook):
        def __init__(self):
            self.runs = 0

        def after_run(self, run_context, run_values):
            self.runs += 1
            if self.runs > NAN_STEP:
                raise KeyError("mine")

    estimator = saving_each_step(est, tmp_path)(falling(est))
    with pytest.raises(KeyError, match="mine"):
        estimator.train(numbers(), hooks=[Refuses()], steps=6)


class EndsAtNan(tf1.train.SessionRunHook):
    """Says that the input has ended, so that hooks end as after a good run."""

    def __init__(self):
        self.runs = 0

    def after_run(self, run_context, run_values):
        self.runs += 1
        if self.runs > NAN_STEP:
            raise tf.errors.OutOfRangeError(None, None, "mine")


class TestNoCheckpointHoldsIt:
    """What the original does not promise."""

    @pytest.fixture(autouse=True)
    def _ours(self, est):
        if est is getattr(tf1, "estimator", None):
            pytest.skip("the original saves NaN")

    @pytest.mark.parametrize("model", [falling, loss_only])
    def test_of_the_runtimes_own_hook(self, est, tmp_path, model):
        train_to_nan(est, saving_each_step(est, tmp_path)(model(est)))
        assert checkpoint_steps(tmp_path) == [0, 1, 2]

    @pytest.mark.parametrize("model", [falling, loss_only])
    def test_of_a_saver_that_the_user_brings(self, est, tmp_path, model):
        saver = tf1.train.CheckpointSaverHook(str(tmp_path), save_steps=1)
        estimator = est.Estimator(model(est), str(tmp_path))
        train_to_nan(est, estimator, [saver])
        assert checkpoint_steps(tmp_path) == [0, 1, 2]

    @pytest.mark.parametrize("model", [falling, loss_only])
    @pytest.mark.parametrize("place", ["training_hooks", "training_chief_hooks"])
    def test_of_a_saver_of_the_spec(self, est, tmp_path, model, place):
        saver = tf1.train.CheckpointSaverHook(str(tmp_path), save_steps=1)

        def model_fn(features, labels, mode):
            spec = model(est)(features, labels, mode)
            return spec._replace(**{place: [saver]})

        train_to_nan(est, est.Estimator(model_fn, str(tmp_path)))
        assert checkpoint_steps(tmp_path) == [0, 1, 2]

    @pytest.mark.parametrize("model", [falling, loss_only])
    def test_where_a_hook_ends_the_training_there(self, est, tmp_path, model):
        estimator = saving_each_step(est, tmp_path)(model(est))
        estimator.train(numbers(), hooks=[EndsAtNan()], steps=6)
        assert checkpoint_steps(tmp_path) == [0, 1, 2]

    def test_of_a_saver_that_the_user_brings_where_a_hook_ends_it(self, est, tmp_path):
        saver = tf1.train.CheckpointSaverHook(str(tmp_path), save_steps=1)
        estimator = est.Estimator(loss_only(est), str(tmp_path))
        estimator.train(numbers(), hooks=[EndsAtNan(), saver], steps=6)
        assert checkpoint_steps(tmp_path) == [0, 1, 2]


def test_a_checkpoint_is_written_before_the_chiefs_hooks_see_the_step(est, tmp_path):
    calls = []

    class Listener(tf1.train.CheckpointSaverListener):
        def after_save(self, session, global_step_value):
            calls.append("saved.after_run")

    estimator = saving_each_step(est, tmp_path)(
        falling(est, training_chief_hooks=[Recorder(calls, "chief")])
    )
    estimator.train(
        numbers(),
        hooks=[Recorder(calls, "user")],
        saving_listeners=[Listener()],
        steps=1,
    )
    order = [call.split(".")[0] for call in calls if call.endswith("after_run")]
    assert order[-3:] == ["saved", "chief", "user"]
