"""Linear estimators and baselines: what they compute, write, begin with and read."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.canned import houses, linear_cases, runs

tf1 = tf.compat.v1
fc = tf.feature_column


@pytest.mark.parametrize("name", linear_cases.CASES)
def test_a_linear_estimator_does_what_was_recorded(est, tmp_path, name):
    outcome = linear_cases.CASES[name](est, tmp_path)
    runs.check(outcome, runs.recorded("linear")[name])


def _columns():
    city = fc.categorical_column_with_vocabulary_list("city", houses.CITIES)
    return [fc.numeric_column("size"), city]


def _arrays():
    """A number and a word of each house, some unknown and some missing."""
    return {key: houses.features()[key] for key in ("size", "city")}


def _dataset():
    rows = tf.data.Dataset.from_tensor_slices((_arrays(), houses.sold()))
    return rows.batch(4).repeat()


def _frame(est):
    frame = pd.DataFrame(_arrays()).astype({"city": object})
    return est.inputs.pandas_input_fn(
        frame, pd.Series(houses.sold()), batch_size=4, num_epochs=None, shuffle=False
    )


INPUTS = {
    "a frame": _frame,
    "a dataset of columns": lambda est: lambda: _dataset().map(_as_columns),
    "an iterator": lambda est: (
        lambda: tf1.data.make_one_shot_iterator(_dataset()).get_next()
    ),
}


def _as_columns(features, labels):
    return {key: value[:, None] for key, value in features.items()}, labels[:, None]


@pytest.mark.parametrize("kind", INPUTS)
def test_a_linear_classifier_reads_any_input(est, tmp_path, kind):
    config = runs.config(est, tmp_path)
    estimator = est.LinearClassifier(_columns(), config=config)
    found = runs.train(estimator, INPUTS[kind](est), steps=2)
    np.testing.assert_allclose(found, [2.7725887, 3.1072352], 1e-6)


def test_none_is_no_word(est, tmp_path):
    arrays = _arrays()
    arrays["city"][1] = None
    estimator = est.LinearClassifier(_columns(), str(tmp_path))
    with pytest.raises(tf.errors.InternalError, match="Unsupported object type"):
        estimator.train(runs.arrays_in_order(est, arrays, houses.sold()))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A trained model, and the file of its vocabulary."""
    folder = tmp_path_factory.mktemp("source")
    words = _vocabulary(folder, houses.CITIES)
    config = runs.config(ours, folder / "run")
    estimator = ours.LinearClassifier(_of_file(words), config=config)
    runs.train(estimator, _dataset, steps=3)
    return estimator, words


def _vocabulary(folder, words):
    (folder / "words").write_text("\n".join(words))
    return str(folder / "words")


def _of_file(words):
    city = fc.categorical_column_with_vocabulary_file("city", words)
    return [fc.numeric_column("size"), city]


CITY, SIZE, BIAS = (
    f"linear/linear_model/{name}"
    for name in ("city/weights", "size/weights", "bias_weights")
)


def _warm_started(est, folder, words, settings):
    """Returns the first checkpoint's variables."""
    config = runs.config(est, folder / "warm")
    estimator = est.LinearClassifier(
        _of_file(words), config=config, warm_start_from=settings
    )
    estimator.train(_dataset, steps=1)
    reader = tf.train.load_checkpoint(str(folder / "warm" / "model.ckpt-0"))
    names = [
        name for name in reader.get_variable_to_shape_map() if "/part_" not in name
    ]
    slots = reader.get_variable_to_shape_map().keys() - set(names)
    return {name: reader.get_tensor(name) for name in names}, slots


def test_a_path_warm_starts_weights_and_bias_but_no_slots_and_no_step(
    est, tmp_path, source
):
    estimator, words = source
    found, slots = _warm_started(est, tmp_path, words, estimator.model_dir)
    assert found["global_step"] == 0
    for name in (CITY, SIZE, BIAS):
        np.testing.assert_array_equal(found[name], estimator.get_variable_value(name))
    assert f"{SIZE}/part_0/Ftrl" in slots


def test_a_vocabulary_that_has_grown_is_warm_started_word_by_word(
    est, tmp_path, source
):
    estimator, old_words = source
    words = _vocabulary(tmp_path, ["rome", "paris", "berlin"])
    vocabulary = tf1.train.VocabInfo(words, 3, 0, old_words)
    settings = est.WarmStartSettings(
        estimator.latest_checkpoint(), ".*city.*", {CITY: vocabulary}
    )
    found, _ = _warm_started(est, tmp_path, words, settings)
    berlin, _, rome = estimator.get_variable_value(CITY)
    np.testing.assert_array_equal(found[CITY], [rome, [0], berlin])
    assert not found[SIZE].any()


def test_a_logit_fn_gets_the_arguments_that_it_names(est):
    def logit_fn(features, mode, config):
        return {"logits": features["x"], "seen": tf.constant([mode, config])}

    call = est.experimental.call_logit_fn
    with tf.Graph().as_default(), tf1.Session() as session:
        features = {"x": tf.zeros([2, 1])}
        logits = call(logit_fn, features, "train", {"unused": 1}, "the config")
        assert logits["logits"] is features["x"]
        assert session.run(logits["seen"]).tolist() == [b"train", b"the config"]


def test_linear_logits_are_those_of_the_linear_estimators(est):
    builder = est.experimental.linear_logit_fn_builder
    with tf.Graph().as_default(), tf1.Session() as session:
        logit_fn = builder(
            1, [fc.numeric_column("size"), fc.numeric_column("place", 2)]
        )
        features = {"size": tf.constant([1.0, 3]), "place": tf.ones([2, 2])}
        logits = est.experimental.call_logit_fn(logit_fn, features, "train", None, None)
        place, size, bias = tf1.trainable_variables()
        assert size.op.name == "linear_model/size/weights"
        assert bias.op.name == "linear_model/bias_weights"
        place.load([[100.0], [0]], session)
        size.load([[2.0]], session)
        bias.load([10.0], session)
        assert session.run(logits).tolist() == [[112], [116]]
        assert _scalars(session) == {"bias": 10, "fraction_of_zero_weights": 1 / 3}


def _scalars(session):
    """Returns tag -> number of each scalar summary in the graph."""
    merged = tf1.Summary.FromString(session.run(tf1.summary.merge_all()))
    return {value.tag: pytest.approx(value.simple_value) for value in merged.value}
