"""Keras models as SavedModels: what cannot be written or loaded is said."""

import numpy as np
import pytest

from estimator_mnist import tf1 as tf

experimental = tf.keras.experimental


def test_a_model_of_own_classes_is_loaded_with_them(tmp_path):
    class Doubled(tf.keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,)), Doubled()])
    own = {"Doubled": Doubled}
    folder = experimental.export_saved_model(model, tmp_path / "a", own)
    loaded = experimental.load_from_saved_model(folder, own)
    for found, weights in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, weights)
    with pytest.raises(AssertionError, match="already exists, and isn't empty"):
        experimental.export_saved_model(model, folder, own)


def test_models_without_inputs_and_folders_without_models_are_refused(tmp_path):
    model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="no inputs.*input_shape"):
        experimental.export_saved_model(model, tmp_path / "a")
    with pytest.raises(tf.errors.NotFoundError, match="No such file.*export_saved"):
        experimental.load_from_saved_model(tmp_path)
