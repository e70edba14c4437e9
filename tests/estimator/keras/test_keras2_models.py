"""What model_to_estimator does with Keras 2 models where the original does not."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors, estimator
from estimator_mnist.estimator.keras import model_to_estimator, v2, versions
from tests.contract.keras.keras_models import X, Y, input_fn, one_output, two_outputs

tf1 = tf.compat.v1


@pytest.fixture
def keras():
    return versions.keras2()


def subclass(keras):
    """Give a subclass of Model with two layers."""

    class Model(keras.Model):
        def __init__(self, units=3):
            super().__init__(name="own")
            self.units = units
            self.first = keras.layers.Dense(units, activation="relu")
            self.last = keras.layers.Dense(1)

        def get_config(self):
            return {"units": self.units}

        def call(self, inputs):
            return self.last(self.first(inputs))

    return Model


def predictions(model, features=X):
    found = model.predict(input_fn(features, epochs=1))
    return np.stack([next(iter(one.values())) for one in found])


def test_a_fitted_model_predicts_the_same_and_stays_as_it_is(keras, tmp_path):
    model = one_output(keras)
    model.fit(X, Y, epochs=2, verbose=0)
    expected = model.predict(X, verbose=0)
    state = set(vars(model))
    made = model_to_estimator(model, model_dir=tmp_path)
    np.testing.assert_allclose(predictions(made), expected, rtol=1e-6, atol=1e-6)
    made.train(input_fn(X, Y), steps=2)
    assert not np.allclose(predictions(made), expected, atol=1e-4)
    np.testing.assert_array_equal(model.predict(X, verbose=0), expected)
    assert set(vars(model)) == state
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "model.keras")


def test_weighted_metrics_are_weighted(keras, tmp_path):
    model = one_output(keras, weighted_metrics=["mse"])
    made = model_to_estimator(model, model_dir=tmp_path)
    weights = np.array([1, 2, 0, 1, 0, 3], np.float32)
    features = {"features": X, "sample_weights": weights}
    metrics = made.evaluate(input_fn(features, Y, epochs=1))
    errors_ = (model.predict(X, verbose=0) - Y)[:, 0]
    expected = np.sum(weights * errors_**2) / np.sum(weights)
    assert metrics["mse"] == pytest.approx(expected, abs=1e-6)
    assert metrics["mae"] == pytest.approx(np.mean(np.abs(errors_)), abs=1e-6)
    predicted = made.predict(input_fn(features, epochs=1))
    assert next(predicted)["y"].shape == (1,)


def test_a_subclass_of_model_trains_from_new_weights(keras, tmp_path, caplog):
    model = subclass(keras)()
    model.compile(tf1.train.AdamOptimizer(0.1), "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    expected = model.predict(X, verbose=0)
    made = model_to_estimator(model, model_dir=tmp_path)
    assert "You are creating an Estimator from a Keras model manually" in caplog.text
    made.train(input_fn(X, Y), steps=2)
    assert made.get_variable_value("own/dense/kernel/Adam").shape == (2, 3)
    metrics = made.evaluate(input_fn(X, Y, epochs=1))
    assert metrics.keys() == {"loss", "mae", "global_step"}
    assert next(made.predict(input_fn(X))).keys() == {"output_1"}
    np.testing.assert_array_equal(model.predict(X, verbose=0), expected)
    with pytest.raises(ValueError, match="^Object-based checkpoints are currently not"):
        model_to_estimator(model, checkpoint_format="checkpoint")


def test_a_model_that_is_not_built_yet_begins_with_new_weights(keras, tmp_path):
    model = keras.Sequential([keras.layers.Dense(1, name="y")])
    model.compile("sgd", "mse")
    made = model_to_estimator(model, model_dir=tmp_path).train(input_fn(X, Y), steps=1)
    assert made.get_variable_value("y/kernel").shape == (2, 1)


@pytest.mark.slow
def test_several_models_in_one_process_do_not_mix(keras, tmp_path):
    models = [one_output(keras), two_outputs(keras)]
    first, _ = (
        model_to_estimator(model, model_dir=tmp_path / str(number))
        for number, model in enumerate(models)
    )
    again = model_to_estimator(models[0], model_dir=tmp_path / "again")
    np.testing.assert_array_equal(predictions(first), predictions(again))


@pytest.mark.parametrize(
    ("name", "settings", "text"),
    [
        ("AdamW", {}, "AdamW, which does not work in a graph: compile it with"),
        ("Adam", {"weight_decay": 0.1}, "whose weight decay would be lost"),
        ("Adam", {"use_ema": True}, "whose averages of the variables would be lost"),
    ],
)
def test_an_optimizer_that_graphs_lack_is_an_error(keras, name, settings, text):
    model = one_output(keras, getattr(keras.optimizers, name)(**settings))
    with pytest.raises(errors.KerasModelError, match=text):
        model_to_estimator(model)


def test_a_model_is_loaded_from_a_file(keras, tmp_path):
    model = one_output(keras)
    path = tmp_path / "model.keras"
    model.save(path)
    made = model_to_estimator(keras_model_path=path, model_dir=tmp_path / "run")
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(predictions(made), expected, rtol=1e-6, atol=1e-6)
    with pytest.raises(ValueError, match="gs://a is not a local path. Please copy"):
        model_to_estimator(keras_model_path="gs://a")
    with pytest.raises(OSError):
        model_to_estimator(keras_model_path=tmp_path / "none.h5")


def test_labels_that_are_missing_and_models_that_are_none_are_errors(keras, tmp_path):
    made = model_to_estimator(one_output(keras), model_dir=tmp_path)
    with pytest.raises(ValueError, match="^labels are missing"):
        made.train(input_fn(X), steps=1)
    with pytest.raises(ValueError, match="^keras_model must be a Keras model"):
        model_to_estimator("model.h5")


def test_the_formats_of_checkpoints_do_not_mix(keras, tmp_path):
    v2.model_to_estimator(one_output(keras), model_dir=tmp_path)
    with pytest.raises(ValueError, match="checkpoint_format is 'saver', and .* other"):
        model_to_estimator(one_output(keras), model_dir=tmp_path)


def test_a_layer_may_be_called_as_a_scope_of_the_train_op(keras, tmp_path):
    layer = keras.layers.Dense(1, name="training", input_shape=(2,))
    model = keras.Sequential([layer])
    model.compile("adam", "mse")
    made = model_to_estimator(model, model_dir=tmp_path)
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(predictions(made), expected, rtol=1e-6, atol=1e-6)


def test_the_public_names(keras):
    assert estimator.keras.model_to_estimator is model_to_estimator
    assert v2.model_to_estimator is not model_to_estimator
