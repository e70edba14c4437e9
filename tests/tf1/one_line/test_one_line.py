"""Old programs run with `estimator_mnist.tf1` for `tensorflow` in their imports."""

import os
import pathlib
import re
import shutil

import numpy as np
import pytest

from estimator_mnist.tf1.mnist import DATA_DIR_VARIABLE
from tests import children
from tests.runner import pairs

PROGRAMS = pairs.PROGRAM.parents[1]
ARGUMENTS = {
    "cnn_mnist": ["--model_dir=run", "--steps=101", "--batch_size=50"],
    "mnist_softmax": ["--data_dir=MNIST_data"],
    "dataset_export": ["--model_dir=run", "--train_steps=20"],
    "hooks": ["--target=0.4", "--model_dir=run"],
    "export_and_predict": ["--model_dir=run"],
}
# What only the runner does for them, and what they end with without it.
RUNNER = {
    "contrib/contrib_2016": "cannot import name 'Iterable' from 'collections'",
    "contrib/contrib_translation": "The flag 'log_dir' is defined twice",
    "kinds/python_2": "TabError",
    "kinds/standalone_keras": "No module named 'keras.",
    "kinds/inner_names": "There is no tf.python here",
}
if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
    RUNNER["contrib_layers"] = "module 'numpy' has no attribute 'product'"
QUICK = {"contrib/contrib_opt", "contrib/contrib_slim", "tutorials/iris_2017"}
# Of TensorFlow 2, with eager execution; census and housing read what they download.
OTHERS = {
    "eager/loop_2020",
    "eager/tape_2021",
    "tutorials/iris_data",
    "tutorials/census_2018",
    "tutorials/housing_2019",
}
NAMES = sorted(
    name
    for folder in (".", "canned", "contrib", "eager", "kinds", "tutorials")
    for name in (
        str(path.relative_to(PROGRAMS).with_suffix(""))
        for path in (PROGRAMS / folder).glob("*.py")
    )
    if name not in OTHERS
)
_AS = re.compile(r"^(\s*)import tensorflow(?:\.compat\.v1)? as (\w+)", re.MULTILINE)
_BELOW = re.compile(r"^(\s*)(from|import) tensorflow\b", re.MULTILINE)


def edited(source):
    """Returns a program with the imports that docs/script.md says."""
    source = _AS.sub(r"\1from estimator_mnist import tf1 as \2", source)
    return _BELOW.sub(r"\1\2 estimator_mnist.tf1", source)


@pytest.fixture
def run_edited(fork_server, small_mnist, tmp_path):
    """Runs one of PROGRAMS, edited, as `python FILE` does."""

    def run_it(name, *args):
        shutil.copytree((PROGRAMS / name).parent, tmp_path / "program")
        for path in (tmp_path / "program").rglob("*.py"):
            path.write_text(edited(path.read_text()))
        file = tmp_path / "program" / f"{pathlib.Path(name).name}.py"
        environment = {**os.environ, DATA_DIR_VARIABLE: str(small_mnist)}
        (tmp_path / "outputs").mkdir()
        return children.run(
            fork_server,
            "file",
            [file, *args],
            tmp_path,
            tmp_path / "outputs",
            environment,
        )

    return run_it


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name in NAMES
    ],
)
def test_a_program_whose_import_is_changed_runs(name, run_edited):
    logs = [] if name.startswith(("tutorials", "canned")) else ["logs"]
    outcome = run_edited(name, *ARGUMENTS.get(name, logs))
    if name in RUNNER:
        assert outcome.code == 1 and RUNNER[name] in outcome.err
    else:
        assert outcome.code == 0, outcome.err


@pytest.mark.slow
def test_a_program_of_berts_shape_trains_too(run_edited, tmp_path):
    pairs.write(tmp_path / "data")
    argv = pairs.arguments(tmp_path / "data", tmp_path / "output", "--do_train")
    outcome = run_edited("bert/run_pairs", *argv)
    assert outcome.code == 0, outcome.err
    assert len(pairs.losses(tmp_path / "output")) > 1
