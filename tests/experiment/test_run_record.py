"""experiment.json: what it keeps, and when it is written."""

import json

import pytest

from estimator_mnist import errors
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import run_record, training


def make(folder, **settings):
    return experiments.make(model_dir=str(folder), dataset="digits", **settings)


def train(experiment, steps):
    return training.train(
        experiment, experiments.build_estimator(experiment), steps=steps
    )


def test_flags_that_the_checkpoint_refuses_are_not_recorded(tmp_path):
    train(make(tmp_path, model="linear"), 2)
    (tmp_path / run_record.FILE_NAME).unlink()
    with pytest.raises(errors.CheckpointMismatchError):
        train(make(tmp_path, model="mlp"), 2)
    assert train(make(tmp_path, model="linear"), 2).last == 4


def test_a_run_that_did_not_end_is_on_record(tmp_path):
    experiment = make(tmp_path, model="linear")
    run_record.begin_run(str(tmp_path), experiment.settings, None, "ours", 0)
    train(make(tmp_path), 2)
    runs = json.loads((tmp_path / run_record.FILE_NAME).read_text())["runs"]
    assert [(run["from_step"], run["to_step"]) for run in runs] == [(0, None), (0, 2)]
    assert runs[0]["tensorflow"] and runs[0]["numpy"] and runs[0]["python"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "7"])
def test_a_damaged_record_is_named(text, tmp_path):
    (tmp_path / run_record.FILE_NAME).write_text(text)
    with pytest.raises(errors.RunRecordError, match=run_record.FILE_NAME):
        make(tmp_path)
