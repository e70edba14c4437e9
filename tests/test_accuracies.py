"""What the flagfiles reach on the real test images, at least; hours on two cores."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flagfile", "more", "least"),
    [
        ("linear", [], 0.920),
        ("linear_translated", [], 0.370),
        ("mlp_translated", [], 0.957),
        ("cnn_translated", [], 0.9636),
        ("cnn_normalized", [], 0.985),
        ("cnn_fast", [], 0.965),
        ("cnn_deep", [], 0.990),
        ("dense", [], 0.975),
        ("cnn_same", [], 0.988),
        ("lenet5", [], 0.985),
        ("lenet5_softmax", [], 0.985),
        ("fashion", ["--max_steps=5157"], 0.88),
        ("fashion", [], 0.905),
    ],
)
def test_a_flagfile_reaches(flagfile, more, least, data_dir, tmp_path):
    dataset = "fashion_mnist" if flagfile == "fashion" else "mnist"
    command = [sys.executable, "-m", "estimator_mnist.main"]
    command += [f"--flagfile={ROOT / 'flags' / flagfile}.flags", f"--dataset={dataset}"]
    command += [f"--data_dir={data_dir}", f"--model_dir={tmp_path / 'run'}", *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=True
    )
    line = re.search(r"Accuracy ([\d.]+), .* 10000 test images.*", run.stdout)
    print(f"\n{flagfile} {' '.join(more)}: {line.group()}")
    assert float(line.group(1)) >= least
