"""model_dirs written by TensorFlow 1.8, moved here from other machines."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tarfile
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training
from estimator_mnist.experiment import variables as variables_module
from estimator_mnist.modes import export, predict

FLAGS = {"linear": {}, "cnn": {"translate": True}}


class Old(NamedTuple):
    """A model_dir of TF 1.8, and what TF 1.8 said of it."""

    model: str
    path: str
    recorded: dict  # its evaluation, its variables
    predicted: dict  # of the first 100 test images


@pytest.fixture(
    scope="module", params=["linear", pytest.param("cnn", marks=pytest.mark.slow)]
)
def old(request, legacy_dir, tmp_path_factory):
    """A copy that nothing may change."""
    path = unpacked(request.param, legacy_dir, tmp_path_factory.mktemp("old"))
    before = contents(path)
    yield expected(request.param, legacy_dir, path)
    assert contents(path) == before


def unpacked(model, legacy_dir, folder):
    name = f"{model}_tf18"
    if (legacy_dir / name).is_dir():
        # Not copytree, which makes the copy as unwritable as the original may be.
        (folder / name).mkdir()
        for file in (legacy_dir / name).iterdir():
            shutil.copyfile(file, folder / name / file.name)
    else:
        with tarfile.open(legacy_dir / f"{name}.tar.xz") as archive:
            archive.extractall(folder, filter="data")
    return folder / name


def expected(model, legacy_dir, path):
    recorded = json.loads((legacy_dir / f"{model}_tf18_expected.json").read_text())
    with np.load(legacy_dir / f"{model}_tf18_expected.npz") as archive:
        return Old(model, str(path), recorded, dict(archive))


def copied(old, folder):
    """One more copy, as it was before any evaluation."""
    ignored = shutil.ignore_patterns("eval")
    return shutil.copytree(old.path, folder / "copy", ignore=ignored)


def contents(folder):
    """Names, sizes and times of what is in `folder`, less events and lock files."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "eval" not in path.parts and path.name[0] != "."
    }


def experiment_on(old, data_dir, path=None, **settings):
    return experiments.make(
        model_dir=path or old.path,
        model=old.model,
        dataset="mnist",
        data_dir=str(data_dir),
        **{**FLAGS[old.model], **settings},
    )


def test_evaluates_as_tensorflow_1_8_did(old, data_dir):
    experiment = experiment_on(old, data_dir)
    results = experiments.evaluate(experiment, experiments.build_estimator(experiment))
    assert results.keys() == old.recorded["result"].keys()
    for key, value in old.recorded["result"].items():
        assert results[key] == pytest.approx(value, abs=1e-4), key


def test_predicts_as_tensorflow_1_8_did(old, data_dir, tmp_path):
    experiment = experiment_on(old, data_dir)
    estimator = experiments.build_estimator(experiment)
    predict.predict(experiment, estimator, str(tmp_path), activations_limit=3)
    with np.load(tmp_path / "predictions.npz") as archive:
        for key in ("classes", "probabilities"):
            close(archive[key][:100], old.predicted[key])
    if old.model == "cnn":
        close(np.load(tmp_path / "activations.npy"), old.predicted["activations"])


def close(found, recorded):
    np.testing.assert_allclose(found, recorded, rtol=0, atol=1e-5)


def test_the_runtime_and_the_program_list_its_variables(old, data_dir):
    estimator = experiments.build_estimator(experiment_on(old, data_dir))
    assert estimator.get_variable_names() == old.recorded["variables"]
    path, variables = variables_module.inspect(old.path)
    assert os.path.dirname(path) == old.path
    assert [variable.name for variable in variables] == old.recorded["variables"]
    assert (
        sum(variable.trained for variable in variables)
        == {"linear": 2, "cnn": 6}[old.model]
    )


@pytest.mark.parametrize("form", ["keras", "saved_model"])
def test_exports_what_tensorflow_1_8_trained(form, old, data_dir, tmp_path):
    experiment = experiment_on(old, data_dir)
    estimator = experiments.build_estimator(experiment)
    (one,) = export.export(experiment, estimator, form, str(tmp_path))
    assert one.images == 1000 and one.max_abs_difference <= 1e-5
    assert one.accuracy == one.predict_accuracy > 0.9


def test_goes_on_learning_with_the_slots_and_the_step_it_had(old, data_dir, tmp_path):
    path = copied(old, tmp_path)
    experiment = experiment_on(old, data_dir, str(path))
    estimator = experiments.build_estimator(experiment)
    before = slots(estimator)
    trained = training.train(experiment, estimator, steps=3)
    step = old.recorded["result"]["global_step"]
    assert (trained.first, trained.last) == (step, step + 3)
    check_adam(before, slots(estimator))
    # Long enough for the slots of the CNN's dense kernel, which were left out when the
    # model_dir was packed, to fill again.
    training.train(experiment, estimator, steps=97)
    accuracy = experiments.evaluate(experiment, estimator)["accuracy"]
    assert accuracy > old.recorded["result"]["accuracy"] - 0.03


