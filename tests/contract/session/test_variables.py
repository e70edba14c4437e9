"""What an Estimator is made of, and what it tells of itself and its variables."""

import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import averager, line, log_of, numbers

tf1 = tf.compat.v1


def model(features, labels, mode):
    """A model_fn that is never called."""


def with_params(features, labels, mode, params):
    """A model_fn that is never called."""


# model_fn


def test_a_model_fn_is_required(est, tmp_path):
    with pytest.raises(ValueError, match="model_fn"):
        est.Estimator(None, str(tmp_path))


def test_a_model_fn_must_be_callable(est, tmp_path):
    with pytest.raises(TypeError):
        est.Estimator("model", str(tmp_path))


@pytest.mark.parametrize(
    "model_fn",
    [lambda labels, mode: None, lambda x: None, lambda *a: None, lambda **k: None],
    ids=["labels", "x", "args", "kwargs"],
)
def test_a_model_fn_must_name_features(est, tmp_path, model_fn):
    with pytest.raises(ValueError, match="features"):
        est.Estimator(model_fn, str(tmp_path))


@pytest.mark.parametrize(
    "model_fn",
    [lambda features, size: None, lambda features, mode, size=3: None],
    ids=["required", "default"],
)
def test_other_arguments_of_model_fn_are_refused(est, tmp_path, model_fn):
    with pytest.raises(ValueError, match="size"):
        est.Estimator(model_fn, str(tmp_path))


@pytest.mark.parametrize(
    "model_fn",
    [
        lambda features: None,
        lambda features, labels, mode, params, config: None,
        lambda mode, labels, features: None,
        lambda features, *, mode: None,
        lambda features, labels, mode=None: None,
    ],
)
def test_any_of_the_standard_arguments_will_do(est, tmp_path, model_fn):
    assert est.Estimator(model_fn, str(tmp_path)).model_dir == str(tmp_path)


def test_the_public_model_fn_gives_a_spec(est, tmp_path):
    got = []

    def model_fn(features, labels, mode, params):
        got.append(params)
        return averager(est)(features, labels, mode)

    estimator = est.Estimator(model_fn, str(tmp_path), params={"size": 3})
    with tf.Graph().as_default():
        tf1.train.create_global_step()
        features = {"x": tf.ones([2])}
        spec = estimator.model_fn(features, None, est.ModeKeys.EVAL, estimator.config)
    assert isinstance(spec, est.EstimatorSpec)
    assert spec.mode == est.ModeKeys.EVAL
    assert got == [{"size": 3}]


# params


def test_params_are_a_copy_of_what_was_given(est, tmp_path):
    given = {"sizes": [1], "nested": {"rate": 0.5}}
    estimator = est.Estimator(with_params, str(tmp_path), params=given)
    given["sizes"].append(2)
    given["nested"]["rate"] = 0.1
    assert estimator.params == {"sizes": [1], "nested": {"rate": 0.5}}


def test_params_cannot_be_changed_from_outside(est, tmp_path):
    estimator = est.Estimator(with_params, str(tmp_path), params={"sizes": [1]})
    estimator.params["sizes"].append(2)
    estimator.params["more"] = 3
    assert estimator.params == {"sizes": [1]}
    with pytest.raises(AttributeError):
        estimator.params = {}


def test_without_params_there_is_an_empty_dict(est, tmp_path):
    assert est.Estimator(model, str(tmp_path)).params == {}


def test_params_that_model_fn_does_not_take_are_refused(est, tmp_path):
    with pytest.raises(ValueError, match=r"params.*size"):
        est.Estimator(model, str(tmp_path), params={"size": 3})


def test_params_that_are_missing_give_a_warning(est, tmp_path, caplog):
    log = log_of(caplog, lambda: est.Estimator(with_params, str(tmp_path)))
    assert any("params are not passed" in message for message in log)


# model_dir and config


def test_model_dir_may_come_from_the_argument(est, tmp_path):
    estimator = est.Estimator(model, str(tmp_path), est.RunConfig())
    assert estimator.model_dir == estimator.config.model_dir == str(tmp_path)


def test_model_dir_may_come_from_the_config(est, tmp_path):
    config = est.RunConfig(model_dir=str(tmp_path))
    assert est.Estimator(model, config=config).model_dir == str(tmp_path)


