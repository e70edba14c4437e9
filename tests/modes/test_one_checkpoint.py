"""predict, report and export read one checkpoint, while a trainer deletes others."""

import dataclasses
import json
import os

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors, output_folder
from estimator_mnist.estimator.checkpoint import paths, snapshot
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training, variables
from estimator_mnist.modes import export, predict, report


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """A small CNN, of which the newest checkpoint alone is kept."""
    one = experiments.make(
        str(tmp_path_factory.mktemp("run")),
        model="cnn",
        dataset="digits",
        params={"filters": 2, "kernel_size": 3, "dense_units": 8},
        cadence=experiments.Cadence(keep_checkpoint_max=1),
    )
    train_on(one)
    return one


def train_on(experiment):
    """Trains, which deletes the checkpoint before."""
    training.train(experiment, experiments.build_estimator(experiment), steps=1)
    assert len(list_of_checkpoints(experiment)) == 1


def list_of_checkpoints(experiment):
    names = os.listdir(experiment.model_dir)
    return [name for name in names if name.endswith(".index")]


class TrainedMeanwhile:
    """An Estimator in whose model_dir a trainer saves as soon as it is asked."""

    def __init__(self, experiment):
        self._experiment = experiment
        self._estimator = experiments.build_estimator(experiment)

    def latest_checkpoint(self):
        return self._estimator.latest_checkpoint()

    def predict(self, *arguments, **options):
        train_on(self._experiment)
        return self._estimator.predict(*arguments, **options)

    def export_saved_model(self, *arguments, **options):
        train_on(self._experiment)
        return self._estimator.export_saved_model(*arguments, **options)


def others(folder):
    """What is in the folder of output but the list of what was written."""
    return sorted(set(os.listdir(folder)) - {output_folder.LIST})


def test_predictions_features_and_activations_are_of_one_checkpoint(
    experiment, tmp_path
):
    reader = paths.reader(paths.latest(experiment.model_dir))
    kernel = reader.get_tensor("conv2d/kernel")
    bias = reader.get_tensor("conv2d/bias")
    weights = reader.get_tensor("dense_1/kernel")
    before = sorted(os.listdir(experiment.model_dir))
    predict.predict(
        experiment,
        TrainedMeanwhile(experiment),
        str(tmp_path),
        activations_limit=1,
    )
    logits = np.load(tmp_path / "features.npy") @ weights
    logits += reader.get_tensor("dense_1/bias")
    with np.load(tmp_path / "predictions.npz") as predictions:
        # Of the next step the classes are mostly the same, the probabilities are not.
        expected = tf.nn.softmax(logits)
        np.testing.assert_allclose(predictions["probabilities"], expected, atol=1e-6)
    image = experiment.data.test.images[:1, ..., None] / np.float32(255)
    activations = tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME") + bias)
    found = np.load(tmp_path / "activations.npy")
    np.testing.assert_allclose(found, activations, rtol=1e-5, atol=1e-5)
    assert others(tmp_path) == ["activations.npy", "features.npy", "predictions.npz"]
    assert len(os.listdir(experiment.model_dir)) == len(before)


def test_a_report_is_of_the_checkpoint_that_was_newest_when_it_began(
    experiment, tmp_path
):
    newest = paths.latest(experiment.model_dir)
    estimator = experiments.build_estimator(experiment)
    page, *_ = report.write(
        experiment,
        estimator,
        str(tmp_path),
        tsne_points=0,
        on_progress=lambda text: train_on(experiment),
    )
    assert paths.latest(experiment.model_dir) != newest
    with open(page, encoding="utf-8") as file:
        text = file.read()
    assert f"<td>{newest}</td>" in text and ".checkpoint." not in text
    assert not [name for name in others(tmp_path) if name.startswith(".")]


def test_an_export_is_of_the_checkpoint_that_was_newest_when_it_began(
    experiment, tmp_path
):
    newest = paths.latest(experiment.model_dir)
    estimator = TrainedMeanwhile(experiment)
    (one,) = export.export(experiment, estimator, "saved_model", str(tmp_path))
    assert one.max_abs_difference < 1e-5
    (entry,) = json.loads((tmp_path / "export.json").read_text()).values()
    assert entry["checkpoint"] == newest
    assert entry["step"] == int(newest.rpartition("-")[2])
    assert others(tmp_path) == ["export.json", "saved_model"]


def test_a_checkpoint_that_is_deleted_while_it_is_linked_is_no_loss(
    experiment, tmp_path, monkeypatch
):
    first, link = paths.latest(experiment.model_dir), os.link

    def link_late(source, target):
        if source.startswith(f"{first}."):
            train_on(experiment)
        link(source, target)

    monkeypatch.setattr(os, "link", link_late)
    with snapshot.newest(experiment.model_dir, str(tmp_path)) as one:
        assert one.origin == paths.latest(experiment.model_dir) != first
        _, found = variables.inspect(experiment.model_dir, one.path)
        assert len(found) > 9
    assert not os.listdir(tmp_path)


def test_where_no_link_can_be_made_there_is_a_copy(experiment, tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with snapshot.newest(experiment.model_dir, str(tmp_path)) as one:
        train_on(experiment)
        assert paths.step_of(one.path) == int(one.origin.rpartition("-")[2])


def reads_saved_model(experiment, estimator, folder):
    return export.export(experiment, estimator, "saved_model", folder)


@pytest.mark.parametrize("reads", [predict.predict, reads_saved_model])
def test_the_log_and_a_mismatch_name_the_checkpoint_in_the_model_dir(
    experiment, tmp_path, caplog, reads
):
    newest = paths.latest(experiment.model_dir)
    with caplog.at_level("INFO", "tensorflow"):
        reads(experiment, experiments.build_estimator(experiment), str(tmp_path / "a"))
    lines = [line for line in caplog.messages if "Restoring parameters" in line]
    assert set(lines) == {f"Restoring parameters from {newest}"}
    other = dataclasses.replace(experiment, translate=True)
    with pytest.raises(errors.CheckpointMismatchError) as error:
        reads(other, experiments.build_estimator(other), str(tmp_path / "b"))
    assert error.value.path == newest and repr(newest) in str(error.value)
    assert "estimator_mnist-tmp" not in str(error.value)


@pytest.mark.parametrize("reads", [predict.predict, report.write])
def test_without_a_checkpoint_nothing_is_left_behind(reads, tmp_path):
    one = experiments.make(str(tmp_path / "new"), model="linear", dataset="digits")
    with pytest.raises(errors.ExperimentError, match="--mode=train"):
        reads(one, experiments.build_estimator(one), str(tmp_path / "out"))
    assert not os.listdir(tmp_path)
