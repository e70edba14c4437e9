"""A model_dir whose files are edited, damaged, or no files, is refused in one line."""

import pathlib
import shutil
import tempfile

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.fuzz import program, values

SETTINGS = hypothesis.settings(
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
# What reads a model_dir; train would go on by two steps.
COMMANDS = {
    "doctor": ["--mode=doctor"],
    "inspect": ["--mode=inspect"],
    "evaluate": ["--mode=evaluate"],
    "predict": ["--mode=predict"],
    "train": ["--mode=train", "--max_steps=6"],
    "early stopping": ["--mode=train", "--max_steps=6", "--early_stop_patience=9"],
}
JSON = [
    "experiment.json",
    "early_stopping.json",
    "trainer.json",
    "model.ckpt-4.manifest.json",
    "predictions/.estimator_mnist.json",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model_dir with all that a training, an evaluation and predict leave."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    common = [f"--model_dir={folder}", "--dataset=digits", "--model=linear"]
    training = ["--mode=train", "--max_steps=4", "--eval_steps_interval=2"]
    for flags in (training, ["--mode=evaluate"], ["--mode=predict"]):
        outcome = program.run([*common, *flags])
        assert outcome.code == 0, outcome.err
    owner = '{"pid": 1, "host": "here", "started": "2026-01-01"}'
    (folder / "trainer.json").write_text(owner)
    return folder


def check(trained, name, what, command):
    """Puts `what` in the place of a file, and holds a command to the rule."""
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent) / "run"
        shutil.copytree(trained, folder, symlinks=True)
        values.put(folder / name, what)
        before = program.tree(folder)
        outcome = program.run([f"--model_dir={folder}", *COMMANDS[command]])
        wrong = program.complaint(outcome, is_doctor=command == "doctor")
        if not wrong and outcome.code and program.tree(folder) != before:
            wrong = "something was changed by what was refused"
        assert wrong is None, f"{wrong}\n{outcome.out[-3000:]}{outcome.err[-3000:]}"
        return outcome


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", JSON)
def test_a_file_that_is_no_json(trained, name, command):
    for what in [*values.CONTENTS.values(), *values.THINGS]:
        check(trained, name, what, command)
