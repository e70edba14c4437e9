"""With which arguments input_fn and model_fn are called."""

import functools

import pytest
import tensorflow as tf

from tests.contract.small_models import MODES, any_spec, run

tf1 = tf.compat.v1


def constants():
    return tf.constant([1.0]), tf.constant([2.0])


# How input_fn is called.


def standard_estimator(est, tmp_path, params=None):
    def model_fn(features, labels, mode, params):
        return any_spec(est, mode)

    return est.Estimator(model_fn, str(tmp_path), params=params)


@pytest.mark.parametrize("mode", MODES)
def test_input_fn_gets_the_arguments_that_it_names(est, tmp_path, mode):
    got = []

    def input_fn(config, mode, params):
        got.append((config.model_dir, mode, params))
        return constants()

    run(standard_estimator(est, tmp_path, {"size": 3}), mode, input_fn)
    assert got == [(str(tmp_path), mode, {"size": 3})]


def test_input_fn_may_name_one_of_them(est, tmp_path):
    got = []

    def input_fn(params):
        got.append(params)
        return constants()

    standard_estimator(est, tmp_path, {"size": 3}).train(input_fn, steps=1)
    assert got == [{"size": 3}]


def test_params_that_were_not_given_are_an_empty_dict(est, tmp_path):
    got = []

    def input_fn(params):
        got.append(params)
        return constants()

    standard_estimator(est, tmp_path).train(input_fn, steps=1)
    assert got == [{}]


def test_params_replace_the_default_of_input_fn(est, tmp_path):
    got = []

    def input_fn(params=None):
        got.append(params)
        return constants()

    standard_estimator(est, tmp_path, {"size": 3}).train(input_fn, steps=1)
    assert got == [{"size": 3}]


def test_other_arguments_of_input_fn_keep_their_defaults(est, tmp_path):
    got = []

    def input_fn(batch_size=32, **others):
        got.append((batch_size, others))
        return constants()

    standard_estimator(est, tmp_path, {"size": 3}).train(input_fn, steps=1)
    assert got == [(32, {})]


def test_other_arguments_of_input_fn_need_defaults(est, tmp_path):
    with pytest.raises(TypeError, match="batch_size"):
        standard_estimator(est, tmp_path).train(lambda batch_size: constants(), steps=1)


def test_input_fn_may_be_a_partial_a_method_or_an_object(est, tmp_path):
    got = []

    class Data:
        def __call__(self):
            got.append("object")
            return constants()

        def read(self, mode):
            got.append(f"method {mode}")
            return constants()

    def read(path, mode):
        got.append(f"{path} {mode}")
        return constants()

    estimator = standard_estimator(est, tmp_path)
    partials = functools.partial(read, "path"), functools.partial(read, path="named")
    for input_fn in (Data(), Data().read, *partials):
        estimator.train(input_fn, steps=1)
    assert got == ["object", "method train", "path train", "named train"]


# How model_fn is called.


def test_model_fn_gets_the_arguments_that_it_names(est, tmp_path):
    got = []

    def model_fn(config, params, mode, labels, features):
        got.append((config.tf_random_seed, config.model_dir, params, mode))
        assert tf.is_tensor(features)
        return any_spec(est, mode)

    config = est.RunConfig(tf_random_seed=5)
    estimator = est.Estimator(model_fn, str(tmp_path), config, {"size": 3})
    for mode in MODES:
        run(estimator, mode, constants)
    assert got == [(5, str(tmp_path), {"size": 3}, mode) for mode in MODES]


def test_model_fn_may_take_features_alone(est, tmp_path):
    def model_fn(features):
        return any_spec(est, est.ModeKeys.TRAIN)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(lambda: tf.ones([1]), steps=1)
    assert estimator.get_variable_value("global_step") == 1


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_labels_that_model_fn_does_not_take_are_refused(est, tmp_path, mode):
    def model_fn(features, mode):
        return any_spec(est, mode)

    with pytest.raises(ValueError, match="does not take labels"):
        run(est.Estimator(model_fn, str(tmp_path)), mode, constants)


def test_predict_drops_labels_that_model_fn_does_not_take(est, tmp_path):
    def model_fn(features, mode):
        return any_spec(est, mode)

    run(est.Estimator(model_fn, str(tmp_path)), "infer", constants)


def test_model_fn_may_be_a_partial_a_method_or_an_object(est, tmp_path):
    got = []

    class Model:
        def __call__(self, features, labels, mode):
            got.append("object")
            return any_spec(est, mode)

        def build(self, features, labels, mode, params):
            got.append(f"method {params}")
            return any_spec(est, mode)

    def build(features, labels, mode, size):
        got.append(f"partial {size}")
        return any_spec(est, mode)

    est.Estimator(Model(), str(tmp_path)).train(constants, steps=1)
    with_params = est.Estimator(Model().build, str(tmp_path), params={"a": 1})
    with_params.train(constants, steps=1)
    partial = functools.partial(build, size=3)
    est.Estimator(partial, str(tmp_path)).train(constants, steps=1)
    assert got == ["object", "method {'a': 1}", "partial 3"]


def test_model_fn_may_change_its_params_without_consequences(est, tmp_path):
    got = []

    def model_fn(features, labels, mode, params):
        params["seen"].append(mode)
        got.append(params["seen"])
        return any_spec(est, mode)

    estimator = est.Estimator(model_fn, str(tmp_path), params={"seen": []})
    for mode in MODES:
        run(estimator, mode, constants)
    assert got == [["train"], ["eval"], ["infer"]]
    assert estimator.params == {"seen": []}


def test_model_fn_gets_no_argument_that_it_does_not_name(est, tmp_path):
    got = []

    def model_fn(features, labels, **others):
        got.append(others)
        return any_spec(est, est.ModeKeys.TRAIN)

    est.Estimator(model_fn, str(tmp_path)).train(constants, steps=1)
    assert got == [{}]
    with pytest.raises(ValueError, match="does not include params argument"):
        est.Estimator(model_fn, str(tmp_path), params={"size": 3})
