"""A model_dir whose name TensorFlow takes for a pattern of paths."""

import os

import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.experiment import early_stopping, training
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.modes import export, predict
from tests.estimator.one_weight import input_fn
from tests.estimator.session.test_deleted_meanwhile import model_fn, one_row

tf1 = tf.compat.v1

# The first means the folder `ab` too, the other one none at all.
NAMES = ["a*", "a[b]\\?"]


def receiver_fn():
    features = {"x": tf1.placeholder(tf.float32, [None])}
    return tf_estimator.export.ServingInputReceiver(features, features)


@pytest.fixture(params=NAMES)
def folder(request, tmp_path):
    """A folder of such a name, beside one that the pattern would mean."""
    other = tmp_path / "ab"
    tf_estimator.Estimator(model_fn, str(other)).train(input_fn, steps=7)
    before = sorted(os.listdir(other))
    yield tmp_path / request.param
    assert sorted(os.listdir(other)) == before
    assert paths.latest(str(other)).endswith("-7")


def test_a_run_trains_resumes_and_is_read(folder):
    config = tf_estimator.RunConfig(save_checkpoints_steps=1, keep_checkpoint_max=1)

    def estimator(**more):
        return tf_estimator.Estimator(model_fn, str(folder), config, **more)

    exporter = tf_estimator.BestExporter(serving_input_receiver_fn=receiver_fn)
    spec = tf_estimator.EvalSpec(one_row, exporters=[exporter], throttle_secs=0)
    for last in (2, 4):
        results, _ = tf_estimator.train_and_evaluate(
            estimator(), tf_estimator.TrainSpec(input_fn, last), spec
        )
        assert results["global_step"] == last
    assert len(list(folder.glob("*.index"))) == 1
    (prediction,) = estimator().predict(one_row)
    assert prediction["step"] == 4 and estimator().evaluate(one_row)["loss"] > 0
    assert estimator().get_variable_value("global_step") == 4
    exported = estimator().export_saved_model(str(folder / "export"), receiver_fn)
    for warm in (str(folder), exported):
        other = tf_estimator.Estimator(
            model_fn, f"{folder}.warm.{len(warm)}", config, warm_start_from=warm
        )
        assert other.train(input_fn, steps=1).get_variable_value("w") > 0.6


def test_a_saver_of_the_models_own_is_refused_before_it_deletes(tmp_path):
    def with_saver(features, labels, mode):
        spec = model_fn(features, labels, mode)
        return spec._replace(scaffold=tf1.train.Scaffold(saver=tf1.train.Saver()))

    estimator = tf_estimator.Estimator(with_saver, str(tmp_path / "a*"))
    with pytest.raises(errors.ExperimentError, match="rename the folder"):
        estimator.train(input_fn, steps=1)


def test_the_program_restores_its_own_best_weights(tmp_path):
    def experiment(folder, seed):
        return experiments.make(
            str(tmp_path / folder),
            model="linear",
            dataset="digits",
            seed=seed,
            cadence=experiments.Cadence(eval_steps_interval=5, keep_checkpoint_max=1),
        )

    for folder, seed in (("ab", 0), ("a*", 1)):
        one = experiment(folder, seed)
        estimator = experiments.build_estimator(one)
        limits = early_stopping.Limits(restore_best=True)
        training.train(one, estimator, max_steps=10, limits=limits)
    state = early_stopping.EarlyStoppingState.load(one.model_dir)
    results = experiments.evaluate(one, estimator, "validation", "again")
    assert results["accuracy"] == pytest.approx(state.best_accuracy)
    before = sorted(os.listdir(one.model_dir))
    shapes = predict.predict(one, estimator, str(tmp_path / "out[1]"))
    assert shapes["classes"] == (300,)
    for form in ("saved_model", "keras"):
        assert export.export(one, estimator, form, str(tmp_path / "out[1]"))
    assert sorted(os.listdir(one.model_dir)) == before
