"""A model_fn whose EstimatorSpec has no mode, or one of its own."""

import pytest
import tensorflow as tf

from tests.contract.small_models import count_step, line, numbers

tf1 = tf.compat.v1


@pytest.mark.parametrize("mode", [None, "mine"])
def test_any_mode_trains_evaluates_and_predicts(est, tmp_path, mode):
    def model_fn(features, labels):
        spec = line(est)(features, labels if labels is not None else 0.0, "train")
        y = tf1.trainable_variables()[0] * features["x"]
        return est.EstimatorSpec(
            mode, predictions={"y": y}, loss=spec.loss, train_op=spec.train_op
        )

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(batch_size=4), steps=1)
    assert estimator.get_variable_value("w") == 3.0
    assert estimator.evaluate(numbers(batch_size=4), steps=1)["loss"] == 7.5
    assert next(estimator.predict(numbers(batch_size=4)))["y"] == 3.0


def exported(est, folder, model_fn):
    def receiver_fn():
        x = tf1.placeholder(tf.float32, [None])
        return est.export.ServingInputReceiver({"x": x}, x)

    estimator = est.Estimator(model_fn, str(folder))
    estimator.train(numbers(), steps=1)
    return estimator.export_saved_model(str(folder / "export"), receiver_fn)


def spec_of(est, mode, features, has_outputs):
    x = features["x"]
    loss = tf.reduce_mean(x)
    outputs = {"serving_default": est.export.PredictOutput(x)} if has_outputs else None
    return est.EstimatorSpec(
        mode, {"x": x}, loss, count_step(loss), export_outputs=outputs
    )


@pytest.mark.parametrize("has_outputs", [True, False])
def test_a_spec_of_no_mode_cannot_be_exported(est, tmp_path, has_outputs):
    def model_fn(features, labels):
        return spec_of(est, None, features, has_outputs)

    with pytest.raises(ValueError, match="Invalid mode key: None"):
        exported(est, tmp_path, model_fn)


@pytest.mark.parametrize("has_outputs", [True, False])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_a_spec_of_another_mode_has_nothing_to_serve(est, tmp_path, mode, has_outputs):
    def model_fn(features, labels):
        return spec_of(est, mode, features, has_outputs)

    assert not served(exported(est, tmp_path, model_fn))


def test_a_head_that_gets_no_mode_trains_and_has_nothing_to_serve(est, tmp_path):
    def model_fn(features, labels):
        x = features["x"][:, None]
        return est.RegressionHead().create_estimator_spec(
            features, None, x, x, train_op_fn=count_step
        )

    assert not served(exported(est, tmp_path, model_fn))


def served(path):
    with tf.Graph().as_default(), tf1.Session() as session:
        return tf1.saved_model.load(session, ["serve"], path.decode()).signature_def


@pytest.mark.parametrize("mode", [None, "mine"])
def test_no_field_is_needed_where_the_mode_is_unknown(est, mode):
    with tf.Graph().as_default():
        spec = est.EstimatorSpec(mode)
    assert spec.mode == mode
    assert spec.loss is None and spec.train_op is None and not spec.predictions
    assert spec.export_outputs is None
