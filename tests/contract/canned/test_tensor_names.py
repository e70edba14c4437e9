"""Tensors that programs of the time name in a LoggingTensorHook."""

import pytest
import tensorflow as tf

tf1 = tf.compat.v1


@pytest.mark.parametrize(
    ("model", "arguments", "scope"),
    [
        ("DNNClassifier", {"hidden_units": [2]}, "dnn/"),
        ("LinearClassifier", {}, "linear/"),
    ],
)
def test_losses_are_logged_by_their_names(est, tmp_path, model, arguments, scope):
    class Keep(tf1.train.LoggingTensorHook):
        def after_run(self, run_context, run_values):
            kept.update(run_values.results)

    kept = {}
    columns = [tf.feature_column.numeric_column("x")]
    estimator = getattr(est, model)(
        feature_columns=columns, model_dir=str(tmp_path), **arguments
    )
    names = {"mean": "head/truediv", "sum": "head/weighted_loss/Sum"}
    hook = Keep({key: scope + name for key, name in names.items()}, every_n_iter=1)
    data = ({"x": [1.0, 2.0, 3.0, 4.0]}, [0, 1, 0, 1])
    estimator.train(lambda: tf.data.Dataset.from_tensors(data), hooks=[hook])
    assert kept["sum"] == pytest.approx(4 * kept["mean"])
