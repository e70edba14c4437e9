"""Hooks that stop a training early, and the evaluator inside the training session."""

import json
import time

import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.small_models import any_spec, scalars
from tests.contract.small_models_wide import (
    FEATURES,
    LABELS,
    Calls,
    eval_input,
    evaluated_steps,
    global_step,
    linear_model_fn,
    new_estimator,
    restored,
    train_input,
    write_evaluations,
)

tf1 = tf.compat.v1

EVERY_STEP = {"run_every_secs": None, "run_every_steps": 1}


def last_step(estimator, *hooks, steps=5):
    """Trains for `steps` more at most; the step at which it ended."""
    return global_step(estimator.train(train_input, hooks=list(hooks), steps=steps))


def save_step(model_dir, step):
    """Writes a checkpoint of a model that is at `step`."""
    with tf.Graph().as_default(), tf1.Session() as session:
        session.run(tf1.assign(tf1.train.create_global_step(), step))
        tf1.train.Saver().save(session, str(model_dir / "model.ckpt"), step)


def steps_until_stopped(hook, limit):
    """Steps that a session of its own takes with `hook`: cheaper than a training."""
    with tf.Graph().as_default():
        step = tf1.train.create_global_step()
        count = tf1.assign_add(step, 1)
        with tf1.train.MonitoredSession(hooks=[hook]) as session:
            for taken in range(1, limit + 1):
                session.run(count)
                if session.should_stop():
                    return taken
    return limit


