"""Folders and checkpoints may be given as str, bytes or Path, or lie in ram://."""

import os
import pathlib

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from tests.estimator import one_weight

tf1 = tf.compat.v1


def one_batch():
    return tf.data.Dataset.from_tensors({"x": [1.0]})


@pytest.mark.parametrize("kind", [str, pathlib.Path, os.fsencode])
def test_a_path_may_be_of_any_kind(kind, tmp_path):
    folder = tmp_path / "model"
    config = tf_estimator.RunConfig(model_dir=kind(str(folder)))
    assert config.model_dir == config.replace(model_dir=kind(str(folder))).model_dir
    estimator = tf_estimator.Estimator(one_weight.model_fn, config=config)
    estimator.train(one_batch)
    path = estimator.latest_checkpoint()
    results = estimator.evaluate(one_batch, checkpoint_path=kind(path))
    assert results["global_step"] == 1
    other = tf_estimator.Estimator(one_weight.model_fn, kind(str(folder)))
    assert other.model_dir == str(folder)


def test_a_model_dir_may_lie_in_memory():
    config = tf_estimator.RunConfig(save_checkpoints_steps=1, keep_checkpoint_max=2)
    estimator = tf_estimator.Estimator(
        one_weight.model_fn, "ram://a_model_dir", config=config
    )
    estimator.train(one_batch).train(one_batch)
    assert estimator.evaluate(one_batch)["global_step"] == 2
    assert estimator.get_variable_value("global_step") == 2
    assert estimator.get_variable_names() == ["global_step", "w"]
    train_spec = tf_estimator.TrainSpec(one_weight.input_fn, max_steps=4)
    eval_spec = tf_estimator.EvalSpec(one_batch)
    results, _ = tf_estimator.train_and_evaluate(estimator, train_spec, eval_spec)
    assert results["global_step"] == 4
