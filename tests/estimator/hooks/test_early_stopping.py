"""Reading evaluations, deciding by them, and evaluating in memory."""

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator import experimental
from estimator_mnist.estimator.hooks import early_stopping

tf1 = tf.compat.v1
EVERY_STEP = {"run_every_secs": None, "run_every_steps": 1}


def growing_model(features, labels, mode):
    """Its variable `w` is the number of steps made; so is the metric `grown`."""
    w = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
    train_op = tf.group(
        tf1.assign_add(w, 1.0), tf1.assign_add(tf1.train.get_global_step(), 1)
    )
    return tf_estimator.EstimatorSpec(
        mode,
        loss=tf.reduce_mean(features),
        train_op=train_op,
        eval_metric_ops={"grown": tf1.metrics.mean(w)},
    )


def ones(count=None):
    return tf.data.Dataset.from_tensors(tf.ones([2])).repeat(count)


def three_ones():
    return ones(3)


@pytest.fixture
def estimator(tmp_path):
    config = tf_estimator.RunConfig(save_checkpoints_steps=100)
    return tf_estimator.Estimator(growing_model, str(tmp_path / "run"), config)


def write_events(folder, values, suffix="", start=None):
    """An event file with the metric `grown` at each step of a dict.

    A session that starts at step `start` voids what earlier files say from there on.
    """
    writer = tf1.summary.FileWriter(str(folder), filename_suffix=suffix)
    if start is not None:
        writer.add_session_log(tf1.SessionLog(status=tf1.SessionLog.START), start)
    for step, value in values.items():
        summary = tf1.Summary()
        summary.value.add(tag="grown", simple_value=value)
        writer.add_summary(summary, step)
    writer.close()


def steps_of(estimator):
    return int(estimator.get_variable_value("global_step"))


def test_evaluations_are_read_in_the_order_of_steps(tmp_path):
    with tf.Graph().as_default():
        write_events(tmp_path, {20: 2.0, 10: 1.0})
    metrics = early_stopping.read_eval_metrics(str(tmp_path))
    assert list(metrics.items()) == [(10, {"grown": 1.0}), (20, {"grown": 2.0})]


def test_evaluations_of_all_event_files_are_read(tmp_path):
    with tf.Graph().as_default():
        write_events(tmp_path, {10: 1.0}, suffix=".first")
        write_events(tmp_path, {20: 2.0}, suffix=".second")
    assert list(early_stopping.read_eval_metrics(str(tmp_path))) == [10, 20]


def test_a_half_written_record_ends_the_reading(tmp_path):
    with tf.Graph().as_default():
        write_events(tmp_path, {10: 1.0, 20: 2.0})
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert list(early_stopping.read_eval_metrics(str(tmp_path))) == [10]


def test_evaluations_that_a_later_session_declared_void_are_not_read(tmp_path):
    with tf.Graph().as_default():
        write_events(tmp_path, {10: 1.0, 20: 9.0, 30: 9.0}, suffix=".first")
        write_events(tmp_path, {20: 2.0}, suffix=".second", start=20)
    metrics = early_stopping.read_eval_metrics(str(tmp_path))
    assert metrics == {10: {"grown": 1.0}, 20: {"grown": 2.0}}


def test_a_missing_folder_has_no_evaluations(tmp_path):
    assert early_stopping.read_eval_metrics(str(tmp_path / "none")) == {}


def test_text_beside_the_metrics_is_passed_over(estimator):
    estimator.train(ones, steps=3)
    estimator.evaluate(three_ones)
    metrics = early_stopping.read_eval_metrics(estimator.eval_dir())
    assert metrics == {3: {"grown": 3.0, "loss": 1.0}}


def test_evaluations_of_an_earlier_run_count(estimator):
    estimator.train(ones, steps=5)
    estimator.evaluate(three_ones)
    again = tf_estimator.Estimator(growing_model, estimator.model_dir)
    hook = experimental.stop_if_higher_hook(again, "grown", 4.0, **EVERY_STEP)
    again.train(ones, hooks=[hook], steps=50)
    assert steps_of(again) == 6


def test_an_evaluation_that_is_void_does_not_end_training(estimator):
    with tf.Graph().as_default():
        write_events(estimator.eval_dir(), {1: 1.0, 9: 9.0}, suffix=".first")
        write_events(estimator.eval_dir(), {1: 1.0}, suffix=".second", start=1)
    hook = experimental.stop_if_higher_hook(estimator, "grown", 4.0, **EVERY_STEP)
    estimator.train(ones, hooks=[hook], steps=3)
    assert steps_of(estimator) == 3


