"""Estimator.predict: what passes from input_fn to model_fn; no state between calls."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import line, log_of, numbers

tf1 = tf.compat.v1

SCALE = 1.0


class Settings:
    """Holds a factor, as a program's flags do."""

    factor = 1.0


def counting(est, predictions):
    """Give a model_fn without variables that predicts `predictions(features)`."""

    def model_fn(features, labels, mode):
        step = tf1.assign_add(tf1.train.get_global_step(), 1)
        return est.EstimatorSpec(
            mode,
            predictions=predictions(features),
            loss=tf.constant(1.0),
            train_op=step,
        )

    return model_fn


def trained(est, folder, predictions, input_fn=None, **config):
    """Give an Estimator of these predictions with a checkpoint."""
    config = est.RunConfig(**config)
    estimator = est.Estimator(counting(est, predictions), str(folder), config)
    return estimator.train(input_fn or numbers(), steps=1)


def batch(estimator, input_fn):
    """Give the first batch of predictions."""
    stream = estimator.predict(input_fn, yield_single_examples=False)
    first = next(stream)
    stream.close()
    return first


def arrays(est):
    """Give numpy_input_fn's input_fn of x = 1, 2 and labels."""
    x = np.array([1, 2], np.float32)
    return est.inputs.numpy_input_fn({"x": x}, 2 * x, batch_size=2, shuffle=False)


@pytest.fixture(params=["arrays", "Dataset"])
def input_fn(est, request):
    """An input that a model could be kept for, of x = 1, 2."""
    return arrays(est) if request.param == "arrays" else numbers(2, epochs=1)


def test_a_variable_made_in_input_fn_has_the_value_of_the_checkpoint(est, tmp_path):
    def input_fn():
        x = np.arange(1, 9, dtype=np.float32)
        pair = tf.data.Dataset.from_tensors((x, 2 * x))
        a, y = tf1.data.make_one_shot_iterator(pair).get_next()
        start = tf1.constant_initializer(0.5)
        return a * tf1.get_variable("w", [], initializer=start), y

    def model_fn(features, labels, mode):
        if mode == est.ModeKeys.PREDICT:
            return est.EstimatorSpec(mode, predictions=features)
        loss = tf.reduce_mean((features - labels) ** 2)
        optimizer = tf1.train.GradientDescentOptimizer(0.02)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    estimator = est.Estimator(model_fn, str(tmp_path))
    for _ in range(12):
        estimator.train(input_fn)
    assert list(estimator.predict(input_fn))[-1] == pytest.approx(16)


@pytest.mark.parametrize("nothing", [None, {}])
def test_a_model_may_predict_without_features(est, tmp_path, nothing):
    def generate(features):
        assert features == nothing
        return tf.fill([3], 7.0)

    estimator = trained(est, tmp_path, generate, lambda: nothing)
    for _ in range(2):
        assert batch(estimator, lambda: nothing).tolist() == [7, 7, 7]


def test_a_feature_may_be_none(est, tmp_path):
    def predictions(features):
        assert features["nothing"] is None
        return features["x"]

    def input_fn():
        return {"x": tf.constant([1.0]), "nothing": None}

    estimator = trained(est, tmp_path, predictions, input_fn)
    assert batch(estimator, input_fn).tolist() == [1]


def test_features_may_be_an_object(est, tmp_path):
    class Features:
        def __init__(self, x):
            self.x = x

    def input_fn():
        return Features(tf.constant([1.0, 2.0]))

    estimator = trained(est, tmp_path, lambda features: features.x, input_fn)
    assert batch(estimator, input_fn).tolist() == [1, 2]


def test_nested_lists_of_numbers_reach_model_fn_as_they_are(est, tmp_path):
    def predictions(features):
        assert features["x"] == [[1, 2], [3, 4]]
        return tf.constant(features["x"])

    def input_fn():
        return {"x": [[1, 2], [3, 4]]}

    estimator = trained(est, tmp_path, predictions, input_fn)
    assert batch(estimator, input_fn).tolist() == [[1, 2], [3, 4]]


