"""Several steps in one session.run: faster, and otherwise as one by one."""

import re

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.session.steps import multi_step
from tests.estimator.one_weight import model_fn

tf1 = tf.compat.v1

STEPS = 220


def noisy_model_fn(features, labels, mode):
    """Dropout of the step, an optimizer with slots, a summary of its own."""
    key = tf_estimator.step_seed(7)
    x = tf.nn.experimental.stateless_dropout(features["x"], 0.4, seed=key)
    weights = tf1.get_variable("w", [4, 1], initializer=tf1.ones_initializer())
    tf1.summary.scalar("norm", tf.norm(x))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, weights) - labels))
    optimizer = tf1.train.AdamOptimizer(0.01)
    train_op = optimizer.minimize(loss, tf1.train.get_global_step())
    return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)


def counted(start_step=0):
    """Endless; element s is a function of s."""
    steps = tf.data.Dataset.range(start_step, tf.int64.max)
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return steps.map(_element).apply(endless)


def _element(step):
    x = tf.random.stateless_normal([3, 4], tf.stack([step, 1]))
    return {"x": x}, tf.reduce_sum(x, 1, keepdims=True)


class Seen(tf1.train.SessionRunHook):
    """Notes the global step that each run ends at."""

    def __init__(self):
        self.steps = []

    def begin(self):
        self._step = tf1.train.get_global_step()

    def after_run(self, run_context, run_values):
        self.steps.append(int(run_context.session.run(self._step)))


class SeenLast(Seen):
    every_step = False


def config_of(steps_per_run, **more):
    cadence = {"save_checkpoints_steps": 90, "save_summary_steps": 40}
    cadence |= {"log_step_count_steps": 30, "tf_random_seed": 3, **more}
    return tf_estimator.RunConfig(steps_per_run=steps_per_run, **cadence)


def train(folder, steps_per_run, steps=STEPS, hooks=None, input_fn=counted, **more):
    config = config_of(steps_per_run, **more)
    estimator = tf_estimator.Estimator(noisy_model_fn, str(folder), config)
    return estimator.train(input_fn, hooks, max_steps=steps)


def variables(estimator):
    return {
        name: estimator.get_variable_value(name)
        for name in estimator.get_variable_names()
    }


def events(folder):
    found = []
    for path in sorted(folder.glob("events.*")):
        for record in tf1.io.tf_record_iterator(str(path)):
            event = tf1.Event.FromString(record)
            found += [
                (event.step, value.tag, value.simple_value)
                for value in event.summary.value
                if value.tag != "global_step/sec"
            ]
    return found


def listen(caplog):
    tf.get_logger().propagate = True
    caplog.set_level("INFO", logger="tensorflow")


def log_lines(text):
    lines = re.findall(r"(?:loss = .*?, step = \d+|Saving checkpoints for \d+)", text)
    return [*lines, *re.findall("Loss for final step: .*", text)]


@pytest.mark.parametrize("steps_per_run", [None, 7, 100])
def test_several_steps_per_run_end_as_one_by_one(tmp_path, steps_per_run, caplog):
    listen(caplog)
    one = train(tmp_path / "one", 1)
    said = log_lines(caplog.text)
    caplog.clear()
    several = train(tmp_path / "several", steps_per_run)
    for name, value in variables(one).items():
        np.testing.assert_array_equal(several.get_variable_value(name), value, name)
    assert events(tmp_path / "several") == events(tmp_path / "one") != []
    assert log_lines(caplog.text) == said != []


def test_a_model_whose_steps_take_long_logs_as_ever(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(multi_step, "RUN_SECS", 0)
    listen(caplog)
    hook = SeenLast()
    train(tmp_path, None, hooks=[hook])
    assert hook.steps == list(range(1, STEPS + 1))
    logged = re.findall(r"loss = .*?, step = (\d+)", caplog.text)
    assert [int(step) for step in logged] == list(range(0, STEPS, 30))


def test_a_resumed_run_ends_as_one_that_was_never_interrupted(tmp_path):
    whole = train(tmp_path / "whole", 50)
    train(tmp_path / "parts", 50, 101)
    parts = train(tmp_path / "parts", None)
    for name, value in variables(whole).items():
        np.testing.assert_array_equal(parts.get_variable_value(name), value, name)


def test_hooks_see_the_last_step_of_each_run(tmp_path):
    hook = SeenLast()
    train(tmp_path, 25, hooks=[hook], save_summary_steps=100, log_step_count_steps=100)
    assert hook.steps[:7] == [1, 2, 27, 52, 77, 90, 101]
    assert hook.steps[7:] == [126, 151, 176, 180, 201, 220]


def test_a_hook_of_the_users_sees_every_step_unless_told_otherwise(tmp_path):
    hook = Seen()
    train(tmp_path, None, hooks=[hook])
    assert hook.steps == list(range(1, STEPS + 1))


def test_by_itself_it_makes_several_steps_per_run_of_a_small_model(tmp_path):
    hook = SeenLast()
    train(tmp_path, None, hooks=[hook])
    assert len(hook.steps) < STEPS / 2


def test_by_itself_it_makes_steps_alone_where_the_input_ends(tmp_path):
    hook = SeenLast()
    train(tmp_path, None, hooks=[hook], input_fn=lambda: counted().take(150))
    assert hook.steps == list(range(1, 151))


def test_an_input_that_ends_within_a_run_is_used_up(tmp_path):
    def input_fn():
        return counted().take(150)

    one = train(tmp_path / "one", 1, None, input_fn=input_fn)
    several = train(tmp_path / "several", 40, None, input_fn=input_fn)
    assert several.get_variable_value("global_step") == 150
    np.testing.assert_array_equal(
        several.get_variable_value("w"), one.get_variable_value("w")
    )


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (tf1.train.FeedFnHook(lambda: {}), "FeedFnHook asks for every step"),
        (tf1.train.StopAtStepHook(last_step=9), "StopAtStepHook asks for every step"),
    ],
)
def test_a_hook_that_asks_for_every_step_gets_it(tmp_path, caplog, hook, said):
    listen(caplog)
    seen = SeenLast()
    train(tmp_path, 50, 12, hooks=[hook, seen])
    assert seen.steps == list(range(1, seen.steps[-1] + 1))
    assert f"steps_per_run is 1, since {said}" in caplog.text


