"""What this runtime does better than the original: graphs, memory, resume."""

import gc
import os
import time

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator import ModeKeys, inputs
from tests.contract.small_models import log_of

tf1 = tf.compat.v1


def linear():
    """A model_fn for 784 -> 10."""

    def model_fn(features, labels, mode):
        weights = tf1.get_variable("w", [784, 10])
        y = tf.matmul(features["x"], weights)
        if mode == ModeKeys.PREDICT:
            return tf_estimator.EstimatorSpec(mode, predictions={"y": y})
        loss = tf1.losses.mean_squared_error(labels, y)
        optimizer = tf1.train.AdamOptimizer()
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return model_fn


def batches(count=None):
    def input_fn():
        x, y = np.ones([2, 784], np.float32), np.ones([2, 10], np.float32)
        return tf.data.Dataset.from_tensors(({"x": x}, y)).repeat(count)

    return input_fn


def one_example(value):
    x = np.full([1, 784], value, np.float32)
    return lambda: tf.data.Dataset.from_tensors({"x": x})


def models_built(caplog, calls):
    """How many times `calls` call model_fn."""
    return log_of(caplog, calls).count("Calling model_fn.")


def test_a_run_builds_its_evaluation_graph_once(tmp_path, caplog):
    config = tf_estimator.RunConfig(save_checkpoints_steps=1)
    estimator = tf_estimator.Estimator(linear(), str(tmp_path), config)
    evaluated = []

    class Note(tf_estimator.Exporter):
        name = "note"

        def export(self, estimator, export_path, checkpoint_path, eval_result, final):
            raise AssertionError("called by keyword")

    def export(**arguments):
        evaluated.append(int(arguments["eval_result"]["global_step"]))

    note = Note()
    note.export = export
    x, y = np.ones([6, 784], np.float32), np.ones([6, 10], np.float32)
    eval_input = inputs.numpy_input_fn({"x": x}, y, batch_size=2, shuffle=False)
    train_spec = tf_estimator.TrainSpec(batches(), max_steps=20)
    eval_spec = tf_estimator.EvalSpec(eval_input, exporters=note, throttle_secs=0)
    built = models_built(
        caplog,
        lambda: tf_estimator.train_and_evaluate(estimator, train_spec, eval_spec),
    )
    assert evaluated == list(range(1, 21))
    assert built == 2


def test_repeated_predictions_build_the_graph_once(tmp_path, caplog):
    estimator = tf_estimator.Estimator(linear(), str(tmp_path))
    estimator.train(batches(), steps=1)
    answers = []

    def predict():
        answers.extend(next(estimator.predict(one_example(v)))["y"] for v in range(20))

    assert models_built(caplog, predict) == 1
    kernel = estimator.get_variable_value("w")
    for value, answer in enumerate(answers):
        expected = value * kernel.sum(axis=0, dtype=np.float64)
        np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-2)


def test_predictions_follow_a_new_checkpoint(tmp_path):
    estimator = tf_estimator.Estimator(linear(), str(tmp_path))
    other = tf_estimator.Estimator(linear(), str(tmp_path))
    estimator.train(batches(), steps=1)
    before = next(estimator.predict(one_example(1)))["y"]
    other.train(batches(), steps=5)
    after = next(estimator.predict(one_example(1)))["y"]
    assert np.any(before != after)
    np.testing.assert_array_equal(after, next(other.predict(one_example(1)))["y"])


def test_a_stream_of_predictions_keeps_its_checkpoint(tmp_path):
    estimator = tf_estimator.Estimator(linear(), str(tmp_path))
    estimator.train(batches(), steps=1)
    stream = estimator.predict(batches())
    first = next(stream)["y"]
    estimator.train(batches(), steps=5)
    assert np.any(next(estimator.predict(one_example(1)))["y"] != first)
    np.testing.assert_array_equal(next(stream)["y"], first)


def test_predictions_of_other_shapes_get_their_own_graph(tmp_path):
    estimator = tf_estimator.Estimator(linear(), str(tmp_path))
    estimator.train(batches(), steps=1)
    for rows in (1, 3, 1):
        x = np.ones([rows, 784], np.float32)
        found = list(
            estimator.predict(lambda x=x: tf.data.Dataset.from_tensors({"x": x}))
        )
        assert len(found) == rows


@pytest.mark.parametrize("kind", ["Dataset", "numpy_input_fn"])
@pytest.mark.slow
def test_a_thousand_predict_calls_are_quick(kind, tmp_path):
    estimator = tf_estimator.Estimator(linear(), str(tmp_path))
    estimator.train(batches(), steps=1)
    x = np.ones([1, 784], np.float32)
    input_fn = one_example(1)
    if kind == "numpy_input_fn":
        input_fn = inputs.numpy_input_fn({"x": x}, shuffle=False)
    seconds = []
    for _ in range(1000):
        started = time.perf_counter()
        assert len(list(estimator.predict(input_fn))) == 1
        seconds.append(time.perf_counter() - started)
    print(f"{kind}: median of 1,000 predict calls {1e3 * np.median(seconds):.2f} ms")


@pytest.mark.slow
def test_two_hundred_cycles_keep_memory_flat(tmp_path):
    config = tf_estimator.RunConfig(save_checkpoints_steps=5)
    estimator = tf_estimator.Estimator(linear(), str(tmp_path), config)
    resident = []
    for _ in range(200):
        estimator.train(batches(), steps=5)
        estimator.evaluate(batches(2))
        list(estimator.predict(one_example(1)))
        resident.append(resident_megabytes())
    growth = resident[-1] - resident[9]
    print(f"resident set: {growth:.1f} MB more after cycles 11 to 200")
    assert growth < 20


def resident_megabytes():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Draws(tf1.train.SessionRunHook):
    """Notes the numbers that the model drew at each step."""

    def __init__(self):
        self.seen = []

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs("drawn:0")

    def after_run(self, run_context, run_values):
        self.seen.append(run_values.results)


def test_an_input_that_names_start_step_goes_on_where_it_stopped(tmp_path):
    def input_fn(start_step=0):
        steps = tf.data.Dataset.range(start_step, 100)
        return steps.map(lambda s: {"x": tf.fill([1], s)})

    def model_fn(features, mode):
        tf.identity(features["x"], name="drawn")
        step = tf1.assign_add(tf1.train.get_global_step(), 1)
        loss = tf.cast(tf.reduce_sum(features["x"]), tf.float32)
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=step)

    draws = Draws()
    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    for _ in range(3):
        estimator.train(input_fn, [draws], steps=3)
    assert np.concatenate(draws.seen).tolist() == list(range(9))


def test_a_loss_that_is_not_a_number_leaves_no_checkpoint(tmp_path):
    def model_fn(features, mode):
        step = tf1.assign_add(tf1.train.get_global_step(), 1)
        loss = tf.where(tf1.train.get_global_step() < 4, 1.0, np.nan)
        with tf.control_dependencies([loss]):
            train_op = tf.group(step, tf.reduce_sum(features))
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

    config = tf_estimator.RunConfig(save_checkpoints_steps=1)
    estimator = tf_estimator.Estimator(model_fn, str(tmp_path), config)
    with pytest.raises(tf_estimator.NanLossDuringTrainingError):
        estimator.train(lambda: tf.data.Dataset.from_tensors([1.0]).repeat())
    assert estimator.get_variable_value("global_step") <= 4
