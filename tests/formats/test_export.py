"""--mode=export: each format of each model is loaded back and predicts the same."""

import dataclasses
import itertools
import json
import os
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors, formats, main, output_folder
from estimator_mnist.estimator.checkpoint import paths, snapshot
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training
from estimator_mnist.formats import export
from estimator_mnist.formats.page import javascript
from estimator_mnist.models import catalog
from estimator_mnist.modes import export as export_mode

SMALL = {
    "linear": {},
    "mlp": {"hidden_units": 16},
    "cnn": {"filters": 4, "kernel_size": 3, "dense_units": 16},
}
NAMES = {
    "saved_model": ["saved_model"],
    "keras": ["model-20.keras"],
    "tflite": ["model-20.tflite", "model-20-int8.tflite"],
    "html": ["model-20.html"],
}
# Of probabilities; int8 files and pages are rounded.
TOLERANCES = {"saved_model": 1e-5, "keras": 1e-5, "tflite": 1e-5, "html": 2e-3}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(Experiment, its Estimator) by model; MLP and CNN on translated images."""
    runs = {}
    for model, params in SMALL.items():
        experiment = experiments.make(
            model_dir=str(tmp_path_factory.mktemp(model)),
            model=model,
            dataset="digits",
            translate=model != "linear",
            params={**params, "learning_rate": 0.01},
        )
        runs[model] = experiment, experiments.build_estimator(experiment)
        training.train(*runs[model], steps=20)
    return runs


def cases(others, with_page):
    """Returns each form with each of `others`; pages with one of them by default."""
    compared = pytest.mark.skipif(
        javascript.loader() is None, reason="neither node nor Chromium is on PATH"
    )

    def marks(form, other):
        slow = [pytest.mark.slow] if other != with_page else []
        return [compared, *slow] if form == "html" else []

    return [
        pytest.param(form, other, marks=marks(form, other))
        for form, other in itertools.product(sorted(NAMES), others)
    ]


@pytest.mark.parametrize(("form", "model"), cases(SMALL, "cnn"))
def test_an_export_predicts_what_the_estimator_does(model, form, trained, tmp_path):
    experiment, estimator = trained[model]
    before = sorted(os.listdir(experiment.model_dir))
    exports = export_mode.export(experiment, estimator, form, str(tmp_path))
    report = json.loads((tmp_path / export.REPORT).read_text())
    names = [os.path.relpath(one.path, tmp_path) for one in exports]
    assert list(report) == names
    assert [name.split(os.sep)[0] for name in names] == NAMES[form]
    assert sorted(os.listdir(tmp_path)) == sorted(
        [*NAMES[form], export.REPORT, output_folder.LIST]
    )
    for path, one in zip(names, exports, strict=True):
        rounded = "int8" in path
        assert one.images == 300 and one.size > 1000
        assert one.max_abs_difference <= (0.1 if rounded else TOLERANCES[form])
        assert abs(one.accuracy - one.predict_accuracy) <= (0.05 if rounded else 0.01)
        assert report[path]["max_abs_difference"] == one.max_abs_difference
        assert report[path]["step"] == 20
    assert sorted(os.listdir(experiment.model_dir)) == before


def test_accuracy_is_that_of_the_evaluation(trained, tmp_path):
    experiment, estimator = trained["linear"]
    (one,) = export_mode.export(experiment, estimator, "keras", str(tmp_path))
    evaluated = experiments.evaluate(experiment, estimator)["accuracy"]
    assert one.accuracy == one.predict_accuracy == pytest.approx(evaluated, abs=1e-6)


def test_a_keras_file_has_standard_layers_named_as_the_variables(trained, tmp_path):
    (one,) = export_mode.export(*trained["cnn"], "keras", str(tmp_path))
    with zipfile.ZipFile(one.path) as archive:
        config = json.loads(archive.read("config.json"))
    layers = config["config"]["layers"]
    assert {layer["module"] for layer in layers} == {"keras.layers"}
    assert [layer["config"]["name"] for layer in layers] == [
        "images",
        "channel",
        "conv2d",
        "max_pooling2d",
        "flatten",
        "dense",
        "dropout",
        "dense_1",
        "probabilities",
    ]


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_an_int8_file_computes_in_integers_and_takes_pixels(trained, tmp_path):
    _, one = export_mode.export(*trained["cnn"], "tflite", str(tmp_path))
    interpreter = tf.lite.Interpreter(one.path)
    dtypes = {details["dtype"] for details in interpreter.get_tensor_details()}
    assert not any(np.issubdtype(dtype, np.floating) for dtype in dtypes)
    (given,) = interpreter.get_input_details()
    scale, zero = given["quantization"]
    assert given["dtype"] == np.uint8 and zero == 0
    assert scale == pytest.approx(1 / 255)
    signature = interpreter.get_signature_list()["serving_default"]
    assert signature == {"inputs": ["images"], "outputs": ["probabilities"]}


def test_saved_models_stand_side_by_side_the_newest_last(trained, tmp_path):
    folder = str(tmp_path)
    for _ in range(2):
        export_mode.export(*trained["linear"], "saved_model", folder)
    versions = sorted(os.listdir(tmp_path / "saved_model"), key=int)
    report = json.loads((tmp_path / export.REPORT).read_text())
    assert len(versions) == 2
    assert list(report) == [f"saved_model/{version}" for version in versions]


@pytest.mark.parametrize("text", ["{", "[]", '{"model-1.keras": {}}'])
def test_the_report_lists_the_exports_that_exist(text, trained, tmp_path):
    experiment, estimator = trained["linear"]
    experiment = dataclasses.replace(experiment, model_dir=str(tmp_path / "run"))
    shutil.copytree(trained["linear"][0].model_dir, experiment.model_dir)
    folder = tmp_path / "run" / "export"
    folder.mkdir()
    (folder / export.REPORT).write_text(text)  # of a version that kept no list
    export_mode.export(experiment, estimator, "keras", str(folder))
    assert list(json.loads((folder / export.REPORT).read_text())) == NAMES["keras"]


def test_a_page_that_nothing_can_run_is_kept_and_not_compared(
    trained, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATH", str(tmp_path))
    command = ["main", "--mode=export", "--format=html", f"--output_dir={tmp_path}"]
    model_dir = trained["linear"][0].model_dir
    main.main(*main.parsed([*command, f"--model_dir={model_dir}", "--dataset=digits"]))
    assert "not compared with predict: neither node nor" in capsys.readouterr().out
    (one,) = json.loads((tmp_path / export.REPORT).read_text()).values()
    assert one["accuracy"] is None and one["size"] > 10000


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(catalog.MODELS))
def test_a_page_of_every_model_predicts_what_the_estimator_does(
    model, tmp_path, data_dir
):
    experiment = experiments.make(
        model_dir=str(tmp_path / "run"),
        model=model,
        dataset="mnist",
        data_dir=str(data_dir),
        translate=model == "cnn",
        params={"learning_rate": 0.001},
    )
    estimator = experiments.build_estimator(experiment)
    training.train(experiment, estimator, steps=60)
    (one,) = export_mode.export(experiment, estimator, "html", str(tmp_path / "page"))
    assert one.images == 1000
    if model == "cnn":  # in integers
        assert one.size < 20e6 and abs(one.accuracy - one.predict_accuracy) < 0.01
    else:
        assert one.max_abs_difference <= 2e-3 and one.size < 5e6
        assert one.accuracy == one.predict_accuracy


class Unfaithful:
    """An Estimator whose predictions are not those of its checkpoint."""

    def __init__(self, estimator):
        self._estimator = estimator

    def predict(self, *args, **kwargs):
        for batch in self._estimator.predict(*args, **kwargs):
            yield {"probabilities": self.other(batch["probabilities"])}

    def export_saved_model(self, *args, **kwargs):
        return self._estimator.export_saved_model(*args, **kwargs)


class Off(Unfaithful):
    other = staticmethod(lambda probabilities: probabilities + 1e-2)


class Lost(Unfaithful):
    other = staticmethod(lambda probabilities: probabilities * np.nan)


@pytest.mark.parametrize(("form", "unfaithful"), cases([Off, Lost], Off))
def test_an_export_that_predicts_something_else_leaves_nothing(
    form, unfaithful, trained, tmp_path
):
    path = paths.latest(trained["linear"][0].model_dir)
    source = export_mode.export_source(
        *trained["linear"], snapshot.Snapshot(path, path)
    )
    source = source._replace(estimator=unfaithful(source.estimator))
    with pytest.raises(errors.ExportError, match="is not exported.*differ"):
        export.export(form, source, output_folder.OutputFolder(str(tmp_path / "new")))
    assert not os.listdir(tmp_path)


def test_without_a_checkpoint_there_is_nothing_to_export(tmp_path):
    experiment = experiments.make(model_dir=str(tmp_path / "new"), dataset="digits")
    estimator = experiments.build_estimator(experiment)
    with pytest.raises(errors.ExperimentError, match="--mode=train"):
        export_mode.export(experiment, estimator, "keras", str(tmp_path / "out"))
    assert not os.listdir(tmp_path)


def test_every_format_has_a_writer_and_naming_them_imports_no_tensorflow():
    assert tuple(export.WRITERS) == formats.FORMATS
    names = (
        "formats.FORMATS, datasets.NAMES, datasets.SPLITS, statistics.NORMALIZATIONS"
    )
    program = (
        "import sys; from estimator_mnist import formats; "
        f"from estimator_mnist.data import datasets, statistics; {names}; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