def test_a_collection_passes_from_input_fn_to_model_fn(est, tmp_path):
    def input_fn():
        tf1.add_to_collection("mine", tf.constant([5.0]))
        return numbers(1)()

    def predictions(features):
        return features["x"] * tf1.get_collection("mine")[0]

    estimator = trained(est, tmp_path, predictions, input_fn)
    assert batch(estimator, input_fn).tolist() == [5]


def test_a_tensor_passes_from_input_fn_to_model_fn_by_its_name(est, tmp_path):
    def input_fn():
        tf.constant([next(values)], name="mine")
        return numbers(1)()

    def predictions(features):
        mine = tf1.get_default_graph().get_tensor_by_name("mine:0")
        return features["x"] * mine

    values = iter([0.0, 5.0, 6.0])
    estimator = trained(est, tmp_path, predictions, input_fn)
    assert [batch(estimator, input_fn).tolist() for _ in range(2)] == [[5], [6]]


def test_a_tensor_passes_from_input_fn_to_model_fn_by_a_closure(est, tmp_path):
    def input_fn():
        shared["scale"] = tf.constant(next(values))
        return numbers(1)()

    values, shared = iter([0.0, 5.0, 6.0]), {}
    estimator = trained(
        est, tmp_path, lambda features: features["x"] * shared["scale"], input_fn
    )
    assert [batch(estimator, input_fn).tolist() for _ in range(2)] == [[5], [6]]


def test_model_fn_sees_the_value_of_a_constant(est, tmp_path):
    def predictions(features):
        return tf.fill([1], float(tf.get_static_value(features["x"])[0]))

    def input_fn():
        return {"x": tf.constant([3.0])}

    estimator = trained(est, tmp_path, predictions, input_fn)
    assert batch(estimator, input_fn).tolist() == [3]


def test_a_prediction_hook_may_start_the_iterator_of_the_input(est, tmp_path):
    class Start(tf1.train.SessionRunHook):
        def after_create_session(self, session, coord):
            session.run("start")

    def input_fn():
        iterator = tf1.data.make_initializable_iterator(numbers(1)())
        tf.group(iterator.initializer, name="start")
        return iterator.get_next()

    def model_fn(features, mode):
        return est.EstimatorSpec(
            mode, predictions=features["x"], prediction_hooks=[Start()]
        )

    estimator = est.Estimator(model_fn, str(tmp_path))
    assert batch(estimator, input_fn).tolist() == [1]


def test_input_fn_is_called_once_for_each_call_of_predict(est, tmp_path):
    def input_fn():
        calls.append(0)
        return numbers(1)()

    calls = []
    estimator = trained(est, tmp_path, lambda features: features["x"])
    for _ in range(3):
        batch(estimator, input_fn)
    assert len(calls) == 3


def test_model_fn_is_called_for_each_call_of_predict_that_it_counts(
    est, tmp_path, input_fn
):
    def predictions(features):
        calls.append(0)
        return features["x"] * len(calls)

    calls = []
    estimator = trained(est, tmp_path, predictions)
    yielded = [batch(estimator, input_fn).tolist() for _ in range(3)]
    assert yielded == [[2, 4], [3, 6], [4, 8]]


def test_predict_follows_a_global(est, tmp_path, input_fn, monkeypatch):
    estimator = trained(est, tmp_path, lambda features: 0 * features["x"] + SCALE)
    seen = []
    for scale in (1.0, 2.0, 3.0):
        monkeypatch.setitem(globals(), "SCALE", scale)
        seen.append(batch(estimator, input_fn).tolist())
    assert seen == [[1, 1], [2, 2], [3, 3]]


