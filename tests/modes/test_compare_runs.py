"""--mode=compare --runs: many people's folders in one table, none of them changed."""

import contextlib
import csv
import gc
import io
import json
import os
import re
import shutil
import tempfile

import pytest
import tensorflow as tf

from estimator_mnist import errors, main
from estimator_mnist.estimator.checkpoint import lock
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import run_folders, training


def trained(folder, steps=3, **given):
    experiment = experiments.make(str(folder), dataset="digits", **given)
    estimator = experiments.build_estimator(experiment)
    training.train(experiment, estimator, max_steps=steps)
    return experiments.evaluate(experiment, estimator)["accuracy"]


def compared(folder, *flags):
    """Runs the program; returns what it prints."""
    printed = io.StringIO()
    _, run = main.parsed(["main", "--mode=compare", f"--runs={folder}", *flags])
    with contextlib.redirect_stdout(printed):
        run()
    return printed.getvalue()


def state(folder):
    return {p: p.lstat().st_mtime_ns for p in (folder, *folder.rglob("*"))}


def edit(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder of good, damaged and foreign runs, and the accuracies of the good."""
    folder = tmp_path_factory.mktemp("course")
    long_name = "a person with a name that is longer than a quarter of a line"
    other = {"translate": True, "params": {"learning_rate": 0.1}}
    good = {
        "anna": trained(folder / "anna"),
        "bert/run1": trained(folder / "bert" / "run1", 5, **other),
    }
    shutil.copytree(folder / "anna", folder / long_name)
    good[long_name] = good["anna"]
    (folder / "dora" / "notes").mkdir(parents=True)
    for name in ("emil", "fay", "gil", "hal", "ida", "new"):
        shutil.copytree(folder / "anna", folder / name)
    (folder / "emil" / "experiment.json").write_text("{")
    for data in (folder / "fay").glob("model.ckpt-*.data*"):
        data.write_bytes(b"x")
    (folder / "gil" / "experiment.json").unlink()
    (folder / "hal" / "early_stopping.json").write_text("[]")
    edit(folder / "ida" / "experiment.json", checksum="of others")
    for file in [*(folder / "new").glob("model.ckpt-*"), folder / "new" / "checkpoint"]:
        file.unlink()
    os.symlink("kim", folder / "kim")
    (folder / ".git").mkdir()
    (folder / "read me").write_text("no folder")
    return folder, good


@pytest.fixture(scope="module")
def table(course, tmp_path_factory):
    """What is printed, and the rows of the CSV, of a folder that stays as it is."""
    folder, _ = course
    output, before = tmp_path_factory.mktemp("output"), state(folder)
    # One of them is being trained.
    with lock.one_trainer(str(folder / "anna")):
        before = state(folder)
        printed = compared(folder, f"--output_dir={output}")
        assert state(folder) == before
    with open(output / "runs.csv", encoding="utf-8", newline="") as file:
        return printed, {row["run"]: row for row in csv.DictReader(file)}


def test_each_run_has_the_accuracy_that_evaluate_gives(course, table):
    _, good = course
    for name, accuracy in good.items():
        row = table[1][name]
        assert float(row["accuracy"]) == pytest.approx(accuracy, abs=1e-7)
        assert float(row["low"]) < accuracy < float(row["high"])
        assert row["test_images"] == "300" and float(row["seconds"]) > 0
        assert row["steps"] == ("5" if name == "bert/run1" else "3")
        assert not row["trouble"]
    assert table[1]["bert/run1"]["learning_rate"] == "0.1"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dora", "no run: there is no experiment.json"),
        ("emil", "experiment.json cannot be read: it is not JSON"),
        ("fay", "No checkpoint is whole"),
        ("gil", "not trained by this program: there is no experiment.json"),
        ("hal", "early_stopping.json cannot be read"),
        ("ida", "trained on other images than digits's"),
        ("kim", "Too many levels of symbolic links"),
        ("new", "no checkpoint was saved yet"),
    ],
)
def test_a_damaged_or_foreign_folder_is_a_row_that_says_so(name, reason, table):
    assert table[1][name]["trouble"].startswith(reason)
    assert bool(table[1][name]["accuracy"]) == (name == "hal")


def test_an_older_checkpoint_in_place_of_a_damaged_one_is_told(tmp_path):
    trained(tmp_path / "lea")
    for data in (tmp_path / "lea").glob("model.ckpt-3.data*"):
        data.write_bytes(b"x")
    printed = compared(tmp_path, f"--output_dir={tmp_path.parent / 'table'}")
    assert "(model.ckpt-3 is damaged, this is an older one)" in " ".join(
        printed.split()
    )
    with open(tmp_path.parent / "table" / "runs.csv", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["steps"] == "0" and row["trouble"].startswith("model.ckpt-3 is damaged")


def test_the_table_fits_80_columns_the_best_first_by_images(course, table):
    printed, rows = table
    assert len(rows) == 11
    lines = printed.splitlines()
    assert max(map(len, lines)) <= 80
    starts = [i for i, line in enumerate(lines) if line.endswith(":")]
    assert [lines[i] for i in starts] == [
        "On the same 300 test images of digits:",
        "On the same 300 test images of digits, translated:",
        "Not measured:",
    ]
    first = lines[starts[0] + 2 : starts[1]]
    shown = re.findall(r" (0\.\d{4})  ±", "\n".join(first))
    assert len(shown) == 3 and shown == sorted(shown, reverse=True)
    assert "learning_rate=0.1" in " ".join(lines[starts[1] : starts[2]])
    assert "learning_rate=0.5" not in printed  # the model's own


def test_without_output_dir_nothing_is_written_anywhere(course, tmp_path, monkeypatch):
    folder, _ = course
    monkeypatch.chdir(tmp_path)
    assert "Not measured" in compared(folder / "dora" / "..", "--dataset=mnist")
    assert not list(tmp_path.iterdir())


def test_a_run_of_another_data_set_than_is_asked_for_says_so(course):
    folder, _ = course
    run = run_folders.Measurer(dataset="fashion_mnist").measure(str(folder), "anna")
    assert run.trouble == "trained on digits, not on fashion_mnist"


def test_a_folder_that_is_a_run_is_the_only_row(course):
    assert run_folders.names(str(course[0] / "anna")) == [""]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_may_not_be_read_is_a_row():
    # Not tmp_path, which nobody else may enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.makedirs(os.path.join(folder, "mine", "run"))
        os.chmod(os.path.join(folder, "mine", "run"), 0)
        os.seteuid(65534)
        try:
            names = run_folders.names(folder)
            (run,) = (run_folders.Measurer().measure(folder, name) for name in names)
        finally:
            os.seteuid(0)
    assert run.name == "mine/run" and run.trouble.startswith("Permission denied")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--max_steps=5"], "trains nothing: leave --max_steps out"),
        (["--models=linear"], "trains nothing: leave --models out"),
        (["--output_dir={}/out"], "where nothing is written: name a folder elsewhere"),
        (["--runs={}/nowhere"], "name a folder of model_dirs"),
    ],
)
def test_what_contradicts_it_is_one_message(flags, words, tmp_path):
    given = [flag.format(tmp_path) for flag in flags]
    with pytest.raises(errors.UserError, match=words):
        compared(tmp_path, *given)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_thirty_runs_leave_neither_files_open_nor_graphs(course, tmp_path):
    for number in range(30):
        shutil.copytree(course[0] / "anna", tmp_path / f"student{number:02d}")
    measurer, found = run_folders.Measurer(), []
    for name in run_folders.names(str(tmp_path)):
        assert measurer.measure(str(tmp_path), name).is_measured
        graphs = sum(isinstance(one, tf.Graph) for one in gc.get_objects())
        found.append((len(os.listdir("/proc/self/fd")), graphs))
    files, graphs = zip(*found, strict=True)
    assert max(files[5:]) <= max(files[:5])
    assert max(graphs[15:]) <= max(graphs[:15])


def test_a_name_that_no_terminal_shows_is_one_line(course, tmp_path):
    odd = tmp_path / "new\nline"
    odd.mkdir()
    assert "new?line" in compared(tmp_path)
