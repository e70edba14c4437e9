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


def test_a_spec_of_no_mode_cannot_be_exported_without_its_outputs(est, tmp_path):
    def model_fn(features, labels):
        loss = tf.reduce_mean(features["x"])
        return est.EstimatorSpec(None, loss=loss, train_op=count_step(loss))

    def receiver_fn():
        x = tf1.placeholder(tf.float32, [None])
        return est.export.ServingInputReceiver({"x": x}, x)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(), steps=1)
    with pytest.raises(ValueError, match="Invalid mode key: None"):
        estimator.export_saved_model(str(tmp_path / "export"), receiver_fn)


@pytest.mark.parametrize("mode", [None, "mine"])
def test_no_field_is_needed_where_the_mode_is_unknown(est, mode):
    with tf.Graph().as_default():
        spec = est.EstimatorSpec(mode)
    assert spec.mode == mode
    assert spec.loss is None and spec.train_op is None and not spec.predictions
    assert spec.export_outputs is None
