"""Estimator.predict: what it yields, and when it does what."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import (
    Recorder,
    averager,
    files,
    line,
    log_of,
    numbers,
    predictor,
)

tf1 = tf.compat.v1


def predict(est, tmp_path, predictions, input_fn=None, **arguments):
    """Everything that a model with these predictions yields for x = 1..5 by twos."""
    estimator = est.Estimator(predictor(est, predictions), str(tmp_path))
    return list(estimator.predict(input_fn or numbers(5, 2, epochs=1), **arguments))


def both(x):
    return {"x": x, "double": 2 * x}


@pytest.fixture
def trained(est, tmp_path):
    """An Estimator with checkpoints at 0, 1 and 2, where w is 0, 3 and 1.5."""
    config = est.RunConfig(save_checkpoints_steps=1)
    estimator = est.Estimator(line(est), str(tmp_path), config)
    return estimator.train(numbers(batch_size=4), steps=2)


def test_predict_yields_one_dict_per_example(est, tmp_path):
    assert predict(est, tmp_path, both) == [
        {"x": n, "double": 2 * n} for n in (1.0, 2.0, 3.0, 4.0, 5.0)
    ]


def test_predict_yields_the_partial_last_batch(est, tmp_path):
    yielded = predict(est, tmp_path, both, numbers(7, 4, epochs=1))
    assert [one["x"] for one in yielded] == [1, 2, 3, 4, 5, 6, 7]


def test_a_single_tensor_yields_its_rows(est, tmp_path):
    assert predict(est, tmp_path, lambda x: 2 * x) == [2.0, 4.0, 6.0, 8.0, 10.0]


def test_rows_keep_their_shape_and_type(est, tmp_path):
    def predictions(x):
        return {
            "class": tf.cast(x, tf.int64),
            "probabilities": tf.stack([x, 1 - x], axis=1),
            "image": tf.zeros([tf.shape(x)[0], 2, 3], tf.uint8),
            "large": x > 2,
            "text": tf.as_string(tf.cast(x, tf.int32)),
        }

    first = predict(est, tmp_path, predictions)[0]
    assert isinstance(first["class"], np.int64)
    assert first["probabilities"].tolist() == [1.0, 0.0]
    assert first["probabilities"].dtype == np.float32
    assert (first["image"].shape, first["image"].dtype) == ((2, 3), np.uint8)
    assert isinstance(first["large"], np.bool_)
    assert first["text"] == b"1"


def test_whole_batches_on_request(est, tmp_path):
    batches = predict(est, tmp_path, both, yield_single_examples=False)
    assert [batch["double"].tolist() for batch in batches] == [[2, 4], [6, 8], [10]]
    assert all(sorted(batch) == ["double", "x"] for batch in batches)


def test_whole_batches_are_plain_dicts(est, tmp_path):
    batches = predict(
        est,
        tmp_path,
        lambda x: collections.OrderedDict(y=2 * x, x=x),
        yield_single_examples=False,
    )
    assert type(batches[0]) is dict
    assert list(batches[0]) == ["y", "x"]


def test_whole_batches_of_a_single_tensor(est, tmp_path):
    batches = predict(est, tmp_path, lambda x: 2 * x, yield_single_examples=False)
    assert [batch.tolist() for batch in batches] == [[2, 4], [6, 8], [10]]


def test_whole_batches_may_hold_scalars(est, tmp_path):
    batches = predict(est, tmp_path, tf.reduce_sum, yield_single_examples=False)
    assert batches == [3.0, 7.0, 5.0]


def test_a_dict_of_whole_batches_may_hold_scalars(est, tmp_path):
    batches = predict(
        est,
        tmp_path,
        lambda x: {"sum": tf.reduce_sum(x), "x": x},
        yield_single_examples=False,
    )
    assert [batch["sum"] for batch in batches] == [3.0, 7.0, 5.0]


def test_a_scalar_cannot_be_taken_apart_into_examples(est, tmp_path):
    with pytest.raises((TypeError, IndexError, ValueError)):
        predict(est, tmp_path, lambda x: {"x": x, "sum": tf.reduce_sum(x)})


def unequal(x):
    return {"x": x, "twice_as_many": tf.concat([x, x], axis=0)}


def test_unequal_first_dimensions_cannot_be_taken_apart(est, tmp_path):
    with pytest.raises(ValueError, match="[Bb]atch length"):
        predict(est, tmp_path, unequal)


def test_whole_batches_may_have_unequal_first_dimensions(est, tmp_path):
    batches = predict(est, tmp_path, unequal, yield_single_examples=False)
    shapes = [(len(one["x"]), len(one["twice_as_many"])) for one in batches]
    assert shapes == [(2, 4), (2, 4), (1, 2)]


def test_predict_keys_may_leave_out_the_unequal_one(est, tmp_path):
    yielded = predict(est, tmp_path, unequal, predict_keys=["x"])
    assert [one["x"] for one in yielded] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("keys", ["double", ["double"], ("double",)])
def test_predict_keys_choose_what_is_yielded(est, tmp_path, keys):
    yielded = predict(est, tmp_path, both, predict_keys=keys)
    assert yielded == [{"double": 2 * n} for n in (1.0, 2.0, 3.0, 4.0, 5.0)]


def test_predict_keys_that_are_unknown_are_left_out_beside_known_ones(est, tmp_path):
    yielded = predict(est, tmp_path, both, predict_keys=["x", "unknown"])
    assert yielded[0] == {"x": 1.0}


@pytest.mark.parametrize("keys", ["unknown", ["unknown", "other"]])
def test_predict_keys_that_are_all_unknown_are_refused(est, tmp_path, keys):
    with pytest.raises(ValueError, match="x.*unknown"):
        predict(est, tmp_path, both, predict_keys=keys)


def test_predict_keys_choose_what_is_computed(est, tmp_path):
    def predictions(x):
        return {"x": x, "fails": tf1.check_numerics(x / 0.0, "computed")}

    assert len(predict(est, tmp_path, predictions, predict_keys="x")) == 5


def test_predict_keys_need_a_dict(est, tmp_path):
    with pytest.raises(ValueError, match="predict_keys"):
        predict(est, tmp_path, lambda x: x, predict_keys="x")


def test_input_without_examples_yields_nothing(est, tmp_path):
    assert predict(est, tmp_path, both, numbers(0, epochs=1)) == []


def test_input_without_end_yields_without_end(est, tmp_path):
    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    stream = estimator.predict(numbers(2))
    assert [next(stream)["x"] for _ in range(5)] == [1, 2, 1, 2, 1]
    stream.close()


def test_tensors_as_input_repeat_forever_with_a_warning(est, tmp_path, caplog):
    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    yielded = []

    def take_three():
        stream = estimator.predict(lambda: {"x": tf.constant([1.0, 2.0])})
        yielded.extend(next(stream)["x"] for _ in range(3))
        stream.close()

    log = log_of(caplog, take_three)
    assert yielded == [1, 2, 1]
    assert any("forever" in message for message in log)


def test_a_dataset_as_input_gives_no_such_warning(est, tmp_path, caplog):
    log = log_of(caplog, lambda: predict(est, tmp_path, both))
    assert not any("forever" in message for message in log)


def test_nothing_happens_before_the_first_example_is_asked_for(est, tmp_path):
    called = []

    def input_fn():
        called.append("input_fn")
        return numbers(epochs=1)()

    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    stream = estimator.predict(input_fn, predict_keys="x")
    assert called == []
    assert next(stream) == {"x": 1.0}
    assert called == ["input_fn"]
    stream.close()


def test_a_wrong_argument_shows_with_the_first_example(est, tmp_path):
    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    stream = estimator.predict(numbers(), predict_keys="unknown")
    with pytest.raises(ValueError, match="unknown"):
        next(stream)


def test_the_next_batch_is_read_when_it_is_needed(est, tmp_path):
    ran = []
    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    stream = estimator.predict(numbers(4, 2, epochs=1), hooks=[Recorder(ran)])
    for batches in (1, 1, 2, 2):
        next(stream)
        assert ran.count("hook.after_run") == batches
    stream.close()


def test_arguments_may_be_given_by_position(trained):
    calls = []
    path = f"{trained.model_dir}/model.ckpt-1"
    batches = list(
        trained.predict(numbers(4, 4, 1), "y", [Recorder(calls)], path, False)
    )
    assert [batch["y"].tolist() for batch in batches] == [[3.0, 6.0, 9.0, 12.0]]
    assert "hook.end" in calls


def test_the_newest_checkpoint_predicts(trained):
    yielded = trained.predict(numbers(2, epochs=1))
    assert [one["y"] for one in yielded] == [1.5, 3.0]


@pytest.mark.parametrize(("step", "weight"), [(0, 0.0), (1, 3.0), (2, 1.5)])
def test_a_checkpoint_may_be_chosen(trained, step, weight):
    path = f"{trained.model_dir}/model.ckpt-{step}"
    yielded = trained.predict(numbers(2, epochs=1), checkpoint_path=path)
    assert [one["y"] for one in yielded] == [weight, 2 * weight]


def test_a_checkpoint_of_another_folder_may_be_chosen(est, trained, tmp_path):
    other = est.Estimator(line(est), str(tmp_path / "other"))
    path = f"{trained.model_dir}/model.ckpt-1"
    yielded = other.predict(numbers(1, epochs=1), checkpoint_path=path)
    assert [one["y"] for one in yielded] == [3.0]


def test_a_checkpoint_that_is_not_there_is_refused(trained):
    path = f"{trained.model_dir}/model.ckpt-77"
    with pytest.raises(ValueError, match="model.ckpt-77"):
        next(trained.predict(numbers(), checkpoint_path=path))


def test_an_error_of_the_users_functions_comes_before_a_missing_checkpoint(trained):
    def input_fn():
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        next(trained.predict(input_fn, checkpoint_path="/nowhere/model.ckpt-1"))


class SeesGraph(tf1.train.SessionRunHook):
    """Fetches y by its name, as of the default graph; `seen` are the steps it knows."""

    def __init__(self):
        self.seen = []

    def before_run(self, run_context):
        y = tf1.get_default_graph().get_tensor_by_name("y:0")
        return tf1.train.SessionRunArgs([y, tf1.train.get_global_step()])

    def after_run(self, run_context, run_values):
        assert tf1.train.get_global_step().graph is run_context.session.graph
        self.seen.append(run_values.results)

    def end(self, session):
        self.seen.append(session.run(tf1.train.get_global_step()))


@pytest.mark.parametrize("of_spec", [True, False])
def test_the_models_graph_is_the_default_one_of_hooks(est, tmp_path, of_spec):
    hook = SeesGraph()

    def model_fn(features, labels, mode):
        predictions = {"y": tf.identity(features["x"], name="y")}
        hooks = [hook] if of_spec else []
        return est.EstimatorSpec(mode, predictions, prediction_hooks=hooks)

    estimator = est.Estimator(model_fn, str(tmp_path))
    given = [] if of_spec else [hook]
    yielded = list(estimator.predict(numbers(2, 1, epochs=1), hooks=given))
    assert yielded == [{"y": 1.0}, {"y": 2.0}]
    assert hook.seen == [[[1.0], 0], [[2.0], 0], 0]


def test_without_a_checkpoint_the_initial_values_predict(est, tmp_path, caplog):
    estimator = est.Estimator(line(est), str(tmp_path))
    yielded = []
    log = log_of(
        caplog, lambda: yielded.extend(estimator.predict(numbers(2, epochs=1)))
    )
    assert yielded == [{"y": 0.0}, {"y": 0.0}]
    assert any("find trained model" in message for message in log)


def test_predict_writes_no_files(est, tmp_path, trained):
    before = files(tmp_path)
    list(trained.predict(numbers(epochs=1)))
    assert files(tmp_path) == before


def test_predict_follows_a_new_checkpoint(trained):
    def predicted():
        return [one["y"] for one in trained.predict(numbers(1, epochs=1))]

    assert predicted() == [1.5]
    trained.train(numbers(batch_size=4), steps=1)
    assert predicted() == [2.25]


def test_a_started_stream_stays_with_its_checkpoint(trained):
    stream = trained.predict(numbers(3, 1, epochs=1))
    first = next(stream)["y"]
    trained.train(numbers(batch_size=4), steps=1)
    assert [first, *(one["y"] for one in stream)] == [1.5, 3.0, 4.5]


def test_two_streams_at_once_do_not_disturb_each_other(trained):
    one = trained.predict(numbers(3, 1, epochs=1))
    other = trained.predict(numbers(3, 1, epochs=1))
    taken = [next(one)["y"], next(other)["y"], next(one)["y"], next(other)["y"]]
    assert taken == [1.5, 1.5, 3.0, 3.0]
    other.close()
    one.close()


def test_predict_may_be_called_again_and_again(trained):
    for _ in range(3):
        yielded = trained.predict(numbers(2, epochs=1))
        assert [one["y"] for one in yielded] == [1.5, 3.0]


def test_predict_may_take_its_checkpoints_in_turns(trained):
    for step, weight in ((1, 3.0), (2, 1.5), (0, 0.0), (2, 1.5)):
        path = f"{trained.model_dir}/model.ckpt-{step}"
        yielded = trained.predict(numbers(1, epochs=1), checkpoint_path=path)
        assert [one["y"] for one in yielded] == [weight]


def test_predict_follows_a_checkpoint_that_was_written_again(est, tmp_path):
    estimator = est.Estimator(line(est), str(tmp_path / "model"))
    estimator.train(numbers(batch_size=4), steps=1)
    assert [one["y"] for one in estimator.predict(numbers(1, epochs=1))] == [3.0]
    (tmp_path / "model").rename(tmp_path / "old")
    estimator.train(numbers(4, 1), steps=1)
    yielded = [one["y"] for one in estimator.predict(numbers(1, epochs=1))]
    assert yielded == [pytest.approx(0.4)]


def test_predict_takes_inputs_of_different_shapes_and_types_in_turns(est, tmp_path):
    def first(features):
        x = features["x"]
        predictions = {"sum": tf.reduce_sum(x, axis=list(range(1, x.shape.rank)))}
        return est.EstimatorSpec(est.ModeKeys.PREDICT, predictions=predictions)

    def predicted(x):
        stream = estimator.predict(lambda: tf.data.Dataset.from_tensors({"x": x}))
        return [one["sum"] for one in stream]

    estimator = est.Estimator(first, str(tmp_path))
    assert predicted([1.0, 2.0]) == [1, 2]
    assert predicted([[1.0, 2.0], [3.0, 4.0]]) == [3, 7]
    assert predicted([1, 2]) == [1, 2]
    assert predicted([[1.0], [2.0], [3.0]]) == [1, 2, 3]


def test_predict_takes_different_predict_keys_in_turns(est, tmp_path):
    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    for keys in ("x", "double", None):
        (only,) = estimator.predict(numbers(1, epochs=1), keys)
        assert sorted(only) == ([keys] if keys else ["double", "x"])


def test_each_call_of_predict_has_its_own_hooks(est, tmp_path):
    class Add(tf1.train.SessionRunHook):
        """Adds an op to the graph of the prediction and runs it."""

        def begin(self):
            self.two = tf.constant(1.0, name="added") + 1.0

        def before_run(self, run_context):
            return tf1.train.SessionRunArgs(self.two)

        def after_run(self, run_context, run_values):
            seen.append(run_values.results)

    seen = []
    estimator = est.Estimator(predictor(est, both), str(tmp_path))
    list(estimator.predict(numbers(2, epochs=1)))
    list(estimator.predict(numbers(2, epochs=1), hooks=[Add()]))
    list(estimator.predict(numbers(4, epochs=1), hooks=[Add()]))
    list(estimator.predict(numbers(2, epochs=1)))
    assert seen == [2.0, 2.0, 2.0]


def test_a_stream_may_be_left_unfinished(est, trained):
    for _ in range(3):
        stream = trained.predict(numbers(4, 1))
        assert [next(stream)["y"] for _ in range(2)] == [1.5, 3.0]
        stream.close()
    assert trained.evaluate(numbers(), steps=1)["global_step"] == 2


def test_a_closed_stream_leaves_eager_mode_on(trained):
    stream = trained.predict(numbers())
    next(stream)
    stream.close()
    assert tf.executing_eagerly()


def test_one_model_fn_serves_all_three_modes(est, tmp_path):
    modes = []

    def model_fn(features, labels, mode):
        modes.append((mode, labels is None))
        return averager(est)(features, labels, mode)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(), steps=1)
    estimator.evaluate(numbers(), steps=1)
    assert next(estimator.predict(numbers())) == {"x": 1.0, "y": 2.0}
    assert modes == [("train", False), ("eval", False), ("infer", True)]


def test_an_error_in_the_graph_reaches_the_caller(est, tmp_path):
    with pytest.raises(tf.errors.InvalidArgumentError, match="x is infinite"):
        predict(est, tmp_path, lambda x: tf1.check_numerics(x / 0.0, "x is infinite"))
