"""--mode=export --format=onnx|pytorch: files that other libraries run."""

import importlib.util
import json
import os

import numpy as np
import pytest

from tests.fuzz import program


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("cnn"))
    net = ["--model=cnn", "--filters=4", "--dense_units=16", "--dataset=digits"]
    flags = ["--mode=train", "--max_steps=5", f"--model_dir={folder}"]
    assert program.run([*net, *flags]).code == 0
    return folder


def exported(model_dir, form, folder):
    flags = [f"--model_dir={model_dir}", f"--output_dir={folder}"]
    outcome = program.run(["--mode=export", f"--format={form}", *flags])
    assert outcome.code == 0, outcome
    return outcome.out, json.loads((folder / "export.json").read_text())


def test_an_onnx_file_predicts_what_the_estimator_does(model_dir, tmp_path):
    pytest.importorskip("tf2onnx")
    runtime = pytest.importorskip("onnxruntime")
    out, report = exported(model_dir, "onnx", tmp_path)
    assert report["model-5.onnx"]["max_abs_difference"] <= 1e-5
    assert report["model-5.onnx"]["images"] == 300 and ", opset 15)" in out
    session = runtime.InferenceSession(str(tmp_path / "model-5.onnx"))
    (given,), (result,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape) == ("images", ["batch", 28, 28])
    assert (result.name, result.shape) == ("probabilities", ["batch", 10])
    for batch in (1, 3):
        images = np.zeros([batch, 28, 28], np.float32)
        assert session.run(None, {"images": images})[0].shape == (batch, 10)


def test_a_module_is_compared_where_torch_is_there(model_dir, tmp_path):
    library = pytest.importorskip("safetensors")
    out, report = exported(model_dir, "pytorch", tmp_path)
    names = [
        os.path.join("pytorch", name) for name in ("model.safetensors", "model.py")
    ]
    assert list(report) == names
    for name in names:
        differs = report[name]["max_abs_difference"]
        compared = importlib.util.find_spec("torch") is not None
        assert (differs is not None) == compared and (differs or 0) <= 1e-5
        assert ("not compared with predict: torch, which" in out) != compared
    with library.safe_open(str(tmp_path / names[0]), framework="np") as file:
        assert file.metadata()["step"] == "5"
        assert file.get_slice("conv2d.weight").get_shape() == [4, 1, 5, 5]