def test_model_dir_may_be_given_twice_when_it_is_the_same(est, tmp_path):
    config = est.RunConfig(model_dir=str(tmp_path))
    assert est.Estimator(model, str(tmp_path), config).model_dir == str(tmp_path)


def test_model_dirs_that_disagree_are_refused_by_name(est):
    config = est.RunConfig(model_dir="/of/config")
    with pytest.raises(ValueError, match="/of/argument.*/of/config"):
        est.Estimator(model, "/of/argument", config)


def test_model_dir_may_be_a_path(est, tmp_path):
    estimator = est.Estimator(model, pathlib.Path(tmp_path))
    assert os.fspath(estimator.model_dir) == str(tmp_path)
    config = est.RunConfig(model_dir=pathlib.Path(tmp_path))
    assert os.fspath(est.Estimator(model, config=config).model_dir) == str(tmp_path)


def test_a_path_as_model_dir_works_to_the_end(est, tmp_path):
    estimator = est.Estimator(line(est), tmp_path / "model")
    estimator.train(numbers(batch_size=4), steps=1)
    assert estimator.evaluate(numbers(epochs=1))["global_step"] == 1
    assert len(list(estimator.predict(numbers(epochs=1)))) == 4
    assert estimator.get_variable_value("w") == 3.0
    assert str(estimator.eval_dir()) == str(tmp_path / "model" / "eval")


def test_a_relative_model_dir_works_to_the_end(est, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    estimator = est.Estimator(line(est), "here").train(numbers(), steps=1)
    assert (tmp_path / "here" / "checkpoint").exists()
    assert estimator.evaluate(numbers(epochs=1))["global_step"] == 1


def test_model_dir_may_have_spaces_and_other_letters(est, tmp_path):
    folder = tmp_path / "mein Modell ä 模"
    estimator = est.Estimator(line(est), str(folder)).train(numbers(), steps=1)
    assert estimator.evaluate(numbers(epochs=1))["global_step"] == 1
    assert (folder / "checkpoint").exists()


def test_without_model_dir_a_temporary_one_is_made(est, caplog):
    made = []
    log = log_of(caplog, lambda: made.append(est.Estimator(model)))
    folder = made[0].model_dir
    assert os.path.isdir(folder)
    assert made[0].config.model_dir == folder
    assert f"Using temporary folder as model directory: {folder}" in log
    os.rmdir(folder)


def test_an_estimator_makes_no_folder_before_it_trains(est, tmp_path):
    folder = tmp_path / "deep" / "model"
    estimator = est.Estimator(line(est), str(folder))
    assert not folder.exists()
    estimator.train(numbers(), steps=1)
    assert folder.is_dir()


@pytest.mark.parametrize("config", ["config", {}, tf1.ConfigProto()])
def test_a_config_must_be_a_run_config(est, tmp_path, config):
    with pytest.raises(ValueError, match=r"config must be .*RunConfig"):
        est.Estimator(model, str(tmp_path), config)


def test_without_config_there_are_the_defaults(est, tmp_path):
    config = est.Estimator(model, str(tmp_path)).config
    assert isinstance(config, est.RunConfig)
    assert config.save_checkpoints_secs == 600
    assert config.save_summary_steps == 100
    assert config.log_step_count_steps == 100
    assert config.keep_checkpoint_max == 5


def test_the_callers_config_stays_as_it_was(est, tmp_path):
    config = est.RunConfig(tf_random_seed=4)
    estimator = est.Estimator(model, str(tmp_path), config)
    assert estimator.config.tf_random_seed == 4
    assert estimator.config is not config
    assert config.model_dir is None


@pytest.mark.parametrize("name", ["model_dir", "config", "params", "model_fn"])
def test_properties_cannot_be_set(est, tmp_path, name):
    with pytest.raises(AttributeError):
        setattr(est.Estimator(model, str(tmp_path)), name, None)


def on_a_device_that_is_not_there(est):
    def model_fn(features, labels, mode):
        with tf.device("/gpu:77"):
            return averager(est)(features, labels, mode)

    return model_fn


def test_ops_are_placed_softly_by_default(est, tmp_path):
    estimator = est.Estimator(on_a_device_that_is_not_there(est), str(tmp_path))
    estimator.train(numbers(), steps=1)
    assert estimator.evaluate(numbers(epochs=1))["loss"] == 2.5


def test_the_session_config_reaches_the_session(est, tmp_path):
    strict = tf1.ConfigProto(allow_soft_placement=False)
    config = est.RunConfig(session_config=strict)
    model_fn = on_a_device_that_is_not_there(est)
    estimator = est.Estimator(model_fn, str(tmp_path), config)
    with pytest.raises(tf.errors.InvalidArgumentError, match="77"):
        estimator.train(numbers(), steps=1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="77"):
        estimator.evaluate(numbers(), steps=1)


# Subclasses


@pytest.mark.parametrize(
    "name",
    [
        "train",
        "evaluate",
        "predict",
        "eval_dir",
        "get_variable_names",
        "get_variable_value",
        "model_dir",
        "config",
        "params",
        "export_saved_model",
    ],
)
def test_a_subclass_may_not_override_a_public_member(est, tmp_path, name):
    changed = type("Changed", (est.Estimator,), {name: lambda self: None})
    with pytest.raises(ValueError, match=f"override.*{name}"):
        changed(model, str(tmp_path))


def test_a_subclass_may_bring_its_model_and_more_methods(est, tmp_path):
    class Ready(est.Estimator):
        def __init__(self, folder):
            super().__init__(averager(est), folder)

        def steps(self):
            return int(self.get_variable_value("global_step"))

    estimator = Ready(str(tmp_path))
    assert estimator.train(numbers(), steps=2) is estimator
    assert estimator.steps() == 2


# Variables and checkpoints


@pytest.fixture
def trained(est, tmp_path):
    return est.Estimator(line(est), str(tmp_path)).train(numbers(4, 4), steps=2)


def test_variable_names_are_those_of_the_checkpoint(trained):
    assert sorted(trained.get_variable_names()) == ["global_step", "w"]


def test_variable_names_include_those_of_the_optimizer(est, tmp_path):
    def model_fn(features, labels, mode):
        weight = tf1.get_variable("layer/kernel", [2, 3])
        loss = tf.reduce_sum(weight**2)
        optimizer = tf1.train.AdamOptimizer(0.1)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)
    assert sorted(estimator.get_variable_names()) == [
        "beta1_power",
        "beta2_power",
        "global_step",
        "layer/kernel",
        "layer/kernel/Adam",
        "layer/kernel/Adam_1",
    ]
    assert estimator.get_variable_value("layer/kernel/Adam").shape == (2, 3)