def slots(estimator):
    names = estimator.get_variable_names()
    kept = [name for name in names if name.endswith(("Adam", "Adam_1", "_power"))]
    return {name: estimator.get_variable_value(name) for name in kept}


def check_adam(before, after):
    """Three steps of Adam shrink its second moments by 0.999 each, and add squares."""
    assert before.keys() == after.keys()
    for name, value in before.items():
        if name.endswith("Adam_1"):
            assert (after[name] >= 0.999**3 * value * (1 - 1e-5)).all(), name
    if before:
        assert before["conv2d/kernel/Adam_1"].all()
        power = before["beta2_power"] * np.float32(0.999**3)
        assert after["beta2_power"] == pytest.approx(power, rel=1e-5)


MISMATCHES = {
    "another optimizer": (
        {"params": {"optimizer": "adam"}},
        ["optimizer was changed", "dense/kernel/Adam: model [784, 10]", "missing"],
    ),
    "40x40 for 28x28": (
        {"translate": True},
        ["inputs of another size", "model [1600, 10]", "checkpoint [784, 10]"],
    ),
}


@pytest.mark.parametrize("case", sorted(MISMATCHES))
def test_flags_that_do_not_fit_are_distinguished(case, old, data_dir, tmp_path):
    if old.model != "linear":
        pytest.skip("the linear model shows it")
    settings, words = MISMATCHES[case]
    path = copied(old, tmp_path)
    before = contents(path)
    experiment = experiment_on(old, data_dir, str(path), **settings)
    with pytest.raises(tf_estimator.CheckpointMismatchError) as caught:
        training.train(experiment, experiments.build_estimator(experiment), steps=1)
    for word in [*words, "Three ways on", "warm_start_from", "new model_dir"]:
        assert word in str(caught.value)
    assert contents(path) == before


def test_a_renamed_layer_is_distinguished(old):
    def model_fn(features, labels, mode):
        del labels
        logits = tf.compat.v1.get_variable("logits/kernel", [784, 10])
        tf.compat.v1.get_variable("logits/bias", [10])
        return tf_estimator.EstimatorSpec(mode, {"y": features @ logits})

    if old.model != "linear":
        pytest.skip("the linear model shows it")
    estimator = tf_estimator.Estimator(model_fn, old.path)
    with pytest.raises(
        tf_estimator.CheckpointMismatchError, match="dense is now logits"
    ):
        next(estimator.predict(lambda: tf.data.Dataset.from_tensors(tf.ones([1, 784]))))


# What a program of several commands prints, in one process to import TensorFlow once.
COMMANDS = """
import sys
from estimator_mnist import main
for command in sys.argv[1:]:
    try:
        main.main(*main.parsed(["main", *command.split("\\n")]))
    except SystemExit as end:
        print("exit code", end.code)
"""


def test_the_program_leaves_a_read_only_directory_alone(old, data_dir, tmp_path):
    if old.model != "linear":
        pytest.skip("the linear model shows it")
    path = copied(old, tmp_path)
    before = contents(path)
    path.chmod(0o555)
    flags = [f"--model_dir={path}", "--dataset=mnist", f"--data_dir={data_dir}"]
    out = f"--output_dir={tmp_path / 'out'}"
    commands = [
        ["--mode=evaluate"],
        ["--mode=inspect"],
        ["--mode=predict", out],
        ["--mode=export", "--format=keras", out],
        ["--mode=evaluate", "--translate"],
        ["--mode=predict"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, *("\n".join([*flags, *c]) for c in commands)],
        capture_output=True,
        text=True,
        preexec_fn=without_override,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Accuracy 0.9228, loss 0.2798 on 10000 test images" in done.stdout
    assert f"{path / 'eval'} cannot be written to" in done.stderr
    assert "3 variables, 7,850 parameters." in done.stdout
    assert "probabilities   [10000, 10]" in done.stdout
    assert "Exported" in done.stdout
    assert done.stdout.endswith("exit code 1\n") and "--output_dir" in done.stderr
    assert "The flag to match: --notranslate" in done.stderr
    assert "Traceback" not in done.stderr
    path.chmod(0o755)
    assert contents(path) == before and not (path / "eval").exists()


def without_override():
    """Has Linux refuse root what the file modes refuse: drops CAP_DAC_OVERRIDE."""
    drop_from_bounding_set, dac_override = (
        24,
        1,
    )  # <linux/prctl.h>, <linux/capability.h>
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0)