class TestMakeEarlyStoppingHook:
    def make(self, est, estimator, should_stop_fn, **kwargs):
        hook = est.experimental.make_early_stopping_hook
        return hook(estimator, should_stop_fn, **{**EVERY_STEP, **kwargs})

    def test_is_a_hook(self, est, tmp_path):
        hook = self.make(est, new_estimator(est, tmp_path), lambda: False)
        assert isinstance(hook, est.SessionRunHook)

    def test_true_at_once_stops_after_the_first_step(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        assert last_step(estimator, self.make(est, estimator, lambda: True)) == 1

    def test_false_lets_it_run(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        assert last_step(estimator, self.make(est, estimator, lambda: False)) == 5

    def test_run_every_steps_asks_after_the_first_step_and_then_so_often(
        self, est, tmp_path
    ):
        estimator = new_estimator(est, tmp_path)
        answers = iter([False, True])
        hook = self.make(est, estimator, lambda: next(answers), run_every_steps=5)
        # The hook's read of the step may run before or after its increment.
        assert last_step(estimator, hook, steps=20) in (5, 6, 7)

    def test_default_asks_once_a_minute(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        asked = []
        hook = est.experimental.make_early_stopping_hook(
            estimator, lambda: bool(asked.append(1))
        )
        assert last_step(estimator, hook) == 5
        assert len(asked) == 1

    def test_two_hooks_in_one_training(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        never = self.make(est, estimator, lambda: False)
        always = self.make(est, estimator, lambda: True)
        assert last_step(estimator, never, always) == 1

    def test_stopped_model_can_be_trained_on(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        assert last_step(estimator, self.make(est, estimator, lambda: True)) == 1
        assert last_step(estimator, steps=3) == 4

    @pytest.mark.parametrize("estimator", [None, 3])
    def test_refuses_what_is_no_estimator(self, est, estimator):
        with pytest.raises(TypeError, match="estimator"):
            self.make(est, estimator, lambda: False)

    @pytest.mark.parametrize("should_stop_fn", [None, True])
    def test_refuses_what_cannot_be_called(self, est, tmp_path, should_stop_fn):
        with pytest.raises(TypeError, match="should_stop_fn.*callable"):
            self.make(est, new_estimator(est, tmp_path), should_stop_fn)

    @pytest.mark.parametrize("secs, steps", [(60, 10), (None, None)])
    def test_refuses_both_or_neither_cadence(self, est, tmp_path, secs, steps):
        with pytest.raises(ValueError, match="every_secs.*every_steps"):
            self.make(
                est,
                new_estimator(est, tmp_path),
                lambda: False,
                run_every_secs=secs,
                run_every_steps=steps,
            )


class TestStopIf:
    """Each case: the hook, its limit, the evaluations so far, does it stop?"""

    def stops(self, est, folder, hook, limit, evaluations, metric="acc", **kwargs):
        estimator = new_estimator(est, folder)
        if evaluations:
            write_evaluations(estimator.eval_dir(), "acc", evaluations)
        make = getattr(est.experimental, hook)
        hook = make(estimator, metric, limit, **EVERY_STEP, **kwargs)
        return steps_until_stopped(hook, limit=3) == 1

    @pytest.mark.parametrize(
        "evaluations, stops",
        [
            ([], False),
            ([(1, 0.95)], True),
            ([(1, 0.75)], False),
            ([(1, 0.5)], False),
            ([(1, 0.95), (2, 0.5)], True),
            ([(1, 0.5), (2, 0.95)], True),
        ],
    )
    def test_higher(self, est, tmp_path, evaluations, stops):
        got = self.stops(est, tmp_path, "stop_if_higher_hook", 0.75, evaluations)
        assert got is stops

    @pytest.mark.parametrize(
        "evaluations, stops",
        [
            ([], False),
            ([(1, 0.5)], True),
            ([(1, 0.75)], False),
            ([(1, 0.95)], False),
            ([(1, 0.5), (2, 0.95)], True),
        ],
    )
    def test_lower(self, est, tmp_path, evaluations, stops):
        got = self.stops(est, tmp_path, "stop_if_lower_hook", 0.75, evaluations)
        assert got is stops

    @pytest.mark.parametrize(
        "evaluations, stops",
        [
            ([], False),
            ([(10, 0.5)], False),
            ([(10, 0.5), (20, 0.4)], False),
            ([(10, 0.5), (20, 0.4), (29, 0.45)], False),
            ([(10, 0.5), (20, 0.4), (30, 0.45)], True),
            ([(10, 0.5), (20, 0.5), (30, 0.5)], True),
            ([(10, 0.5), (20, 0.6), (30, 0.55)], False),
            ([(10, 0.5), (20, 0.6), (30, 0.55), (40, 0.6)], True),
        ],
    )
    def test_no_increase_for_20_steps(self, est, tmp_path, evaluations, stops):
        hook = "stop_if_no_increase_hook"
        assert self.stops(est, tmp_path, hook, 20, evaluations) is stops

    @pytest.mark.parametrize(
        "evaluations, stops",
        [
            ([], False),
            ([(10, 0.5), (20, 0.6)], False),
            ([(10, 0.5), (20, 0.6), (30, 0.55)], True),
            ([(10, 0.5), (20, 0.5), (30, 0.5)], True),
            ([(10, 0.5), (20, 0.6), (30, 0.45)], False),
        ],
    )
    def test_no_decrease_for_20_steps(self, est, tmp_path, evaluations, stops):
        hook = "stop_if_no_decrease_hook"
        assert self.stops(est, tmp_path, hook, 20, evaluations) is stops

    @pytest.mark.parametrize(
        "hook, limit, evaluations, min_steps, stops",
        [
            ("stop_if_higher_hook", 0.9, [(3, 0.95)], 3, True),
            ("stop_if_higher_hook", 0.9, [(3, 0.95)], 4, False),
            ("stop_if_lower_hook", 0.9, [(3, 0.5)], 4, False),
            ("stop_if_no_increase_hook", 10, [(10, 0.5), (20, 0.4)], 10, True),
            ("stop_if_no_increase_hook", 10, [(10, 0.5), (20, 0.4)], 20, False),
            ("stop_if_no_decrease_hook", 10, [(10, 0.5), (20, 0.6)], 20, False),
        ],
    )
    def test_evaluations_before_min_steps_do_not_count(
        self, est, tmp_path, hook, limit, evaluations, min_steps, stops
    ):
        got = self.stops(est, tmp_path, hook, limit, evaluations, min_steps=min_steps)
        assert got is stops

    def test_reads_another_folder_by_request(self, est, tmp_path):
        write_evaluations(tmp_path / "eval_b", "acc", [(1, 0.95)])
        hook, model = "stop_if_higher_hook", tmp_path
        other = str(tmp_path / "eval_b")
        assert not self.stops(est, model / "model", hook, 0.9, [])
        assert self.stops(est, model / "other", hook, 0.9, [], eval_dir=other)

    def test_folder_that_is_not_there_yet_lets_it_run(self, est, tmp_path):
        none_yet = str(tmp_path / "none_yet")
        hook = "stop_if_higher_hook"
        assert not self.stops(est, tmp_path, hook, 0.9, [], eval_dir=none_yet)

    def test_metric_that_was_never_evaluated_is_an_error(self, est, tmp_path):
        with pytest.raises(KeyError, match="acuracy"):
            self.stops(
                est, tmp_path, "stop_if_higher_hook", 0.9, [(1, 0.5)], metric="acuracy"
            )

    def test_follows_the_evaluations_of_the_estimator(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        hook = est.experimental.stop_if_lower_hook(estimator, "mae", 1e6, **EVERY_STEP)
        assert last_step(estimator, hook, steps=3) == 3
        estimator.evaluate(eval_input)
        assert last_step(estimator, hook, steps=3) == 4


class TestStopAtCheckpointStep:
    def make(self, est, estimator, step):
        make = est.experimental.make_stop_at_checkpoint_step_hook
        return make(estimator, step, wait_after_file_check_secs=0)

    def test_stops_at_that_step(self, est, tmp_path):
        config = est.RunConfig(save_checkpoints_steps=2)
        estimator = new_estimator(est, tmp_path, config=config)
        assert last_step(estimator, self.make(est, estimator, 4), steps=20) == 4

    def test_steps_may_run_out_before(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        assert last_step(estimator, self.make(est, estimator, 10), steps=2) == 2

    def test_a_worker_sleeps_until_a_checkpoint_has_the_step(
        self, est, tmp_path, monkeypatch
    ):
        cluster = {"chief": ["h:1"], "worker": ["h:2"], "ps": ["h:3"]}
        task = {"cluster": cluster, "task": {"type": "worker", "index": 0}}
        monkeypatch.setenv("TF_CONFIG", json.dumps(task))
        waits = []
        monkeypatch.setattr(time, "sleep", waits.append)
        estimator = new_estimator(est, tmp_path)
        make = est.experimental.make_stop_at_checkpoint_step_hook
        hook = make(estimator, 2, wait_after_file_check_secs=7)
        assert steps_until_stopped(hook, limit=4) == 4
        # By chance the original reads the step before it is made, and waits once more.
        by_chance = [] if est is ours else [[7, 7, 7, 7]]
        assert waits in [[7, 7, 7], *by_chance]
        save_step(tmp_path, 2)
        assert steps_until_stopped(hook, limit=4) == 2


def with_table(est, modes, checkpoint=True):
    """Gives a model_fn that puts a key in a table, then counts the table's keys."""

    def model_fn(features, labels, mode):
        spec = any_spec(est, mode)
        if mode not in modes:
            return spec
        table = tf.lookup.experimental.MutableHashTable(
            tf.int64, tf.float32, 0.0, checkpoint=checkpoint
        )
        with tf.control_dependencies([table.insert(tf.constant([1], tf.int64), [1.0])]):
            known = tf.cast(table.size(), tf.float32)
        loss = spec.loss + known
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        metrics = {"known": tf1.metrics.mean(known)}
        return est.EstimatorSpec(
            mode, loss=loss, train_op=train_op, eval_metric_ops=metrics
        )

    return model_fn


class TestInMemoryEvaluator:
    @pytest.mark.parametrize(
        "every_n_iter, steps, expected",
        [(2, 5, [0, 2, 4, 5]), (1, 2, [0, 1, 2]), (100, 3, [0, 3])],
    )
    def test_evaluates_at_the_start_every_n_steps_and_at_the_end(
        self, est, tmp_path, every_n_iter, steps, expected
    ):
        estimator = new_estimator(est, tmp_path)
        hook = est.experimental.InMemoryEvaluatorHook(
            estimator, eval_input, every_n_iter=every_n_iter
        )
        last_step(estimator, hook, steps=steps)
        assert sorted(set(evaluated_steps(estimator.eval_dir()))) == expected

    def test_name_chooses_the_folder(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        hook = est.experimental.InMemoryEvaluatorHook(estimator, eval_input, name="b")
        last_step(estimator, hook, steps=1)
        assert evaluated_steps(estimator.eval_dir("b"), "mae") == [0, 1]
        assert evaluated_steps(estimator.eval_dir()) == []

    def test_builds_the_evaluation_graph_once(self, est, tmp_path):
        modes = []

        def model_fn(features, labels, mode):
            modes.append(mode)
            return linear_model_fn(est)(features, labels, mode)

        estimator = new_estimator(est, tmp_path, model_fn)
        hook = est.experimental.InMemoryEvaluatorHook(
            estimator, eval_input, every_n_iter=1
        )
        last_step(estimator, hook, steps=4)
        assert modes == ["train", "eval"]

    def test_steps_and_hooks_belong_to_each_evaluation(self, est, tmp_path):
        def endless():
            return tf.data.Dataset.from_tensors(({"x": FEATURES}, LABELS)).repeat()

        log = []
        estimator = new_estimator(est, tmp_path)
        hook = est.experimental.InMemoryEvaluatorHook(
            estimator, endless, steps=2, hooks=[Calls(log)]
        )
        last_step(estimator, hook, steps=1)
        assert log == ["begin", "run", "run", "end"] * 2

    @pytest.mark.parametrize("modes", [("train", "eval"), ("train",)])
    def test_a_table_with_a_place_in_the_checkpoint_is_refused(
        self, est, tmp_path, modes
    ):
        estimator = new_estimator(est, tmp_path, with_table(est, modes))
        hook = est.experimental.InMemoryEvaluatorHook(estimator, eval_input, steps=1)
        with pytest.raises(ValueError, match="does not support saveables other than"):
            last_step(estimator, hook, steps=1)
        assert evaluated_steps(estimator.eval_dir()) == []

    def test_any_other_table_is_empty_in_each_evaluation(self, est, tmp_path):
        model_fn = with_table(est, ("train", "eval"), checkpoint=False)
        estimator = new_estimator(est, tmp_path, model_fn)
        hook = est.experimental.InMemoryEvaluatorHook(
            estimator, eval_input, steps=1, every_n_iter=1
        )
        last_step(estimator, hook, steps=2)
        known = [one for one in scalars(estimator.eval_dir()) if one[1] == "known"]
        assert set(known) == {(step, "known", 1.0) for step in (0, 1, 2)}

    @pytest.mark.parametrize("every_n_iter", [0, -1, None])
    def test_refuses_every_n_iter(self, est, tmp_path, every_n_iter):
        with pytest.raises(ValueError, match=f"every_n_iter.*{every_n_iter}"):
            est.experimental.InMemoryEvaluatorHook(
                restored(est, tmp_path), eval_input, every_n_iter=every_n_iter
            )