def random_if(condition):
    def inner():
        return tf.cond(condition, lambda: tf1.random_uniform([]), lambda: 1.0)

    return tf.cond(condition, inner, lambda: 2.0)


def guarded(loss):
    """Adds checks of the value, which are functions in the graph."""
    checks = [tf1.assert_greater(loss, -1.0), tf1.assert_less(loss, tf.float32.max)]
    with tf.control_dependencies(checks):
        return loss / (1 + tf.identity(loss))


def test_checks_of_values_do_not_stop_several_steps_per_run(tmp_path):
    hook = SeenLast()
    found = []
    for steps_per_run in (1, 50):
        folder, config = str(tmp_path / str(steps_per_run)), config_of(steps_per_run)
        estimator = tf_estimator.Estimator(with_op(guarded), folder, config)
        estimator.train(counted, [hook], max_steps=70)
        found.append(variables(estimator))
    assert hook.steps[70:] == [1, 2, 31, 41, 61, 70]
    for name, value in found[0].items():
        np.testing.assert_array_equal(found[1][name], value, name)


def test_a_check_that_fails_within_a_run_ends_the_training(tmp_path):
    def make(loss):
        step = tf1.train.get_global_step()
        with tf.control_dependencies(
            [tf1.assert_none_equal(step, tf.cast(20, tf.int64))]
        ):
            return loss / (1 + tf.identity(loss))

    estimator = tf_estimator.Estimator(with_op(make), str(tmp_path), config_of(50))
    with pytest.raises(tf.errors.InvalidArgumentError, match="assert"):
        estimator.train(counted, max_steps=70)


def with_op(make):
    def other_model_fn(features, labels, mode):
        spec = model_fn({"x": features["x"][0]}, labels, mode)
        loss = make(spec.loss)
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return other_model_fn


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda x: x * tf1.random_uniform([]), "keeps a state of its own"),
        (lambda x: x * tf1.placeholder_with_default(1.0, []), "is fed"),
        (lambda x: x * tf1.Variable(1.0, use_resource=False), "no resource variable"),
        (lambda x: x * random_if(x > -1), "calls a function with a state"),
    ],
    ids=[
        "a random op",
        "a placeholder",
        "a variable of TensorFlow 1",
        "a random op in a function",
    ],
)
def test_what_a_loop_cannot_repeat_is_made_step_by_step(tmp_path, caplog, make, said):
    listen(caplog)
    estimator = tf_estimator.Estimator(with_op(make), str(tmp_path), config_of(50))
    estimator.train(counted, steps=12)
    assert estimator.get_variable_value("global_step") == 12
    assert re.search(f"steps_per_run is 1, since .* {said}", caplog.text)


def by_twos(features, labels, mode):
    spec = noisy_model_fn(features, labels, mode)
    with tf.control_dependencies([spec.train_op]):
        more = tf1.assign_add(tf1.train.get_global_step(), 1)
    return spec._replace(train_op=more.op)


def test_a_model_that_counts_steps_otherwise_is_followed_one_by_one(tmp_path):
    hook = SeenLast()
    for folder, steps_per_run in [("one", 1), ("several", 50)]:
        config = config_of(steps_per_run)
        estimator = tf_estimator.Estimator(by_twos, str(tmp_path / folder), config)
        # Odd, because the hook that stops may see the step of before the second count.
        estimator.train(counted, [hook], max_steps=119)
    assert hook.steps == 2 * list(range(2, 121, 2))
    shown = [{step for step, *_ in events(tmp_path / of)} for of in ("one", "several")]
    assert shown[0] == shown[1] != set()


@pytest.mark.parametrize(
    ("done", "longest"), [(0, 1), (1, 10), (5, 6), (11, 4), (16, 5), (21, 9), (33, 2)]
)
def test_a_run_ends_where_something_is_due(done, longest):
    schedule = multi_step.Schedule(steps=35, saves=15, shown=(10, 20))
    assert schedule.longest_run(done) == longest


def test_steps_per_run_must_be_a_count():
    with pytest.raises(ValueError, match="steps_per_run should be an integer > 0"):
        tf_estimator.RunConfig(steps_per_run=0)
