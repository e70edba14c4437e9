"""Session hooks: who is called, when, in which order, and what a hook may do."""

import pytest
import tensorflow as tf

from tests.contract.small_models import (
    MODES,
    Fetch,
    Recorder,
    averager,
    checkpoint_steps,
    count_step,
    line,
    numbers,
    predictor,
    run,
)

tf1 = tf.compat.v1


@pytest.fixture
def calls():
    """The list that this test's hooks and listeners write to."""
    return []


def hook_names(calls, what):
    """The hooks on which `what` was called, in order."""
    return [call.split(".")[0] for call in calls if call.endswith(f".{what}")]


# The life of a hook


def life(runs, also_started=0):
    """The calls of a hook that saw `runs` runs and then some that found no input."""
    return [
        "hook.begin",
        "hook.after_create_session",
        *["hook.before_run", "hook.after_run"] * runs,
        *["hook.before_run"] * also_started,
        "hook.end",
    ]


def test_the_life_of_a_hook_in_train(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=[Recorder(calls)], steps=2)
    assert calls == life(runs=2)


def test_the_life_of_a_hook_in_evaluate(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.evaluate(numbers(), hooks=[Recorder(calls)], steps=2)
    assert calls == life(runs=2)


def test_the_life_of_a_hook_in_predict(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    list(estimator.predict(numbers(4, 2, epochs=1), hooks=[Recorder(calls)]))
    assert calls[:6] == life(runs=2)[:6]
    assert calls[-1] == "hook.end"


def test_a_hook_ends_when_the_input_ends(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(4, 2, epochs=1), hooks=[Recorder(calls)])
    assert calls == life(runs=2, also_started=1)
    calls.clear()
    estimator.evaluate(numbers(4, 2, epochs=1), hooks=[Recorder(calls)])
    assert calls == life(runs=2, also_started=1)


def test_a_hook_may_be_used_in_several_calls(est, tmp_path, calls):
    hook = Recorder(calls)
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=[hook], steps=1)
    estimator.train(numbers(), hooks=[hook], steps=1)
    estimator.evaluate(numbers(), hooks=[hook], steps=1)
    assert calls == life(runs=1) * 3


def test_the_graph_is_open_in_begin_and_closed_after_it(est, tmp_path):
    finalized = []

    class Look(tf1.train.SessionRunHook):
        def begin(self):
            graph = tf1.get_default_graph()
            finalized.append((len(graph.get_operations()) > 0, graph.finalized))
            tf.constant(1.0, name="added_by_the_hook")

        def after_create_session(self, session, coord):
            session.graph.get_operation_by_name("added_by_the_hook")
            finalized.append(session.graph.finalized)

    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=[Look()], steps=1)
    estimator.evaluate(numbers(), hooks=[Look()], steps=1)
    stream = estimator.predict(numbers(), hooks=[Look()])
    next(stream)
    stream.close()
    assert finalized == [(True, False), True] * 3


def test_a_hook_may_run_ops_of_its_own(est, tmp_path):
    class Total(tf1.train.SessionRunHook):
        def begin(self):
            initial = tf1.zeros_initializer()
            self.total = tf1.get_variable("total", [], initializer=initial)
            self.add = tf1.assign_add(self.total, 1.0)

        def after_run(self, run_context, run_values):
            run_context.session.run(self.add)

    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=[Total()], steps=3)
    assert estimator.get_variable_value("total") == 3.0


# Values


def named_average(est):
    def model_fn(features, labels, mode):
        mean = tf.reduce_mean(features["x"], name="mean_of_x")
        if mode == est.ModeKeys.PREDICT:
            return est.EstimatorSpec(mode, predictions=features["x"] + 0 * mean)
        return est.EstimatorSpec(mode, loss=mean, train_op=count_step(mean))

    return model_fn


def test_a_hook_fetches_a_tensor_by_its_name(est, tmp_path):
    estimator = est.Estimator(named_average(est), str(tmp_path))
    in_train, in_eval, in_predict = (Fetch("mean_of_x:0") for _ in range(3))
    estimator.train(numbers(), hooks=[in_train], steps=3)
    estimator.evaluate(numbers(), hooks=[in_eval], steps=2)
    list(estimator.predict(numbers(epochs=1), hooks=[in_predict]))
    assert in_train.values == [1.5, 3.5, 1.5]
    assert in_eval.values == [1.5, 3.5]
    assert in_predict.values == [1.5, 3.5]


