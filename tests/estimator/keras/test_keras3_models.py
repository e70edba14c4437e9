"""Keras 3 models, made again with Keras 2: the same numbers, or an error with why."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.keras import model_to_estimator, versions
from tests.contract.keras.keras_models import input_fn

pytestmark = pytest.mark.skipif(
    versions.keras2() is tf.keras, reason="TensorFlow comes with Keras 2"
)
keras = tf.keras

X = (np.arange(24).reshape(6, 4) * 0.37 % 1).astype(np.float32)
Y = X.sum(1, keepdims=True)
IDS = np.array([[1, 2, 0], [1, 1, 1], [2, 3, 0], [4, 4, 4], [1, 0, 0], [1, 2, 3]])


def check(model, features, labels, folder, custom_objects=None, epochs=2):
    """Compares a model's predictions, metrics and training with its Estimator's."""
    made = model_to_estimator(model, model_dir=folder, custom_objects=custom_objects)
    compare_predictions(model, made, features)
    expected = model.evaluate(
        features, labels, batch_size=3, verbose=0, return_dict=True
    )
    found = made.evaluate(input_fn(features, labels, epochs=1))
    for key in found.keys() - {"global_step"}:
        assert found[key] == pytest.approx(expected[key], rel=1e-5, abs=1e-5)
    if epochs:
        model.fit(
            features, labels, batch_size=3, epochs=epochs, shuffle=False, verbose=0
        )
        made.train(input_fn(features, labels), steps=2 * epochs)
        compare_predictions(model, made, features)
    return made, found


def compare_predictions(model, made, features):
    expected = model.predict(features, verbose=0)
    if isinstance(expected, dict):
        expected = [expected[key] for key in sorted(expected)]
    found = list(made.predict(input_fn(features, epochs=1)))
    arrays = expected if isinstance(expected, list) else [expected]
    assert len(found[0]) == len(arrays)
    for key, array in zip(found[0], arrays, strict=True):
        np.testing.assert_allclose(
            [one[key] for one in found], array, rtol=1e-5, atol=1e-5
        )


def cube(x):
    return x**3


def quartic(y_true, y_pred):
    return keras.ops.mean((y_true - y_pred) ** 4, -1)


def test_a_functional_model_with_several_inputs_and_outputs(tmp_path):
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    base = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="base"
    )
    hidden = layers.Concatenate()([base(a), b, a * 2.0 + 1.0])
    hidden = layers.Dropout(0.0)(layers.Dense(3, kernel_regularizer="l2")(hidden))
    model = keras.Model(
        [a, b],
        [
            layers.Dense(1, name="o1")(hidden),
            layers.Dense(3, activation="softmax", name="o2")(hidden),
        ],
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)
    model.compile(
        keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=1.0),
        {"o1": keras.losses.Huber(0.3), "o2": "sparse_categorical_crossentropy"},
        loss_weights={"o1": 1.0, "o2": 0.5},
        metrics={
            "o1": ["mae", keras.metrics.RootMeanSquaredError(name="root")],
            "o2": ["accuracy"],
        },
    )
    labels = {"o1": Y, "o2": (Y > 2).astype(np.int32)}
    made, found = check(model, {"a": X, "b": X}, labels, tmp_path)
    metrics = {"o1_mae", "o1_root", "o2_accuracy"}
    assert found.keys() == {"loss", "global_step", *metrics}
    assert "training/SGD/o1/kernel/momentum" in made.get_variable_names()


def test_a_sequential_model_with_state_and_functions_of_its_own(tmp_path):
    layers = keras.layers
    normalization = layers.Normalization()
    normalization.adapt(X)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            normalization,
            layers.Dense(3, activation=cube),
            layers.Lambda(lambda x: x * 2),
            layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(1e-4), quartic, metrics=[quartic])
    check(model, X, Y, tmp_path, {"quartic": quartic}, epochs=0)


@pytest.mark.slow
def test_embeddings_masks_recurrent_layers_and_attention(tmp_path):
    layers = keras.layers
    ids = keras.Input((3,), dtype="int32")
    hidden = layers.Embedding(5, 4, mask_zero=True)(ids)
    hidden = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(hidden)
    hidden = layers.GRU(4, return_sequences=True)(hidden)
    hidden = layers.MultiHeadAttention(2, 2)(hidden, hidden)
    hidden = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(hidden))
    model = keras.Model(ids, layers.Dense(1)(hidden))
    # Not Adam, whose steps are as long where a gradient is rounding alone.
    model.compile("sgd", "mse")
    check(model, IDS.astype(np.int32), Y, tmp_path)


@pytest.mark.slow
def test_a_convolutional_model(tmp_path):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(4, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    images = (np.arange(6 * 64).reshape(6, 8, 8, 1) * 37 % 256).astype(np.float32)
    check(model, images, np.arange(6) % 3, tmp_path)


def test_dicts_of_inputs_and_outputs_keep_their_keys(tmp_path):
    dense = keras.layers.Dense
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model(
        {"a": a, "b": b}, {"p": dense(1, name="q")(a), "r": dense(1, name="r")(b)}
    )
    model.compile("sgd", {"p": "mse", "r": "mae"})
    made = model_to_estimator(model, model_dir=tmp_path)
    compare_predictions(model, made, {"a": X, "b": X})
    assert next(made.predict(input_fn({"a": X, "b": X}))).keys() == {"p", "r"}


def test_a_sequential_model_without_input_trains_from_new_weights(tmp_path):
    model = keras.Sequential([keras.layers.Dense(1, name="y")])
    model.compile("sgd", "mse")
    made = model_to_estimator(model, model_dir=tmp_path).train(input_fn(X, Y), steps=1)
    assert made.get_variable_value("y/kernel").shape == (4, 1)


class Double(keras.layers.Layer):
    """A layer of the user's own."""

    def call(self, inputs):
        return inputs * 2


