"""model_dirs written by TensorFlow 1.8, moved here from other machines."""

import json
import shutil
import tarfile

import numpy as np
import pytest

from estimator_mnist import experiment


@pytest.fixture(params=["linear", pytest.param("cnn", marks=pytest.mark.slow)])
def old(request, legacy_dir, data_dir, tmp_path):
    """(Experiment on a copy of the model_dir, what TF 1.8 recorded of it)."""
    name, model = f"{request.param}_tf18", request.param
    if (legacy_dir / name).is_dir():
        shutil.copytree(legacy_dir / name, tmp_path / name)
        (tmp_path / name).chmod(0o755)
    else:
        with tarfile.open(legacy_dir / f"{name}.tar.xz") as archive:
            archive.extractall(tmp_path, filter="data")
    chosen = experiment.make(
        model_dir=str(tmp_path / name),
        model=model,
        dataset="mnist",
        data_dir=str(data_dir),
        translate=model == "cnn",
    )
    recorded = json.loads((legacy_dir / f"{name}_expected.json").read_text())
    return chosen, recorded, np.load(legacy_dir / f"{name}_expected.npz")


def test_evaluates_and_predicts_as_tensorflow_1_8_did(old, tmp_path):
    chosen, recorded, expected = old
    runner = experiment.build_estimator(chosen)
    assert runner.get_variable_names() == recorded["variables"]
    results = experiment.evaluate(chosen, runner)
    for key, value in recorded["result"].items():
        assert results[key] == pytest.approx(value, abs=1e-4), key

    experiment.predict(chosen, runner, str(tmp_path / "out"), activations_limit=3)
    with np.load(tmp_path / "out" / "predictions.npz") as archive:
        for key in ("classes", "probabilities"):
            np.testing.assert_allclose(archive[key][:100], expected[key], atol=1e-5)
    if chosen.model == "cnn":
        activations = np.load(tmp_path / "out" / "activations.npy")
        np.testing.assert_allclose(activations, expected["activations"], atol=1e-5)


def test_goes_on_learning_from_the_step_it_had(old):
    chosen, recorded, _ = old
    runner = experiment.build_estimator(chosen)
    training = experiment.train(chosen, runner, steps=3)
    step = recorded["result"]["global_step"]
    assert (training.first, training.last) == (step, step + 3)
    assert experiment.evaluate(chosen, runner)["accuracy"] > 0.9
