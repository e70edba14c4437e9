"""A checkpoint that a trainer deletes while it is about to be read."""

import shutil

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import paths
from tests.estimator.one_weight import input_fn

tf1 = tf.compat.v1


def model_fn(features, labels, mode):
    weight = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
    step = tf1.train.get_or_create_global_step()
    predictions = {"step": features["x"] * 0 + tf.cast(step, tf.float32)}
    outputs = {"serving_default": tf_estimator.export.PredictOutput(predictions)}
    if mode == tf_estimator.ModeKeys.PREDICT:
        return tf_estimator.EstimatorSpec(mode, predictions, export_outputs=outputs)
    loss = tf.reduce_mean(tf.square(weight - features["x"]))
    train_op = tf1.train.GradientDescentOptimizer(0.1).minimize(loss, step)
    return tf_estimator.EstimatorSpec(mode, predictions, loss, train_op)


@pytest.fixture
def estimator(tmp_path):
    config = tf_estimator.RunConfig(keep_checkpoint_max=1)
    one = tf_estimator.Estimator(model_fn, str(tmp_path / "run"), config)
    return one.train(input_fn, steps=1)


def once(work):
    """Returns a function that does `work` when it is called first."""
    waiting = [work]
    return lambda: waiting and waiting.pop()()


def trainer(estimator):
    """Returns a function that trains by another Estimator, once."""
    other = tf_estimator.Estimator(model_fn, config=estimator.config)
    return once(lambda: other.train(input_fn, steps=1))


def one_row():
    return tf.data.Dataset.from_tensors({"x": [1.0]})


def test_predict_goes_on_with_the_next_newest(estimator):
    train = trainer(estimator)

    def meanwhile():
        train()
        return one_row()

    (prediction,) = estimator.predict(meanwhile)
    assert prediction["step"] == 2


def test_an_export_goes_on_with_the_next_newest(estimator, tmp_path):
    train = trainer(estimator)

    def receiver_fn():
        train()
        return tf_estimator.export.ServingInputReceiver(
            *[{"x": tf1.placeholder(tf.float32, [None])}] * 2
        )

    path = estimator.export_saved_model(str(tmp_path / "export"), receiver_fn)
    served = tf.saved_model.load(path.decode()).signatures["serving_default"]
    assert served(x=tf.constant([1.0]))["step"].numpy() == 2
    assert len(list((tmp_path / "export").iterdir())) == 1


class Delete(tf1.train.SessionRunHook):
    """Deletes a folder when a session is about to be opened."""

    def __init__(self, folder):
        self._folder = folder

    def begin(self):
        shutil.rmtree(self._folder)


@pytest.mark.parametrize("mode", ["evaluate", "predict"])
def test_where_all_checkpoints_are_gone_no_initial_values_are_taken(estimator, mode):
    with pytest.raises(FileNotFoundError, match="has no other"):
        list(getattr(estimator, mode)(one_row, hooks=[Delete(estimator.model_dir)]))


def test_a_checkpoint_that_was_asked_for_by_name_is_not_replaced(estimator):
    train, path = trainer(estimator), paths.latest(estimator.model_dir)

    def meanwhile():
        train()
        return one_row()

    with pytest.raises((tf.errors.OpError, ValueError)):
        next(estimator.predict(meanwhile, checkpoint_path=path))