class Subclass(keras.Model):
    """A model with a call of its own."""

    def call(self, inputs):
        return inputs


def test_all_that_cannot_be_kept_is_named_in_one_error():
    layers = keras.layers
    x = keras.Input((4,))
    hidden = layers.RMSNormalization(name="rms")(Double(name="twice")(x))
    model = keras.Model(x, layers.Dense(1, name="y", activation="glu")(hidden))
    model.compile(
        keras.optimizers.Lion(0.1),
        keras.losses.MeanSquaredError("mean_with_sample_weight"),
        metrics=[quartic],
    )
    with pytest.raises(errors.KerasModelError) as raised:
        model_to_estimator(model)
    for text in (
        "layer 'twice' (Double): Keras 2 has no such layer",
        "layer 'rms' (RMSNormalization): Keras 2 has no such layer",
        "optimizer Lion: Keras 2 has none",
        "reduction='mean_with_sample_weight', which Keras 2 lacks",
        "metric: a function 'quartic', which custom_objects does not have",
        "import tf_keras",
    ):
        assert text in str(raised.value)


@pytest.mark.parametrize(
    ("name", "settings", "text"),
    [
        ("Adam", {"weight_decay": 0.1}, "Adam: weight_decay=0.1, which"),
        ("Nadam", {}, "Nadam: makes other steps"),
        ("SGD", {"gradient_accumulation_steps": 2}, "accumulation_steps=2"),
    ],
)
def test_an_optimizer_is_kept_as_it_is_or_not_at_all(name, settings, text):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(getattr(keras.optimizers, name)(**settings), "mse")
    with pytest.raises(errors.KerasModelError, match=text):
        model_to_estimator(model)


def test_what_needs_keras_3_itself_is_refused():
    model = Subclass()
    model.compile("sgd", "mse")
    with pytest.raises(errors.KerasModelError, match="a subclass of keras.Model"):
        model_to_estimator(model)
    with (
        tf.Graph().as_default(),
        pytest.raises(errors.KerasModelError, match="only where execution is eager"),
    ):
        model_to_estimator(model)


def test_a_class_of_keras_2_stands_for_ones_own(tmp_path):
    class Twice(versions.keras2().layers.Layer):
        def call(self, inputs):
            return inputs * 2

    class Thrice(versions.keras2().layers.Layer):
        def call(self, inputs):
            return inputs * 3

    model = keras.Sequential([keras.Input((4,)), Double(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    made = model_to_estimator(
        model, model_dir=tmp_path, custom_objects={"Double": Twice}
    )
    compare_predictions(model, made, X)
    with pytest.raises(errors.KerasModelError, match="predicts otherwise by"):
        model_to_estimator(model, custom_objects={"Double": Thrice})
