"""What a warm start finds beyond the original's paths."""

import pathlib
import shutil

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator

tf1 = tf.compat.v1


def model_fn(features, labels, mode, params):
    """Adds `by` to its variable `w` at each step."""
    w = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
    step = tf1.assign_add(tf1.train.get_global_step(), 1)
    train_op = tf.group(step, tf1.assign_add(w, params["by"]))
    loss = tf.reduce_mean(features)
    return tf_estimator.EstimatorSpec(mode, {"w": w + features}, loss, train_op)


def ones():
    return tf.data.Dataset.from_tensors(tf.ones([1])).repeat()


def receiver():
    features = tf1.placeholder(tf.float32, [None])
    return tf_estimator.export.TensorServingInputReceiver(features, features)


def trained(model_dir, by, warm_start_from=None):
    estimator = tf_estimator.Estimator(
        model_fn, str(model_dir), None, {"by": by}, warm_start_from
    )
    return estimator.train(ones, steps=3)


def started_from(tmp_path, warm_start_from):
    """`w` and the step after three steps that add 0.5 each."""
    estimator = trained(tmp_path / "new", 0.5, warm_start_from)
    return [float(estimator.get_variable_value(n)) for n in ("w", "global_step")]


@pytest.fixture
def old(tmp_path):
    """A trained Estimator, where `w` is 30."""
    return trained(tmp_path / "old", 10.0)


def test_a_moved_folder(tmp_path, old):
    shutil.move(old.model_dir, tmp_path / "elsewhere")
    assert started_from(tmp_path, str(tmp_path / "elsewhere")) == [31.5, 3]


def test_a_path_object(tmp_path, old):
    assert started_from(tmp_path, pathlib.Path(old.model_dir)) == [31.5, 3]


def test_an_index_file(tmp_path, old):
    path = old.latest_checkpoint() + ".index"
    assert started_from(tmp_path, path) == [31.5, 3]


def test_a_saved_model_in_settings(tmp_path, old):
    exported = old.export_saved_model(str(tmp_path / "export"), receiver)
    settings = tf_estimator.WarmStartSettings(exported)
    assert started_from(tmp_path, settings) == [31.5, 3]


@pytest.mark.parametrize("name", ["nowhere", "old/model.ckpt-99", "old/eval"])
def test_where_no_checkpoint_is_the_path_is_named(tmp_path, old, name):
    (tmp_path / "old" / "eval").mkdir()
    with pytest.raises(
        tf.errors.NotFoundError, match=f"any matching files for .*{name}"
    ):
        started_from(tmp_path, str(tmp_path / name))


def test_a_run_that_goes_on_is_not_warm_started_again(tmp_path, old):
    assert started_from(tmp_path, old.model_dir) == [31.5, 3]
    assert started_from(tmp_path, old.model_dir) == [33.0, 6]