def test_predict_follows_a_global_of_a_function_that_model_fn_calls(
    est, tmp_path, input_fn, monkeypatch
):
    def scaled(x):
        return [SCALE * value for value in [x]][0]

    estimator = trained(est, tmp_path, lambda features: scaled(features["x"]))
    seen = []
    for scale in (1.0, 2.0):
        monkeypatch.setitem(globals(), "SCALE", scale)
        seen.append(batch(estimator, input_fn).tolist())
    assert seen == [[1, 2], [2, 4]]


def test_predict_follows_a_closure(est, tmp_path, input_fn):
    factor = 1.0
    estimator = trained(est, tmp_path, lambda features: factor * features["x"])
    seen = []
    for factor in (1.0, 2.0):  # noqa: B007 it is the closure's
        seen.append(batch(estimator, input_fn).tolist())
    assert seen == [[1, 2], [2, 4]]


def test_predict_follows_an_attribute_of_a_class(est, tmp_path, input_fn, monkeypatch):
    estimator = trained(est, tmp_path, lambda features: Settings.factor * features["x"])
    seen = []
    for factor in (1.0, 2.0):
        monkeypatch.setattr(Settings, "factor", factor)
        seen.append(batch(estimator, input_fn).tolist())
    assert seen == [[1, 2], [2, 4]]


def test_predict_follows_an_object_of_flags(est, tmp_path, input_fn):
    flags = Settings()
    estimator = trained(est, tmp_path, lambda features: flags.factor * features["x"])
    seen = []
    for flags.factor in (1.0, 2.0):
        seen.append(batch(estimator, input_fn).tolist())
    assert seen == [[1, 2], [2, 4]]


def test_predict_follows_a_dict_and_a_list_in_it(est, tmp_path, input_fn):
    flags = {"factors": [1.0]}
    estimator = trained(
        est, tmp_path, lambda features: flags["factors"][0] * features["x"]
    )
    seen = []
    for flags["factors"][0] in (1.0, 2.0):
        seen.append(batch(estimator, input_fn).tolist())
    assert seen == [[1, 2], [2, 4]]


def test_local_variables_begin_again_in_each_call(est, tmp_path, input_fn):
    def model_fn(features, labels, mode):
        spec = counting(est, lambda features: features["x"])(features, labels, mode)
        if mode != est.ModeKeys.PREDICT:
            return spec
        zero = tf1.zeros_initializer()
        seen = tf1.get_local_variable("seen", [], initializer=zero)
        total = seen.assign_add(1.0) + 0 * features["x"]
        return est.EstimatorSpec(mode, predictions=total)

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)
    for _ in range(3):
        assert batch(estimator, input_fn).tolist() == [1, 1]


def test_with_a_seed_each_call_draws_the_same_noise(est, tmp_path, input_fn):
    def noise(features):
        return 0 * features["x"] + tf1.random_uniform([])

    estimator = trained(est, tmp_path, noise, tf_random_seed=1)
    drawn = [batch(estimator, input_fn).tolist() for _ in range(3)]
    assert drawn[0] == drawn[1] == drawn[2]


def test_with_a_seed_each_call_draws_the_same_order(est, tmp_path):
    def input_fn():
        return numbers(9, 1, epochs=1)().shuffle(9)

    estimator = trained(est, tmp_path, lambda features: features["x"], tf_random_seed=1)
    drawn = [list(estimator.predict(input_fn)) for _ in range(3)]
    assert drawn[0] == drawn[1] == drawn[2]
    assert sorted(drawn[0]) == list(range(1, 10)) != drawn[0]


def test_what_a_python_function_in_the_model_counts_begins_again(
    est, tmp_path, input_fn
):
    def counted(features):
        seen = []

        def count(x):
            seen.append(0)
            return 0 * x + np.float32(len(seen))

        return tf.ensure_shape(
            tf.numpy_function(count, [features["x"]], tf.float32), [2]
        )

    estimator = trained(est, tmp_path, counted)
    for _ in range(3):
        assert batch(estimator, input_fn).tolist() == [1, 1]


