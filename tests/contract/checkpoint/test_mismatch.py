"""A checkpoint of another model: the error that a restore raises."""

import pickle

import pytest
import tensorflow as tf

from estimator_mnist import errors
from tests.contract.small_models import count_step, numbers

tf1 = tf.compat.v1


def estimator_of_size(est, model_dir, size, name="w"):
    def model_fn(features, labels, mode):
        loss = tf.reduce_sum(tf1.get_variable(name, [size], use_resource=False))
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    return est.Estimator(model_fn, str(model_dir))


def mismatch(est, model_dir):
    estimator_of_size(est, model_dir, 1).train(numbers(), steps=1)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        estimator_of_size(est, model_dir, 2).train(numbers(), steps=1)
    return caught.value


def test_other_shape_is_an_invalid_argument(est, tmp_path):
    error = mismatch(est, tmp_path)
    assert error.error_code == tf.errors.INVALID_ARGUMENT
    assert "w" in error.message


def test_variable_that_the_checkpoint_lacks_is_not_found(est, tmp_path):
    estimator_of_size(est, tmp_path, 1).train(numbers(), steps=1)
    with pytest.raises(tf.errors.NotFoundError):
        estimator_of_size(est, tmp_path, 1, "other").train(numbers(), steps=1)


def test_of_this_runtime_is_a_user_error_too(est, tmp_path):
    if est is getattr(tf1, "estimator", None):
        pytest.skip("the original knows no errors.UserError")
    error = mismatch(est, tmp_path)
    assert isinstance(error, errors.CheckpointMismatchError)
    assert isinstance(error, ValueError)
    assert str(error) == error.message
    assert str(error).startswith("The checkpoint ")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
