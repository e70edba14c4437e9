"""Folders and checkpoints may be given as str, bytes or Path, or lie in ram://."""

import os
import pathlib
import re

import numpy as np
import pytest
import tensorflow as tf

import estimator_mnist
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.experiment import variables
from estimator_mnist.formats import artifact, keras_file
from estimator_mnist.report import weights
from tests.estimator import one_weight

tf1 = tf.compat.v1


def one_batch():
    return tf.data.Dataset.from_tensors({"x": [1.0]})


def receiver():
    x = tf1.placeholder(tf.float32, [None])
    return tf_estimator.export.ServingInputReceiver({"x": x}, {"x": x})


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


@pytest.fixture(scope="module", name="in_memory")
def in_memory_fixture():
    """An Estimator in ram:// that has trained 4 steps, in two runs."""
    config = tf_estimator.RunConfig(save_checkpoints_steps=1, keep_checkpoint_max=2)
    estimator = tf_estimator.Estimator(
        one_weight.model_fn, "ram://a_model_dir", config=config
    )
    estimator.train(one_weight.input_fn, steps=2)
    return estimator.train(one_weight.input_fn, max_steps=4)


def test_a_model_dir_may_lie_in_memory(in_memory):
    assert in_memory.evaluate(one_batch)["global_step"] == 4
    assert in_memory.get_variable_value("global_step") == 4
    assert in_memory.get_variable_names() == ["global_step", "w"]
    config = in_memory.config.replace(model_dir="ram://another")
    estimator = tf_estimator.Estimator(one_weight.model_fn, config=config)
    train_spec = tf_estimator.TrainSpec(one_weight.input_fn, max_steps=4)
    eval_spec = tf_estimator.EvalSpec(one_batch)
    results, _ = tf_estimator.train_and_evaluate(estimator, train_spec, eval_spec)
    assert results["global_step"] == 4


def test_old_checkpoints_in_memory_are_deleted(in_memory):
    names = tf.io.gfile.listdir(in_memory.model_dir)
    saved = [name for name in sorted(names) if name.endswith(".index")]
    assert saved == ["model.ckpt-3.index", "model.ckpt-4.index"]


@pytest.mark.parametrize("place", ["", "/", "/model.ckpt-4"])
def test_a_warm_start_reads_memory(in_memory, tmp_path, caplog, place):
    caplog.set_level("INFO", logger="tensorflow")
    estimator = tf_estimator.Estimator(
        one_weight.model_fn,
        str(tmp_path),
        warm_start_from=in_memory.model_dir + place,
    )
    estimator.train(one_batch)
    assert f"Warm-starting from: {in_memory.model_dir}{place}" in caplog.messages
    weight = in_memory.get_variable_value("w")
    one_step_on = weight - 0.1 * 2 * (weight - 1.0)
    np.testing.assert_allclose(estimator.get_variable_value("w"), one_step_on)


def test_an_export_in_memory_is_whole(in_memory):
    folder = os.fsdecode(in_memory.export_saved_model("ram://exports", receiver))
    with tf.Graph().as_default(), tf1.Session() as session:
        graph = tf1.saved_model.load(session, ["serve"], folder)
        served = graph.signature_def["serving_default"]
        output, x = served.outputs["output"].name, served.inputs["x"].name
        predicted = session.run(output, {x: [2.0]})
    np.testing.assert_allclose(predicted, in_memory.get_variable_value("w") * 2.0)


def test_reports_exports_and_inspect_read_memory(tmp_path):
    kernel, bias = np.random.rand(16, 3), np.zeros(3)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.get_variable("dense/kernel", initializer=np.float32(kernel))
        tf1.get_variable("dense/bias", initializer=np.float32(bias))
        session.run(tf1.global_variables_initializer())
        path = tf1.train.Saver().save(session, "ram://weights/model.ckpt", 1)
    _, found = variables.inspect("ram://weights")
    assert [variable.name for variable in found] == ["dense/bias", "dense/kernel"]
    maps = weights.of_checkpoint(path, ["dense/bias", "dense/kernel"], 4, 3)
    np.testing.assert_allclose(maps.images[1].ravel(), kernel[:, 1], rtol=1e-6)
    images = np.zeros([1, 4, 4], np.float32)
    source = artifact.Source(
        model="linear",
        params={},
        estimator=None,
        receiver_fn=None,
        checkpoint=path,
        step=1,
        origin=path,
        test_input_fn=None,
        classes=["0", "1", "2"],
        calibration=images,
    )
    (written,) = keras_file.write(source, str(tmp_path))
    assert os.path.exists(written.path)


def test_one_function_alone_opens_checkpoints():
    """TensorFlow's other ways take a prefix in ram:// for a folder."""
    opens = re.compile(
        r"(load_checkpoint|load_variable|list_variables|CheckpointReader)\("
    )
    package = pathlib.Path(estimator_mnist.__file__).parent
    found = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if opens.search(path.read_text())
    ]
    assert found == ["estimator/checkpoint/paths.py"]
