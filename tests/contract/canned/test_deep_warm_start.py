"""A deep estimator begins with another's variables, and goes on as it would have."""

import numpy as np
import tensorflow as tf

from tests.contract.canned import houses, runs

fc = tf.feature_column


def _make(est, folder, linear, **settings):
    """Returns a deep model of embedded words, and maybe a linear model beside it."""
    city = fc.categorical_column_with_vocabulary_list("city", houses.CITIES)
    return est.DNNLinearCombinedRegressor(
        linear_feature_columns=[fc.numeric_column("size")] if linear else None,
        dnn_feature_columns=[fc.embedding_column(city, 2)],
        dnn_hidden_units=[3],
        config=runs.config(est, folder, save_checkpoints_steps=100),
        **settings,
    )


def test_variables_are_those_of_the_checkpoint(est, tmp_path):
    features, labels = houses.features(), houses.prices()
    input_fn = runs.arrays_in_order(est, features, labels, num_epochs=None)
    first = _make(est, tmp_path / "first", linear=False)
    runs.train(first, input_fn, 3)
    settings = est.WarmStartSettings(first.model_dir, "dnn")
    warm = _make(est, tmp_path / "warm", linear=True, warm_start_from=settings)
    runs.train(warm, input_fn, 1)
    reader = tf.train.load_checkpoint(str(tmp_path / "warm" / "model.ckpt-0"))
    trained = [name for name in first.get_variable_names() if name.startswith("dnn")]
    assert len(trained) == 10
    for name in trained:
        value = reader.get_tensor(name)
        if name.endswith("Adagrad"):
            assert np.all(value == np.float32(0.1)), name
        else:
            np.testing.assert_array_equal(value, first.get_variable_value(name))
    assert reader.get_tensor("linear/linear_model/size/weights") == 0
