"""What docs/serving.md serves answers alike, whichever way it is served."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.data import datasets
from tests.fuzz import program
from tests.pages import serving

FOLDER = "runs/linear-digits"
EXPORT = ["--mode=export", f"--model_dir={FOLDER}"]
COMMANDS = (
    ["--model=linear", "--dataset=digits", "--max_steps=300"],
    EXPORT,
    [*EXPORT, "--format=tflite"],
)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_a_served_model_answers_as_its_lite_rt_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for flags in COMMANDS:
        outcome = program.run(flags)
        assert outcome.code == 0, outcome
    images = (datasets.load("digits").test.images[:2] / 255).round(4)
    exports = tmp_path / FOLDER / "export"
    served = serving.Model(exports / "saved_model").answers(images.tolist())
    interpreter = tf.lite.Interpreter(str(exports / "model-300.tflite"))
    classify = interpreter.get_signature_runner()
    lite = classify(images=images.astype(np.float32))["probabilities"]
    assert len(served) == len(lite) == 2
    for row, probabilities in zip(served, lite, strict=True):
        assert set(row) == {"classes", "probabilities"}
        assert row["classes"] == probabilities.argmax()
        np.testing.assert_allclose(row["probabilities"], probabilities, atol=1e-3)
