"""--output_dir is the user's: nothing that was there is overwritten or deleted."""

import csv

import pytest

from estimator_mnist import errors, main, modes
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training
from estimator_mnist.modes import predict


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    one = experiments.make(str(folder), model="linear", dataset="digits")
    training.train(one, experiments.build_estimator(one), max_steps=1)
    return folder


def run(*flags):
    flag_values, _ = main.parsed(["main", *flags])
    modes.run_of(flag_values)()


NAMES = {
    "predict": ["predictions.npz"],
    "report": ["report.html", "weights.png", "tsne.npz", "activations.png"],
    "export": ["export.json", "model-1.keras"],
    "compare": ["compare.csv", "compare.png"],
    "sweep": ["sweep.csv", "sweep.png"],
}
MORE = {
    "export": ["--format=keras"],
    "compare": ["--models=linear", "--max_steps=1"],
    "sweep": ["--model=linear", "--grid=seed=1", "--max_steps=1"],
}


@pytest.mark.parametrize("mode, name", [(m, n) for m in NAMES for n in NAMES[m]])
def test_a_foreign_file_in_the_way_is_named(mode, name, model_dir, tmp_path):
    (tmp_path / name).write_text("mine")
    folder = model_dir if mode not in ("compare", "sweep") else tmp_path / "new"
    flags = [f"--mode={mode}", f"--model_dir={folder}", f"--output_dir={tmp_path}"]
    with pytest.raises(errors.ForeignFileError, match=f"{tmp_path}/{name}"):
        run(*flags, "--dataset=digits", *MORE.get(mode, []))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_what_is_not_in_the_way_stays(model_dir, tmp_path):
    """A linear model has neither features nor activations."""
    for name in ("features.npy", "activations.npy", "notes.txt"):
        (tmp_path / name).write_text("mine")
    one = experiments.make(str(model_dir))
    for _ in range(2):
        predict.predict(
            one, experiments.build_estimator(one), str(tmp_path), activations_limit=9
        )
    for name in ("features.npy", "activations.npy", "notes.txt"):
        assert (tmp_path / name).read_text() == "mine"


def test_the_default_folder_of_a_version_without_a_list_goes_on(model_dir):
    folder = model_dir / "predictions"
    one = experiments.make(str(model_dir))
    for _ in range(2):
        predict.predict(one, experiments.build_estimator(one), str(folder))
        for hidden in folder.glob(".*"):
            hidden.unlink()


def test_a_sweep_writes_its_table_over_its_own(tmp_path, capsys):
    flags = ["--mode=sweep", f"--model_dir={tmp_path}", "--dataset=digits"]
    flags.append("--verbosity=1")
    for grid in ("--grid=seed=1", "--grid=seed=1,2"):
        run(*flags, "--model=linear", grid, "--max_steps=1")
    with open(tmp_path / "sweep.csv", encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
    assert "as before" in capsys.readouterr().out