def test_variable_values_are_numpys(trained):
    assert trained.get_variable_value("w") == 1.5
    assert trained.get_variable_value("w").dtype == np.float32
    assert trained.get_variable_value("w:0") == 1.5  # the Tensor's name
    assert trained.get_variable_value("global_step") == 2
    assert trained.get_variable_value("global_step").dtype == np.int64


def test_an_unknown_variable_is_an_error_that_names_it(trained):
    with pytest.raises(tf.errors.NotFoundError, match="unknown"):
        trained.get_variable_value("unknown")


def test_variables_need_a_checkpoint(est, tmp_path):
    estimator = est.Estimator(line(est), str(tmp_path))
    with pytest.raises(ValueError, match="find trained model"):
        estimator.get_variable_names()
    with pytest.raises(ValueError, match="find trained model"):
        estimator.get_variable_value("w")


def test_an_estimator_reads_what_another_trained(est, trained):
    other = est.Estimator(line(est), trained.model_dir)
    assert other.get_variable_value("w") == 1.5
    assert other.latest_checkpoint() == trained.latest_checkpoint()


def test_latest_checkpoint_is_a_path_without_suffix(trained):
    expected = os.path.join(trained.model_dir, "model.ckpt-2")
    assert trained.latest_checkpoint() == expected
    assert tf.train.latest_checkpoint(trained.model_dir) == expected


def test_before_training_there_is_no_latest_checkpoint(est, tmp_path):
    assert est.Estimator(line(est), str(tmp_path)).latest_checkpoint() is None


def test_a_checkpoint_opens_with_tensorflow_alone(trained):
    reader = tf.train.load_checkpoint(trained.model_dir)
    assert reader.get_variable_to_shape_map() == {"w": [], "global_step": []}
    assert reader.get_tensor("w") == 1.5


def test_eval_dir_is_named_after_the_evaluation(est, tmp_path):
    estimator = est.Estimator(model, str(tmp_path))
    assert estimator.eval_dir() == str(tmp_path / "eval")
    assert estimator.eval_dir("test") == str(tmp_path / "eval_test")
    assert estimator.eval_dir("") == str(tmp_path / "eval")
