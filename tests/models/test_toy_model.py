"""A new model with a hyperparameter is one file, and an entry in the catalog."""

import csv
import json

import pytest
from absl import flags

from estimator_mnist import main, modes
from estimator_mnist.commands import flag_help
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.models import catalog
from estimator_mnist.models.declarations import Hyperparameter, Model
from tests.models import toy


@pytest.fixture
def flag_values(monkeypatch):
    """The program's flags, with those of the toy model."""
    monkeypatch.setitem(catalog.MODELS, "toy", toy.MODEL)
    values = flags.FlagValues()
    main.define_flags(values)
    return values


def run(flag_values, *arguments):
    flag_values(["main", "--model=toy", "--dataset=digits", *arguments])
    modes.run_of(flag_values)()


def test_it_is_trained_by_its_flag_and_recorded(flag_values, tmp_path):
    run(flag_values, f"--model_dir={tmp_path}", "--mode=train", "--toy_gain=2")
    record = json.loads((tmp_path / "experiment.json").read_text())
    assert record["model"] == "toy" and record["batch_size"] == 10
    assert record["params"] == {
        "optimizer": "adam",
        "learning_rate": 0.02,
        "decay_steps": 0,
        "toy_gain": 2.0,
    }
    assert paths.step_of(paths.latest(str(tmp_path))) == 2


def test_help_names_it_and_its_hyperparameter(flag_values):
    assert "toy_gain" in flag_values
    text = flag_help.text([])
    assert "--toy_gain=NUMBER (at least 0.5)\n      toy: factor of units [1.5]." in text
    assert "lenet5,toy}" in text


def test_bounds_are_those_of_the_declaration(flag_values):
    with pytest.raises(flags.IllegalFlagValueError, match="toy_gain"):
        flag_values(["main", "--toy_gain=0.1"])


def test_it_can_be_swept(flag_values, tmp_path):
    where = f"--model_dir={tmp_path}"
    run(flag_values, where, "--mode=sweep", "--grid=toy_gain=1,1.5", "--max_steps=1")
    with open(tmp_path / "sweep.csv", encoding="utf-8", newline="") as file:
        assert {row["toy_gain"] for row in csv.DictReader(file)} == {"1.0", "1.5"}
    assert (tmp_path / "toy_gain=1.0").is_dir() and (tmp_path / "defaults").is_dir()


def test_models_that_declare_one_name_differently_are_an_error(monkeypatch):
    other = {"filters": Hyperparameter(int, 3, "other filters.", lower_bound=1)}
    model = Model(toy.network, 1, 1, hyperparameters=other)
    monkeypatch.setitem(catalog.MODELS, "toy", model)
    with pytest.raises(ValueError, match="toy declares filters"):
        main.define_flags(flags.FlagValues())


def test_a_default_of_no_common_hyperparameter_is_an_error():
    with pytest.raises(ValueError, match="momentum"):
        Model(toy.network, 1, 1, training={"momentum": 0.9})