def test_a_tensor_that_is_not_there_is_an_error(est, tmp_path):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises((ValueError, KeyError), match="unknown"):
        estimator.train(numbers(), hooks=[Fetch("unknown:0")], steps=1)


def test_a_hook_may_feed_the_graph(est, tmp_path):
    def model_fn(features, labels, mode):
        scale = tf1.placeholder_with_default(1.0, [], name="scale")
        loss = scale * tf.reduce_mean(features["x"])
        return est.EstimatorSpec(mode, loss=loss)

    feed = tf1.train.FeedFnHook(lambda: {"scale:0": 10.0})
    estimator = est.Estimator(model_fn, str(tmp_path))
    assert estimator.evaluate(numbers(epochs=1), hooks=[feed])["loss"] == 25.0


# Stopping


def test_a_hook_stops_training(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=[Recorder(calls, stop_after=3)], steps=10)
    assert calls == life(runs=3)
    assert estimator.get_variable_value("global_step") == 3
    assert checkpoint_steps(tmp_path) == [0, 3]


def test_a_hook_stops_training_that_has_no_other_end(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=[Recorder(calls, stop_after=2)])
    assert estimator.get_variable_value("global_step") == 2


def test_a_hook_stops_an_evaluation(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    stop = Recorder(calls, stop_after=3)
    result = estimator.evaluate(numbers(), hooks=[stop])
    assert calls == life(runs=3)
    assert result["loss"] == pytest.approx((1.5 + 3.5 + 1.5) / 3)


def test_a_hook_stops_a_prediction_after_its_batch(est, tmp_path, calls):
    estimator = est.Estimator(predictor(est, lambda x: x), str(tmp_path))
    stop = Recorder(calls, stop_after=2)
    assert list(estimator.predict(numbers(), hooks=[stop])) == [1, 2, 3, 4]
    assert calls == life(runs=2)


@pytest.mark.parametrize(
    ("hook", "limit", "expected"),
    [
        ({"num_steps": 3}, {}, 5),
        ({"last_step": 3}, {}, 3),
        ({"last_step": 9}, {"steps": 2}, 4),
        ({"last_step": 3}, {"max_steps": 9}, 3),
    ],
)
def test_the_first_limit_that_is_reached_stops(est, tmp_path, hook, limit, expected):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), steps=2)
    stop = tf1.train.StopAtStepHook(**hook)
    estimator.train(numbers(), hooks=[stop], **limit)
    assert estimator.get_variable_value("global_step") == expected


# Failing


@pytest.mark.parametrize(
    "where", ["begin", "after_create_session", "before_run", "after_run"]
)
@pytest.mark.parametrize("mode", MODES)
def test_an_error_in_a_hook_ends_the_call(est, tmp_path, calls, mode, where):
    hooks = [Recorder(calls, "first"), Recorder(calls, "bad", fail_in=where)]
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(ValueError, match=f"failed in {where}"):
        run(estimator, mode, numbers(), hooks)
    assert calls[-1] == f"bad.{where}"
    assert "first.end" not in calls


