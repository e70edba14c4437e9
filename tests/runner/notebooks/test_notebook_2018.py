"""The notebook of 2018, rebuilt from its printout, runs whole."""

import ast
import re
import shutil
import subprocess
import sys

import pytest

from tests.runner.notebooks import printout

PRINTOUT = "004_estimator_linear_mlp_cnn.txt"
PICTURES = ("cell08", "cell10", "cell13", "cell19", "cell32")
LINEAR = ["dense/bias", "dense/kernel", "global_step"]
FEWER_STEPS = {
    "steps=10000": "steps=60",
    "steps=1000": "steps=150",
    "steps=100": "steps=12",
}
MODEL_DIRS = (
    "mnist_linear_classifier",
    "mnist_linear_classifier_translated",
    "mnist_mlp_classifier",
    "mnist_convnet_model_cnn",
)


@pytest.fixture
def cells(seeds_dir):
    return printout.code_cells((seeds_dir / PRINTOUT).read_text("utf-8"))


def shortened(cell, folder):
    """The cell with fewer steps and test images, smaller figures, and without /tmp."""
    steps = re.compile("steps=10+")
    cell = steps.sub(lambda found: FEWER_STEPS[found[0]], cell)
    cell = cell.replace("mnist.test.images #", "mnist.test.images[:1000] #")
    cell = re.sub(r"mnist\.test\.labels(?=, dtype)", "mnist.test.labels[:1000]", cell)
    cell = cell.replace("figsize=[50,20]", "figsize=[15,6]")
    return cell.replace('"/tmp/', f'"{folder}/')


def with_slots(*names):
    slots = [name + slot for name in names for slot in ("", "/Adam", "/Adam_1")]
    return sorted(["beta1_power", "beta2_power", "global_step", *slots])


def outputs(text):
    """Accuracies, and lists of variables with the numbers printed before them."""
    accuracies = [float(found) for found in re.findall(r"Accuracy :  ([\d.]+) %", text)]
    lists = [ast.literal_eval(found) for found in re.findall(r"(\['.*\])", text, re.M)]
    counts = re.findall(r"model has  (\d+)  variables\.\n", text)
    return accuracies, lists, [int(count) for count in counts]


def check_variables(text):
    _, lists, counts = outputs(text)
    assert counts == [3, 3, 15, 21]
    layers = ["dense/bias", "dense/kernel", "dense_1/bias", "dense_1/kernel"]
    mlp, cnn = with_slots(*layers), with_slots("conv2d/bias", "conv2d/kernel", *layers)
    assert lists == [LINEAR, LINEAR, mlp, cnn]


def check_pictures(folder):
    import matplotlib.image

    assert sorted(path.stem for path in folder.iterdir()) == sorted(PICTURES)
    for name in PICTURES:
        pixels = matplotlib.image.imread(folder / f"{name}.png")[..., :3]
        assert pixels.shape[0] > 500
        # Digits and weights are drawn in grey, on white.
        assert pixels.max() == 1
        assert pixels.min() < 0.1
        assert 0.2 < pixels.mean() < 0.99


def test_a_shortened_run_gives_all_outputs(cells, data_dir, run, tmp_path):
    cells = [shortened(cell, tmp_path) for cell in cells]
    notebook = printout.write_notebook(tmp_path / "week1.ipynb", cells)
    outcome = run(tmp_path, f"--data_dir={data_dir}", notebook)
    assert outcome.code == 0, outcome.err
    accuracies, *_ = outputs(outcome.out)
    assert accuracies[0] > 80
    assert accuracies[1] > 20
    assert all(0 < accuracy < 100 for accuracy in accuracies[2:])
    check_variables(outcome.out)
    check_pictures(tmp_path / "week1_figures")
    trained = re.findall(r"Out\[(\d+)\]: <.*Estimator object", outcome.out)
    assert trained == ["5", "16", "22", "27"]
    assert re.search(r"INFO:tensorflow:loss = [\d.]+, step = 1\n", outcome.err)
    assert "INFO:tensorflow:Loss for final step: " in outcome.err
    assert "INFO:tensorflow:Saving dict for global step 12: accuracy = " in outcome.err


@pytest.mark.slow
def test_the_unedited_notebook_reaches_its_accuracies(cells, data_dir, tmp_path):
    folders = [f"/tmp/{name}" for name in MODEL_DIRS]
    notebook = printout.write_notebook(tmp_path / "week1.ipynb", cells)
    command = [sys.executable, "-m", "estimator_mnist.run", f"--data_dir={data_dir}"]
    try:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        done = subprocess.run(
            [*command, notebook], capture_output=True, text=True, check=False
        )
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    linear, translated, mlp, cnn = outputs(done.stdout)[0]
    # The steps of one run of each cell; the printout is of several runs.
    assert linear > 90
    assert translated > 30
    assert mlp > 80
    assert cnn > 40
    check_variables(done.stdout)
    check_pictures(tmp_path / "week1_figures")
