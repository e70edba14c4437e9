"""What examples/ shows runs as it shows it."""

import os
import pathlib
import re
import runpy
import sys

import nbformat
import pytest
import tensorflow as tf

ROOT = pathlib.Path(__file__).parents[1]
NOTEBOOK = ROOT / "examples" / "tutorial.ipynb"
MNIST = os.environ.get("ESTIMATOR_MNIST_TEST_DATA")
DIGITS = "DATASET, DATA_DIR, RUNS = 'digits', None, 'runs'\n"
FEW = "LINEAR_STEPS, MLP_STEPS, CNN_STEPS = 200, 100, 60"
ENOUGH = "LINEAR_STEPS, MLP_STEPS, CNN_STEPS = 1000, 1000, 200"


@pytest.fixture
def verbosity():
    """Puts TensorFlow's log level back."""
    level = tf.get_logger().level
    yield
    tf.compat.v1.logging.set_verbosity(level)


def test_housing_learns_and_draws_its_errors(monkeypatch, capsys, tmp_path, verbosity):
    figure = tmp_path / "housing.png"
    flags = ["--periods=2", f"--figure={figure}", f"--model_dir={tmp_path}/model"]
    monkeypatch.setattr(sys, "argv", ["housing.py", *flags])
    runpy.run_path(str(ROOT / "examples" / "housing.py"), run_name="__main__")
    printed = capsys.readouterr().out
    errors = [float(error) for error in re.findall(r"period \d\d : (\S+)", printed)]
    assert errors[1] < errors[0]
    assert "RMSE on validation data: " in printed
    assert figure.stat().st_size > 5000


@pytest.fixture
def notebook():
    return nbformat.read(NOTEBOOK, nbformat.NO_CONVERT)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_tutorial_is_kept_without_outputs(notebook):
    nbformat.validate(notebook)
    for cell in code_of(notebook):
        assert not cell.outputs and cell.execution_count is None, cell.source


def executed(notebook, parameters, folder):
    """Returns what the cells print, after running them with these parameters."""
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    (cell,) = (
        c for c in code_of(notebook) if "parameters" in c.metadata.get("tags", [])
    )
    cell.source = parameters
    place = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=900, resources=place).execute()
    nbformat.write(notebook, folder / "executed.ipynb")
    outputs = [output for cell in code_of(notebook) for output in cell.outputs]
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.slow
def test_the_tutorial_tells_its_story_on_the_embedded_digits(notebook, tmp_path):
    printed = executed(notebook, DIGITS + FEW, tmp_path)
    shares = [float(share) for share in re.findall(r"([\d.]+)% of the test", printed)]
    linear, moved, *_ = shares
    assert linear > 85 and moved < 60 and len(shares) == 5
    assert "trained from step 30 to 60" in printed
    assert "probabilities differ by at most" in printed


@pytest.mark.slow
@pytest.mark.skipif(not MNIST, reason="no folder with MNIST: ESTIMATOR_MNIST_TEST_DATA")
def test_on_mnist_the_convolution_does_not_mind_that_digits_move(notebook, tmp_path):
    folder = f"DATASET, DATA_DIR, RUNS = 'mnist', {MNIST!r}, 'runs'\n"
    printed = executed(notebook, folder + ENOUGH, tmp_path)
    shares = [float(share) for share in re.findall(r"([\d.]+)% of the test", printed)]
    linear, moved, *_, cnn = shares
    assert linear > 88 and moved < 50 and cnn > 75
