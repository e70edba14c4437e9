"""Estimator.evaluate: its result, its metrics, which checkpoint it takes."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import (
    Recorder,
    averager,
    checkpoint_steps,
    count_step,
    files,
    line,
    log_of,
    numbers,
)

tf1 = tf.compat.v1


def measurer(est, metrics):
    """A model whose loss is mean(x) and whose metrics are `metrics(x)`."""

    def model_fn(features, labels, mode):
        x = features["x"]
        loss = tf.reduce_mean(x)
        return est.EstimatorSpec(mode, loss=loss, eval_metric_ops=metrics(x))

    return model_fn


def evaluate(est, tmp_path, metrics, input_fn=None, **arguments):
    estimator = est.Estimator(measurer(est, metrics), str(tmp_path))
    return estimator.evaluate(input_fn or numbers(epochs=1), **arguments)


@pytest.fixture
def trained(est, tmp_path):
    """An Estimator with checkpoints at 0, 1 and 2, where w is 0, 3 and 1.5."""
    config = est.RunConfig(save_checkpoints_steps=1)
    estimator = est.Estimator(line(est), str(tmp_path), config)
    return estimator.train(numbers(batch_size=4), steps=2)


def loss_at(weight, count=4):
    return np.mean(
        (weight * np.arange(1, count + 1) - 2 * np.arange(1, count + 1)) ** 2
    )


def test_the_result_is_a_dict_with_loss_metrics_and_step(est, tmp_path):
    result = evaluate(est, tmp_path, lambda x: {"mean": tf1.metrics.mean(x)})
    assert isinstance(result, dict)
    assert result == {"loss": 2.5, "mean": 2.5, "global_step": 0}


def test_results_are_in_the_order_of_their_names_with_the_step_last(est, tmp_path):
    names = ("z", "a", "keys/b", "m")
    result = evaluate(
        est, tmp_path, lambda x: {name: tf1.metrics.mean(x) for name in names}
    )
    assert list(result) == ["a", "keys/b", "loss", "m", "z", "global_step"]


def test_a_metric_may_be_sparse(est, tmp_path):
    def metrics(x):
        return {"s": (tf.sparse.from_dense([[0.0, 2.0]]), tf.no_op())}

    value = evaluate(est, tmp_path, metrics)["s"]
    assert isinstance(value, tf1.SparseTensorValue)
    assert value.values.tolist() == [2.0]


def test_without_metrics_there_are_loss_and_step(est, tmp_path):
    result = evaluate(est, tmp_path, lambda x: None)
    assert sorted(result) == ["global_step", "loss"]


def test_values_are_numpys(est, tmp_path):
    result = evaluate(est, tmp_path, lambda x: {"mean": tf1.metrics.mean(x)})
    assert isinstance(result["loss"], np.float32)
    assert isinstance(result["mean"], np.float32)
    assert isinstance(result["global_step"], np.int64)


def test_loss_is_averaged_over_batches_and_not_over_examples(est, tmp_path):
    input_fn = numbers(count=5, batch_size=2, epochs=1)
    result = evaluate(est, tmp_path, lambda x: {"mean": tf1.metrics.mean(x)}, input_fn)
    assert result["loss"] == pytest.approx((1.5 + 3.5 + 5.0) / 3)
    assert result["mean"] == 3.0


def test_metrics_take_the_weights_they_are_given(est, tmp_path):
    result = evaluate(
        est, tmp_path, lambda x: {"m": tf1.metrics.mean(x, weights=[1.0, 0.0])}
    )
    assert result["m"] == 2.0


def test_accuracy_counts_each_example_once(est, tmp_path):
    def metrics(x):
        return {"accuracy": tf1.metrics.accuracy(tf.ones_like(x), x)}

    input_fn = numbers(count=5, batch_size=2, epochs=1)
    result = evaluate(est, tmp_path, metrics, input_fn)
    assert result["accuracy"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    "value", [np.float32([1, 2, 3]), np.float32([[1, 2], [3, 4]])], ids=["1d", "2d"]
)
def test_a_metric_may_be_an_array(est, tmp_path, value):
    def metrics(x):
        return {"array": tf1.metrics.mean_tensor(tf.constant(value))}

    result = evaluate(est, tmp_path, metrics)
    np.testing.assert_array_equal(result["array"], value)


def test_a_metric_may_be_an_integer_that_its_update_counts(est, tmp_path):
    def metrics(x):
        batches = tf1.get_variable(
            "batches",
            [],
            tf.int64,
            initializer=tf1.zeros_initializer(),
            trainable=False,
            collections=[tf1.GraphKeys.LOCAL_VARIABLES],
        )
        with tf.control_dependencies([x]):
            count_one = tf1.assign_add(batches, 1)
        return {"batches": (batches.read_value(), count_one)}

    input_fn = numbers(count=5, batch_size=2, epochs=1)
    result = evaluate(est, tmp_path, metrics, input_fn)
    assert result["batches"] == 3
    assert result["batches"].dtype == np.int64


@pytest.mark.parametrize(("value", "expected"), [("text", b"text"), (True, True)])
def test_a_metric_need_not_be_a_number(est, tmp_path, value, expected):
    result = evaluate(
        est, tmp_path, lambda x: {"value": (tf.constant(value), tf.no_op())}
    )
    assert result["value"] == expected


def test_a_metric_may_have_a_slash_in_its_name(est, tmp_path):
    result = evaluate(est, tmp_path, lambda x: {"a/b": tf1.metrics.mean(x)})
    assert result["a/b"] == 2.5


@pytest.mark.parametrize("name", ["loss", "global_step"])
def test_the_names_of_the_default_metrics_are_taken(est, tmp_path, name):
    with pytest.raises(ValueError, match=name):
        evaluate(est, tmp_path, lambda x: {name: tf1.metrics.mean(x)})


def test_metrics_start_anew_in_each_evaluation(est, tmp_path):
    model_fn = measurer(est, lambda x: {"total": tf1.metrics.true_positives(x > 0, x)})
    estimator = est.Estimator(model_fn, str(tmp_path))
    results = [estimator.evaluate(numbers(epochs=1))["total"] for _ in range(2)]
    assert results == [4.0, 4.0]


@pytest.mark.parametrize(("steps", "loss"), [(1, 1.5), (3, (1.5 + 3.5 + 1.5) / 3)])
def test_steps_limits_the_number_of_batches(est, tmp_path, steps, loss):
    result = evaluate(est, tmp_path, lambda x: None, numbers(), steps=steps)
    assert result["loss"] == pytest.approx(loss)


@pytest.mark.parametrize(("steps", "batches"), [(2.5, 3), (0.5, 1), (31.5, 32)])
def test_steps_that_are_a_quotient_are_rounded_up(
    est, tmp_path, steps, batches, caplog
):
    def run():
        evaluate(est, tmp_path, lambda x: None, numbers(batch_size=1), steps=steps)

    counted = [line for line in log_of(caplog, run) if line.startswith("Evaluation [")]
    every = max(int(steps) // 10, 1)
    seen = range(every, batches + 1, every)
    assert counted == [f"Evaluation [{batch}/{int(steps)}]" for batch in seen]


def test_input_may_end_before_steps_are_done(est, tmp_path):
    result = evaluate(est, tmp_path, lambda x: None, numbers(epochs=1), steps=9)
    assert result["loss"] == 2.5


@pytest.mark.parametrize("steps", [0, -1])
def test_steps_below_one_are_refused(est, tmp_path, steps):
    with pytest.raises(ValueError, match=f"steps.*{steps}"):
        evaluate(est, tmp_path, lambda x: None, steps=steps)


def test_arguments_may_be_given_by_position(trained):
    calls = []
    path = f"{trained.model_dir}/model.ckpt-1"
    result = trained.evaluate(numbers(), 1, [Recorder(calls)], path, "later")
    assert result["global_step"] == 1
    assert "hook.end" in calls
    assert "eval_later/events" in files(trained.model_dir)


def test_the_newest_checkpoint_is_evaluated(trained):
    result = trained.evaluate(numbers(epochs=1))
    assert result["global_step"] == 2
    assert result["loss"] == pytest.approx(
        (loss_at(1.5, 2) + np.mean((0.5 * np.array([3, 4])) ** 2)) / 2
    )


@pytest.mark.parametrize(("step", "weight"), [(0, 0.0), (1, 3.0), (2, 1.5)])
def test_a_checkpoint_may_be_chosen(trained, step, weight):
    path = f"{trained.model_dir}/model.ckpt-{step}"
    result = trained.evaluate(numbers(batch_size=4, epochs=1), checkpoint_path=path)
    assert result["global_step"] == step
    assert result["loss"] == pytest.approx(loss_at(weight))


def test_a_checkpoint_of_another_folder_may_be_chosen(est, trained, tmp_path):
    other = est.Estimator(line(est), str(tmp_path / "other"))
    path = f"{trained.model_dir}/model.ckpt-1"
    result = other.evaluate(numbers(epochs=1), checkpoint_path=path)
    assert result["global_step"] == 1
    assert files(other.model_dir) == ["eval/events"]


def test_a_checkpoint_that_is_not_there_is_refused(trained):
    path = f"{trained.model_dir}/model.ckpt-77"
    with pytest.raises(ValueError, match="model.ckpt-77"):
        trained.evaluate(numbers(epochs=1), checkpoint_path=path)


def test_without_a_checkpoint_the_initial_values_are_evaluated(est, tmp_path, caplog):
    estimator = est.Estimator(line(est), str(tmp_path))
    results = []
    log = log_of(
        caplog,
        lambda: results.append(estimator.evaluate(numbers(batch_size=4, epochs=1))),
    )
    assert results == [{"loss": loss_at(0.0), "global_step": 0}]
    assert any("find trained model" in message for message in log)
    assert checkpoint_steps(tmp_path) == []


def test_evaluation_changes_no_variable_and_no_checkpoint(trained):
    before = files(trained.model_dir)
    trained.evaluate(numbers(epochs=1))
    assert trained.get_variable_value("w") == 1.5
    assert trained.get_variable_value("global_step") == 2
    assert sorted({*files(trained.model_dir)} - {*before}) == ["eval/events"]


def test_the_train_op_of_an_eval_spec_does_not_run(est, tmp_path):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), steps=2)
    assert estimator.evaluate(numbers(), steps=3)["global_step"] == 2


def test_each_batch_is_one_session_run(est, tmp_path):
    runs = []

    def model_fn(features, labels, mode):
        loss = tf1.py_func(lambda: runs.append(1) or np.float32(1), [], tf.float32)
        loss.set_shape([])
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    est.Estimator(model_fn, str(tmp_path)).evaluate(numbers(), steps=4)
    assert len(runs) == 4


class SeesStop(tf1.train.SessionRunHook):
    """Notes whether a stop is requested after each batch."""

    def __init__(self):
        self.seen = []

    def after_run(self, run_context, run_values):
        self.seen.append(run_context.stop_requested)


def test_the_models_own_hooks_see_that_the_last_batch_is_the_last(est, tmp_path):
    given, own = SeesStop(), SeesStop()

    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        return est.EstimatorSpec(mode, loss=loss, evaluation_hooks=[own])

    est.Estimator(model_fn, str(tmp_path)).evaluate(numbers(), steps=2, hooks=[given])
    assert (given.seen, own.seen) == ([False, False], [False, True])


def test_a_loss_that_is_not_a_number_is_a_result(est, tmp_path):
    def model_fn(features, labels, mode):
        return est.EstimatorSpec(mode, loss=tf.sqrt(-features["x"][0]))

    result = est.Estimator(model_fn, str(tmp_path)).evaluate(numbers(), steps=1)
    assert np.isnan(result["loss"])


def test_evaluation_between_two_calls_of_train_changes_nothing(est, tmp_path):
    estimator = est.Estimator(line(est), str(tmp_path))
    estimator.train(numbers(batch_size=4), steps=1)
    estimator.evaluate(numbers(), steps=3)
    estimator.train(numbers(batch_size=4), steps=2)
    assert estimator.get_variable_value("w") == 2.25


def test_the_log_tells_the_batches_and_the_result(trained, caplog):
    log = log_of(caplog, lambda: trained.evaluate(numbers(batch_size=4), steps=2))
    assert "Evaluation [1/2]" in log
    assert "Evaluation [2/2]" in log
    assert any(message.startswith("Starting evaluation at ") for message in log)
    assert any(message.startswith("Finished evaluation at ") for message in log)
    saved = "Saving dict for global step 2: global_step = 2, loss = 1.875"
    assert saved in log


def test_the_log_lists_the_results_in_the_order_of_their_names(est, tmp_path, caplog):
    def metrics(x):
        return {
            "z": tf1.metrics.mean(x),
            "a": tf1.metrics.mean(x),
            "a/b": (tf.constant(3), tf.no_op()),
        }

    log = log_of(caplog, lambda: evaluate(est, tmp_path, metrics))
    saved = "a = 2.5, a/b = 3, global_step = 0, loss = 2.5, z = 2.5"
    assert f"Saving dict for global step 0: {saved}" in log


def test_an_error_in_model_fn_reaches_the_caller(est, tmp_path):
    def model_fn(features, labels, mode):
        raise KeyError("no such feature")

    with pytest.raises(KeyError, match="no such feature"):
        est.Estimator(model_fn, str(tmp_path)).evaluate(numbers())


def test_a_variable_that_no_checkpoint_has_is_an_error(est, trained):
    def model_fn(features, labels, mode):
        tf1.get_variable("unknown", [])
        return line(est)(features, labels, mode)

    other = est.Estimator(model_fn, trained.model_dir)
    with pytest.raises((ValueError, tf.errors.OpError), match="unknown"):
        other.evaluate(numbers(epochs=1))


def test_an_input_of_no_batches_gives_the_metrics_initial_values(est, tmp_path):
    # The model must read its input, or an evaluation without `steps` has no end.
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), steps=1)
    results = estimator.evaluate(lambda: numbers(epochs=1)().take(0))
    assert results == {"loss": 0.0, "global_step": 1}