def test_an_error_in_end_reaches_the_caller(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(ValueError, match="failed in end"):
        estimator.train(numbers(), hooks=[Recorder(calls, fail_in="end")], steps=2)
    assert calls == life(runs=2)


def test_an_interrupt_ends_training_without_a_last_checkpoint(est, tmp_path, calls):
    class Interrupt(tf1.train.SessionRunHook):
        def after_run(self, run_context, run_values):
            raise KeyboardInterrupt

    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        estimator.train(numbers(), hooks=[Interrupt(), Recorder(calls)], steps=2)
    assert "hook.end" not in calls
    assert checkpoint_steps(tmp_path) == [0]


def test_an_estimator_works_on_after_a_hook_failed(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(ValueError, match="failed"):
        estimator.train(numbers(), hooks=[Recorder(calls, fail_in="after_run")])
    estimator.train(numbers(), steps=2)
    assert estimator.get_variable_value("global_step") == 2


@pytest.mark.parametrize("hooks", [["hook"], [None], [Recorder]])
@pytest.mark.parametrize("mode", MODES)
def test_what_is_no_hook_is_refused(est, tmp_path, mode, hooks):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(TypeError, match="SessionRunHook"):
        run(estimator, mode, numbers(), hooks)


def test_a_hook_without_its_list_is_refused(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(TypeError):
        estimator.train(numbers(), hooks=Recorder(calls), steps=1)


def test_the_callers_list_of_hooks_stays_as_it_was(est, tmp_path, calls):
    hooks = [Recorder(calls)]
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=hooks, steps=1)
    estimator.evaluate(numbers(), hooks=hooks, steps=1)
    assert len(hooks) == 1


def test_hooks_may_be_a_tuple(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), hooks=(Recorder(calls),), steps=1)
    assert calls == life(runs=1)


# Hooks of the spec


def hooks_of_every_kind(calls):
    return {
        "training_hooks": [Recorder(calls, "training")],
        "training_chief_hooks": [Recorder(calls, "chief")],
        "evaluation_hooks": [Recorder(calls, "evaluation")],
        "prediction_hooks": [Recorder(calls, "prediction")],
    }


@pytest.mark.parametrize("what", ["begin", "after_create_session", "after_run", "end"])
def test_training_calls_chief_then_given_then_training_hooks(
    est, tmp_path, calls, what
):
    model_fn = averager(est, **hooks_of_every_kind(calls))
    given = [Recorder(calls, "given"), Recorder(calls, "other")]
    est.Estimator(model_fn, str(tmp_path)).train(numbers(), hooks=given, steps=1)
    assert hook_names(calls, what) == ["chief", "given", "other", "training"]


def test_evaluation_calls_given_then_evaluation_hooks(est, tmp_path, calls):
    model_fn = averager(est, **hooks_of_every_kind(calls))
    given = [Recorder(calls, "given")]
    est.Estimator(model_fn, str(tmp_path)).evaluate(numbers(), hooks=given, steps=1)
    for what in ("begin", "after_create_session", "after_run", "end"):
        assert hook_names(calls, what) == ["given", "evaluation"]


def test_prediction_calls_given_then_prediction_hooks(est, tmp_path, calls):
    model_fn = averager(est, **hooks_of_every_kind(calls))
    given = [Recorder(calls, "given")]
    list(est.Estimator(model_fn, str(tmp_path)).predict(numbers(2, 2, 1), hooks=given))
    for what in ("begin", "after_create_session", "after_run", "end"):
        assert hook_names(calls, what) == ["given", "prediction"]


def test_hooks_find_the_checkpoint_of_the_step_that_they_are_called_for(est, tmp_path):
    seen = []

    class Look(tf1.train.SessionRunHook):
        def after_create_session(self, session, coord):
            seen.append(max(checkpoint_steps(tmp_path)))

        def after_run(self, run_context, run_values):
            seen.append(max(checkpoint_steps(tmp_path)))

        def end(self, session):
            seen.append(max(checkpoint_steps(tmp_path)))

    config = est.RunConfig(save_checkpoints_steps=2)
    estimator = est.Estimator(averager(est), str(tmp_path), config)
    estimator.train(numbers(), hooks=[Look()], steps=3)
    assert seen == [0, 0, 2, 2, 3]


def test_a_hook_may_evaluate_while_training_goes_on(est, tmp_path):
    results = []

    class Evaluate(tf1.train.SessionRunHook):
        def after_run(self, run_context, run_values):
            results.append(estimator.evaluate(numbers(4, 4), steps=1))

    config = est.RunConfig(save_checkpoints_steps=1)
    estimator = est.Estimator(line(est), str(tmp_path), config)
    estimator.train(numbers(4, 4), hooks=[Evaluate()], steps=3)
    assert [one["global_step"] for one in results] == [1, 2, 3]
    assert [one["loss"] for one in results] == pytest.approx([7.5, 1.875, 0.46875])
    assert estimator.get_variable_value("w") == 2.25
