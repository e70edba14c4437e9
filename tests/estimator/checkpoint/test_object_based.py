"""Object-based checkpoints are read as others are: their step, and whether they fit."""

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import compatibility, integrity, paths
from tests.contract.checkpoint.test_object_based import model_of
from tests.contract.small_models import numbers

tf1 = tf.compat.v1


@pytest.fixture(name="estimator")
def estimator_fixture(tmp_path):
    config = tf_estimator.RunConfig(save_checkpoints_steps=2)
    estimator = tf_estimator.Estimator(model_of(tf_estimator), str(tmp_path), config)
    return estimator.train(numbers(), max_steps=4)


def test_the_step_is_found_under_its_key(estimator, tmp_path, caplog):
    assert paths.step_of(estimator.latest_checkpoint()) == 4
    # The original, which sees no step there, makes one more.
    estimator.train(numbers(), max_steps=4)
    assert paths.step_of(estimator.latest_checkpoint()) == 4
    with caplog.at_level("INFO", logger="tensorflow"):
        estimator.train(numbers(), max_steps=5)
    assert "resuming at step 4, training to 5 (+1)" in caplog.text


def test_a_step_that_was_not_saved_is_0(tmp_path):
    with tf.Graph().as_default(), tf1.Session() as session:
        weight = tf1.get_variable("w", [])
        session.run(weight.initializer)
        path = tf.train.Checkpoint(w=weight).write(str(tmp_path / "model.ckpt-3"))
    assert paths.step_of(path) == 0


def test_damage_is_set_aside(estimator, tmp_path):
    newest = estimator.latest_checkpoint()
    assert integrity.problem(newest) is None
    for part in tmp_path.glob("model.ckpt-4.data-*"):
        part.write_bytes(b"")
    estimator.train(numbers(), steps=1)
    assert paths.step_of(estimator.latest_checkpoint()) == 3
    assert list(tmp_path.glob("model.ckpt-4.*.damaged"))


def test_a_model_of_names_is_told_of_the_objects(estimator, tmp_path):
    model_fn = model_of(tf_estimator, saves_objects=False)
    other = tf_estimator.Estimator(model_fn, str(tmp_path))
    message = r"(?s)object-based: a tf.train.Checkpoint wrote it.*w: model \[\] float32"
    with pytest.raises(tf.errors.NotFoundError, match=message) as caught:
        other.evaluate(numbers(), steps=1)
    assert caught.value.kind == compatibility.OBJECT_BASED