def test_the_best_of_an_earlier_run_counts(estimator):
    estimator.train(ones, steps=1)
    with tf.Graph().as_default():
        write_events(estimator.eval_dir(), {1: 9.0, 41: 8.0})
    hook = experimental.stop_if_no_increase_hook(estimator, "grown", 40, **EVERY_STEP)
    estimator.train(ones, hooks=[hook], steps=50)
    assert steps_of(estimator) == 2


def test_a_metric_that_is_not_there_is_named_with_those_that_are(estimator):
    estimator.train(ones, steps=1)
    estimator.evaluate(three_ones)
    hook = experimental.stop_if_lower_hook(estimator, "groan", 0.0, **EVERY_STEP)
    with pytest.raises(KeyError, match="'groan'.*step 1.*grown.*loss"):
        estimator.train(ones, hooks=[hook], steps=1)


def test_a_run_may_begin_to_stop_early_and_cease_to(estimator):
    hook = experimental.make_early_stopping_hook(estimator, lambda: False, **EVERY_STEP)
    for hooks in ([], [hook], []):
        estimator.train(ones, hooks=hooks, steps=2)
    assert steps_of(estimator) == 6
    assert estimator.get_variable_names() == ["global_step", "w"]


def test_what_stops_early_is_saved(estimator):
    hook = experimental.make_early_stopping_hook(estimator, lambda: True, **EVERY_STEP)
    estimator.train(ones, hooks=[hook], steps=50)
    assert steps_of(estimator) == 1


def test_in_memory_evaluation_sees_the_variables_of_that_step(estimator):
    hook = experimental.InMemoryEvaluatorHook(estimator, three_ones, every_n_iter=4)
    estimator.train(ones, hooks=[hook], steps=10)
    metrics = early_stopping.read_eval_metrics(estimator.eval_dir())
    assert {step: m["grown"] for step, m in metrics.items()} == {
        step: float(step) for step in (0, 4, 8, 10)
    }


def test_in_memory_evaluation_is_made_once_at_a_step(estimator):
    judged = []

    class Count(tf1.train.SessionRunHook):
        def end(self, session):
            judged.append(1)

    hook = experimental.InMemoryEvaluatorHook(
        estimator, three_ones, hooks=[Count()], every_n_iter=4
    )
    estimator.train(ones, hooks=[hook], steps=8)
    assert len(judged) == 3


def test_in_memory_evaluation_builds_its_graph_once(tmp_path):
    modes = []

    def model_fn(features, labels, mode):
        modes.append(mode)
        return growing_model(features, labels, mode)

    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    hook = experimental.InMemoryEvaluatorHook(estimator, three_ones, every_n_iter=1)
    estimator.train(ones, hooks=[hook], steps=5)
    assert sorted(modes) == ["eval", "train"]


def test_in_memory_evaluation_goes_on_with_the_run(estimator):
    estimator.train(ones, steps=5)
    hook = experimental.InMemoryEvaluatorHook(
        estimator, three_ones, name="mine", every_n_iter=3
    )
    estimator.train(ones, hooks=[hook], steps=4)
    metrics = early_stopping.read_eval_metrics(estimator.eval_dir("mine"))
    assert list(metrics) == [5, 8, 9]


def test_a_variable_of_evaluation_alone_raises(tmp_path):
    def model_fn(features, labels, mode):
        if mode == tf_estimator.ModeKeys.EVAL:
            tf1.get_variable("extra", [])
        return growing_model(features, labels, mode)

    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    hook = experimental.InMemoryEvaluatorHook(estimator, three_ones)
    with pytest.raises(ValueError, match="'extra'.*TRAIN mode too"):
        estimator.train(ones, hooks=[hook], steps=1)


def test_in_memory_evaluation_of_a_warm_started_run(estimator, tmp_path):
    estimator.train(ones, steps=7)
    warm = tf_estimator.Estimator(
        growing_model, str(tmp_path / "warm"), warm_start_from=estimator.model_dir
    )
    hook = experimental.InMemoryEvaluatorHook(warm, three_ones, every_n_iter=2)
    warm.train(ones, hooks=[hook], steps=2)
    metrics = early_stopping.read_eval_metrics(warm.eval_dir())
    assert [metrics[step]["grown"] for step in (0, 2)] == [7.0, 9.0]
