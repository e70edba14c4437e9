"""Experiment and ExportStrategy of tf.contrib.learn do what those of 1.15 did."""

import functools
import pathlib

import pytest

from estimator_mnist import tf1 as tf

learn = tf.contrib.learn


def model_fn(features, labels, mode):
    w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    loss = tf.square(w * features - labels)
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    op = optimizer.minimize(loss, tf.train.get_global_step())
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=op)


def input_fn():
    return tf.constant(1.0), tf.constant(2.0)


@pytest.fixture
def steps():
    """The steps of which there was an export."""
    return []


@pytest.fixture
def experiment(tmp_path, steps):
    def export_fn(estimator, path, eval_result):
        steps.append(int(eval_result["global_step"]))
        return path

    def make(before=0, **options):
        estimator = tf.estimator.Estimator(model_fn, str(tmp_path))
        if before:
            estimator.train(input_fn, steps=before)
        options["export_strategies"] = learn.ExportStrategy("mine", export_fn)
        return learn.Experiment(estimator, input_fn, input_fn, eval_steps=1, **options)

    return make


def evaluations(tmp_path):
    return [folder.name for folder in pathlib.Path(tmp_path).glob("eval*")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"train_steps": 25}, [*range(2, 27, 2)]),  # a tenth of 25 is 2
        ({"train_steps": 3}, [1, 2, 3]),  # where 1.15 failed, with turns of no steps
        ({"train_steps": 30, "train_steps_per_iteration": 20}, [20, 40]),
        ({"before": 15, "train_steps": 30, "train_steps_per_iteration": 20}, [35]),
        ({"before": 5, "train_steps": 4, "train_steps_per_iteration": 2}, [7]),
    ],
)
def test_a_turn_trains_further_steps_and_exports(experiment, steps, options, expected):
    found, exports = experiment(**options).continuous_train_and_eval()
    assert steps == expected
    assert found["global_step"] == expected[-1]
    assert [pathlib.Path(path).name for path in exports] == ["mine"]


def test_a_turn_is_1000_steps_where_no_number_is_given(experiment, steps):
    experiment().continuous_train_and_eval(lambda found: found is None)
    assert steps == [1000]


def test_turns_are_logged_and_evaluated_as_one_pass(experiment, tmp_path, caplog):
    with caplog.at_level("INFO", "tensorflow"):
        experiment(
            train_steps=2, train_steps_per_iteration=2
        ).continuous_train_and_eval()
    starts = ("Training model", "Evaluating model", "Stop training")
    assert [each for each in caplog.messages if each.startswith(starts)] == [
        "Training model for 2 steps",
        "Evaluating model now.",
        "Stop training model as max steps reached",
    ]
    assert evaluations(tmp_path) == ["eval_one_pass"]


def test_a_predicate_sees_metrics_and_checkpoints_also_the_last(experiment, tmp_path):
    seen = []

    def predicate(found, checkpoint_path):
        seen.append((found and int(found["global_step"]), checkpoint_path))
        return True

    turns = experiment(train_steps=4, train_steps_per_iteration=2)
    turns.continuous_train_and_eval(predicate)
    path = str(tmp_path / "model.ckpt")
    assert seen == [(None, None), (2, f"{path}-2"), (4, f"{path}-4")]


def test_a_predicate_that_wants_nothing_gets_nothing(experiment, tmp_path):
    made = experiment(train_steps=4)
    assert made.continuous_train_and_eval(lambda found: False) == (None, None)
    assert (
        made.continuous_eval(continuous_eval_predicate_fn=lambda found: False) is None
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["continuous_train_and_eval", "continuous_eval"])
def test_a_predicate_has_to_be_callable(experiment, method):
    message = "`continuous_eval_predicate_fn` must be a callable, or None."
    with pytest.raises(ValueError, match=message):
        getattr(experiment(train_steps=4), method)(continuous_eval_predicate_fn=3)


def test_continuous_eval_is_of_the_newest_checkpoint_once(tmp_path):
    seen = []
    estimator = tf.estimator.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=3)

    def export_fn(estimator, path, checkpoint_path):
        seen.append(checkpoint_path)

    def predicate(found):
        seen.append(found)
        return True

    strategy = learn.ExportStrategy("mine", export_fn)
    made = learn.Experiment(
        estimator, input_fn, input_fn, eval_steps=1, export_strategies=strategy
    )
    found = made.continuous_eval(continuous_eval_predicate_fn=predicate, name="x")
    assert seen == [None, str(tmp_path / "model.ckpt-3"), found]
    assert found["global_step"] == 3
    assert evaluations(tmp_path) == ["eval_x"]


def test_evaluate_has_the_name_one_pass(experiment, tmp_path):
    made = experiment(before=1)
    made.evaluate()
    made.evaluate(name="mine")
    assert sorted(evaluations(tmp_path)) == ["eval_mine", "eval_one_pass"]


def test_test_trains_one_further_step_and_returns_metrics(experiment, steps):
    assert experiment(before=3, train_steps=2).test()["global_step"] == 4
    assert steps == [4]


def names_none(estimator, path):
    return (path,)


def names_two(estimator, path, checkpoint_path=None, eval_result=None):
    return path, checkpoint_path, eval_result


def names_other_two(estimator, path, strip_default_attrs, *, checkpoint_path):
    return path, checkpoint_path, strip_default_attrs


def takes_any(*args, **options):
    return (*args[1:], *options)


@pytest.mark.parametrize(
    ("export_fn", "expected"),
    [
        (names_none, ("p",)),
        (names_two, ("p", "c", 3)),
        (names_other_two, ("p", "c", True)),
        (takes_any, ("p",)),
        (functools.partial(names_two, eval_result=4), ("p", "c", 4)),
    ],
)
def test_an_export_fn_gets_what_it_names(export_fn, expected):
    strategy = learn.ExportStrategy("mine", export_fn, strip_default_attrs=True)
    assert strategy.export(None, "p", checkpoint_path="c", eval_result=3) == expected
