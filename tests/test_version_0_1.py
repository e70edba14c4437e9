"""What version 0.1 has written is read, resumed and served as it was there.

Its code comes from the repository's history, and runs in a process of its own.
"""

import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import event_files
from estimator_mnist.tf1.contrib import predictor

COMMIT = "2ed6b964634e"  # the last one of version 0.1
ROOT = pathlib.Path(__file__).resolve().parents[1]
MIDDLE, END = 10, 20
IMAGES = np.linspace(0, 1, 3 * 28 * 28, dtype=np.float32).reshape(3, 28, 28)

TRAIN = ["--model=linear", "--dataset=digits", "--eval_steps_interval=5", "--seed=7"]
SWEEP = ["--mode=sweep", "--model=linear", "--dataset=digits", "--max_steps=3"]
SWEEP += ["--grid=learning_rate=0.1,0.2", "--model_dir=sweep"]
# Several commands in one process, to import TensorFlow once; then the export is run.
OLD_PROGRAM = """
import glob
import sys
import numpy as np
from estimator_mnist import main
from estimator_mnist.tf1.contrib import predictor
for command in sys.argv[1:]:
    main.FLAGS.unparse_flags()
    for name in main.FLAGS:
        main.FLAGS[name].unparse()
    main.FLAGS(["main", *command.split("\\n")])
    main.main(["main"])
(export,) = glob.glob("export/saved_model/*")
predict = predictor.from_saved_model(export)
np.savez("exported.npz", **predict({"x": np.load("images.npy")}))
"""


def old_code(folder):
    """Unpacks version 0.1 to `folder`; skips the test where that is not possible."""
    command = ["git", "-C", str(ROOT), "archive", COMMIT, "estimator_mnist"]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"version 0.1 needs git and the commit {COMMIT}: {error}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def run(code, cwd, *arguments):
    """Runs Python with the package of the folder `code`; returns what it prints."""
    # Coverage of the package is this checkout's; it would count the old code as well.
    env = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**env, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with what version 0.1 has written."""
    code, folder = tmp_path_factory.mktemp("code"), tmp_path_factory.mktemp("written")
    old_code(code)
    np.save(folder / "images.npy", IMAGES)
    commands = [
        ["--mode=train", "--model_dir=run", f"--max_steps={MIDDLE}", *TRAIN],
        ["--mode=train", "--model_dir=whole", f"--max_steps={END}", *TRAIN],
        ["--mode=export", "--model_dir=run", "--output_dir=export"],
        SWEEP,
    ]
    run(code, folder, "-c", OLD_PROGRAM, *("\n".join(one) for one in commands))
    return folder


@pytest.fixture
def folder(written, tmp_path):
    """A copy of it, to be changed."""
    shutil.copytree(written, tmp_path / "copy")
    return tmp_path / "copy"


def main(folder, *flags):
    return run(ROOT, folder, "-m", "estimator_mnist.main", *flags)


def variables(model_dir, step):
    reader = tf.train.load_checkpoint(str(model_dir / f"model.ckpt-{step}"))
    names = reader.get_variable_to_dtype_map()
    return {name: reader.get_tensor(name) for name in names}


def state(model_dir):
    """early_stopping.json without the time, which differs."""
    content = json.loads((model_dir / "early_stopping.json").read_text())
    assert content.pop("seconds") > 0
    return content


def evaluations(model_dir):
    """{(global step, tag): value} of the validation images."""
    return {
        (step, value.tag): value.simple_value
        for step, summary in event_files.summaries(str(model_dir / "eval_validation"))
        for value in summary.value
        if value.HasField("simple_value")
    }


def test_a_run_goes_on_as_it_would_have(folder):
    main(folder, "--mode=train", "--model_dir=run", f"--max_steps={END}", *TRAIN)
    resumed, whole = variables(folder / "run", END), variables(folder / "whole", END)
    assert resumed.keys() == whole.keys() and resumed["global_step"] == END
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name], value, err_msg=name)
    assert state(folder / "run") == state(folder / "whole")
    assert evaluations(folder / "run").items() >= evaluations(folder / "whole").items()
    check_records(folder / "run", folder / "whole")


def check_records(resumed, whole):
    new, old = (
        json.loads((model_dir / "experiment.json").read_text())
        for model_dir in (resumed, whole)
    )
    (old_run,) = old.pop("runs")
    runs = new.pop("runs")
    assert new == old
    assert [one.keys() for one in runs] == [old_run.keys()] * 2
    assert [one["from_step"] for one in runs] == [0, MIDDLE]


def test_a_sweep_finds_its_runs(folder):
    assert main(folder, *SWEEP, "--verbosity=1").count("(as before)") == 2


def test_an_export_serves_the_same_numbers(written):
    (export,) = (written / "export" / "saved_model").iterdir()
    served = predictor.from_saved_model(str(export))({"x": IMAGES})
    with np.load(written / "exported.npz") as expected:
        assert sorted(served) == sorted(expected)
        for key in expected:
            np.testing.assert_array_equal(served[key], expected[key], err_msg=key)