def test_a_file_is_read_in_each_call(est, tmp_path, input_fn):
    file = tmp_path / "file"

    def read(features):
        number = tf.strings.to_number(tf.io.read_file(str(file)))
        return 0 * features["x"] + number

    file.write_text("1")
    estimator = trained(est, tmp_path / "model", read)
    assert batch(estimator, input_fn).tolist() == [1, 1]
    file.write_text("2")
    assert batch(estimator, input_fn).tolist() == [2, 2]


def test_strings_that_are_handed_through_come_back_as_bytes(est, tmp_path):
    x = np.array([1, 2], np.float32)
    features = {"x": x, "id": np.array(["a0", "a1"])}
    input_fn = est.inputs.numpy_input_fn(features, x, batch_size=2, shuffle=False)
    estimator = trained(est, tmp_path, lambda features: features["id"], input_fn)
    for hooks in ([], [tf1.train.SessionRunHook()], []):
        yielded = list(estimator.predict(input_fn, hooks=hooks))
        assert yielded == [b"a0", b"a1"]
        assert type(yielded[0]) is bytes


def test_a_folder_that_was_emptied_and_trained_again_at_once(est, tmp_path):
    estimator = est.Estimator(line(est), str(tmp_path / "model"))
    estimator.train(numbers(batch_size=4), steps=1)
    assert [one["y"] for one in estimator.predict(numbers(1, epochs=1))] == [3.0]
    shutil.rmtree(tmp_path / "model")
    est.Estimator(line(est), str(tmp_path / "model")).train(numbers(4, 1), steps=1)
    yielded = [one["y"] for one in estimator.predict(numbers(1, epochs=1))]
    assert yielded == [pytest.approx(0.4)]


@pytest.mark.parametrize("in_dict", [False, True])
def test_tensors_of_an_iterator_end_and_give_no_warning(est, tmp_path, caplog, in_dict):
    def input_fn():
        iterator = tf1.data.make_one_shot_iterator(
            tf.data.Dataset.from_tensors([1.0]).repeat(2)
        )
        x = iterator.get_next()
        return {"x": x} if in_dict else x

    def predictions(features):
        return features["x"] if in_dict else features

    estimator = trained(est, tmp_path, predictions, input_fn)
    yielded = []
    log = log_of(caplog, lambda: yielded.extend(estimator.predict(input_fn)))
    assert yielded == [1, 1]
    assert not any("forever" in message for message in log)


@pytest.mark.parametrize("nothing", [None, {}])
def test_a_model_without_features_is_said_to_predict_forever(
    est, tmp_path, caplog, nothing
):
    estimator = trained(est, tmp_path, lambda _: tf.ones([1]), lambda: nothing)
    log = log_of(caplog, lambda: batch(estimator, lambda: nothing))
    assert any("forever" in message for message in log)


def test_arrays_give_no_such_warning(est, tmp_path, caplog):
    estimator = trained(est, tmp_path, lambda features: features["x"])
    hooks = [tf1.train.SessionRunHook()]
    log = log_of(caplog, lambda: list(estimator.predict(arrays(est), hooks=hooks)))
    assert not any("forever" in message for message in log)


def test_a_variable_may_be_the_predictions_of_train_and_evaluate(est, tmp_path):
    def variable(features):
        return tf1.get_variable("v", [2])

    estimator = trained(est, tmp_path, variable)
    assert estimator.evaluate(numbers(), steps=1)["global_step"] == 1
    with pytest.raises(ValueError, match="output value must be a Tensor"):
        batch(estimator, numbers())


@pytest.mark.parametrize("keys", [None, ["c"]])
def test_predictions_that_do_not_read_the_input_do_not_end_with_it(
    est, tmp_path, input_fn, keys
):
    def predictions(features):
        constant = {"c": tf.constant([7.0])}
        return {"x": features["x"], **constant} if keys else constant

    estimator = trained(est, tmp_path, predictions)
    for _ in range(2):
        stream = estimator.predict(input_fn, keys, yield_single_examples=False)
        assert [next(stream)["c"].item() for _ in range(3)] == [7, 7, 7]
        stream.close()
