"""--mode=sweep: its grid, its runs, and what is trained again and what is not."""

import csv
import json
import logging
import math
import pathlib
import shutil
import signal

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import main
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import settings, training
from estimator_mnist.modes import sweep, sweep_grid, sweep_results

tf1 = tf.compat.v1

NAMES = settings.varied_by_default("cnn_same")
FLAGS, _ = main.parsed(["main"])
PARSERS = {name: FLAGS[name].parser for name in NAMES}
GRID = ["--grid=learning_rate=0.01,0.5", "--grid=batch_size=10,20"]
FLAGS_DIR = pathlib.Path(__file__).parents[2] / "flags"
FOLDERS = [
    "batch_size=10",
    "batch_size=20",
    "learning_rate=0.01,batch_size=10",
    "learning_rate=0.01,batch_size=20",
]


def program(folder, *flags, model="linear"):
    common = ["--mode=sweep", f"--model={model}"]
    common += [f"--model_dir={folder}"] if folder else []
    common.append("--verbosity=1")  # a line for each run
    main.main(*main.parsed(["main", *common, "--dataset=digits", *flags]))


def rows(folder):
    with open(folder / "sweep.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def runs_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def written(folder):
    """When each file of each run was written; a lock is taken to look, too."""
    return {
        path: path.stat().st_mtime_ns
        for path in folder.glob("*/**/*")
        if path.is_file() and path.name != ".trainer.lock"
    }


def variables(folder):
    path = paths.latest(str(folder))
    reader = tf.train.load_checkpoint(path)
    return {name: reader.get_tensor(name) for name, _ in tf.train.list_variables(path)}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Four runs of six steps."""
    folder = tmp_path_factory.mktemp("sweep")
    program(folder, *GRID, "--max_steps=6")
    return folder


def test_each_combination_is_a_run_named_by_what_is_not_default(swept):
    assert runs_in(swept) == FOLDERS
    for name in FOLDERS:
        params = json.loads((swept / name / "experiment.json").read_text())
        rate = params["params"]["learning_rate"]
        assert rate == (0.01 if "rate=0.01" in name else 0.5)
        assert params["batch_size"] == int(name[-2:])
        assert variables(swept / name)["global_step"] == 6


def test_the_table_has_what_each_run_reached_the_best_on_validation_first(swept):
    found = rows(swept)
    accuracies = [float(row["validation_accuracy"]) for row in found]
    assert accuracies == sorted(accuracies, reverse=True) and len(found) == 4
    for row in found:
        experiment = experiments.make(model_dir=row["folder"])
        assert row["learning_rate"] == str(experiment.params["learning_rate"])
        assert row["batch_size"] == str(experiment.batch_size) and row["steps"] == "6"
        for split in ("validation", "test"):
            estimator = experiments.build_estimator(experiment)
            images = len(getattr(experiment.data, split).labels)
            expected = experiments.evaluate(experiment, estimator, split, "again")[
                "accuracy"
            ]
            assert float(row[f"{split}_accuracy"]) == pytest.approx(expected)
            low, high = float(row[f"{split}_low"]), float(row[f"{split}_high"])
            assert low < expected < high < low + 4 / math.sqrt(images)
    assert (swept / "sweep.png").stat().st_size > 10_000


def test_what_was_trained_and_measured_is_only_read(swept, capsys):
    before = written(swept)
    program(swept, *GRID, "--max_steps=6")
    assert written(swept) == before
    assert capsys.readouterr().out.count("(as before)") == 4


def test_the_table_and_nothing_else_is_printed_unless_asked(swept, capsys):
    program(swept, *GRID, "--max_steps=6", "--verbosity=0")
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["learning_rate", "batch_size", "validation"]
    assert len(lines) == 4 and all(line.split()[0] in "0.01 0.5" for line in lines)


def test_a_larger_grid_trains_what_is_missing_also_elsewhere(swept, tmp_path, capsys):
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    program(tmp_path, "--grid=seed=0,1", "--grid=batch_size=10", "--max_steps=6")
    out = capsys.readouterr().out
    assert out.count("(as before)") == 1 and out.count("step 6") == 2
    assert runs_in(tmp_path) == sorted([*FOLDERS, "batch_size=10,seed=1"])


def test_without_a_folder_runs_go_below_one_named_by_model_and_images(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    program("", "--grid=seed=0", "--max_steps=1", "--translate")
    assert runs_in(tmp_path / "runs" / "sweep-linear-digits-translated") == ["defaults"]
    assert "1 run of linear on digits: seed 0" in capsys.readouterr().out


def test_more_steps_train_on_and_are_measured(swept, tmp_path, capsys):
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    program(tmp_path, "--grid=batch_size=20", "--max_steps=7")
    out = capsys.readouterr().out
    assert "(as before)" not in out and "step 7" in out


class CtrlC(logging.Handler):
    """At the log line of this number that begins so."""

    def __init__(self, start, number):
        super().__init__()
        self._start, self._left = start, number

    def emit(self, record):
        if record.getMessage().startswith(self._start):
            self._left -= 1
            if not self._left:
                signal.raise_signal(signal.SIGINT)


@pytest.fixture
def log():
    """TensorFlow's logger, with the lines that the program hides in a sweep."""
    logger, level = tf.get_logger(), tf.get_logger().level
    tf1.logging.set_verbosity(tf1.logging.INFO)
    # Shells have what they start in the background ignore it.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield logger
    signal.signal(signal.SIGINT, handler)
    logger.handlers[:] = [one for one in logger.handlers if not isinstance(one, CtrlC)]
    tf1.logging.set_verbosity(level)


def run_two(folder):
    """Runs of the fixture, without the program's flags."""
    grid = {"learning_rate": [0.01], "batch_size": [10, 20]}
    runs = [
        experiments.make(
            model_dir=str(folder / sweep_grid.folder_name("linear", point)),
            model="linear",
            dataset="digits",
            batch_size=point["batch_size"],
            params={"learning_rate": point["learning_rate"]},
            cadence=experiments.Cadence(log_step_count_steps=1),
        )
        for point in sweep_grid.points(grid)
    ]

    def train(experiment, estimator):
        return training.train(experiment, estimator, max_steps=6)

    return sweep.train_grid(grid, runs, train, str(folder), lambda line: None)


@pytest.mark.parametrize(
    "start,number,steps",
    [("loss = ", 8, range(1, 6)), ("Saving dict for", 3, [6])],
    ids=["in a training", "in an evaluation"],
)
def test_an_interrupted_sweep_goes_on(start, number, steps, swept, tmp_path, log):
    log.addHandler(CtrlC(start, number))
    with pytest.raises(KeyboardInterrupt):
        run_two(tmp_path)
    assert len(rows(tmp_path)) == 1 and runs_in(tmp_path) == FOLDERS[2:]
    assert variables(tmp_path / FOLDERS[3])["global_step"] in steps
    results = run_two(tmp_path)
    assert {one.folder: one.is_new for one in results} == {
        str(tmp_path / FOLDERS[2]): False,
        str(tmp_path / FOLDERS[3]): True,
    }
    for name in FOLDERS[2:]:
        resumed, whole = variables(tmp_path / name), variables(swept / name)
        for key in whole:
            np.testing.assert_array_equal(resumed[key], whole[key], err_msg=key)


@pytest.mark.parametrize("damage", ['{"checkpoint": ', '{"measured": {}}', "[]"])
def test_a_damaged_result_is_measured_again(damage, swept, tmp_path):
    shutil.copytree(swept / FOLDERS[0], tmp_path, dirs_exist_ok=True)
    (tmp_path / sweep_results.RESULT).write_text(damage)

    def train(experiment, estimator):
        return training.train(experiment, estimator, max_steps=6)

    experiment = experiments.make(str(tmp_path))
    measured = sweep_results.result_of(experiment, train)
    assert measured.is_new
    again = sweep_results.result_of(experiment, train)
    assert again == measured._replace(is_new=False)


def test_a_run_that_fails_is_told_and_does_not_stop_the_others(tmp_path, capsys):
    flags = ["--grid=learning_rate=1e38,0.001", "--filters=2", "--max_steps=4"]
    program(tmp_path, *flags, "--conv_layers=1", model="cnn_same")
    out = capsys.readouterr().out
    assert "[1/2] learning_rate=1e+38  failed: NaN loss during training" in out
    assert "[2/2] learning_rate=0.001  validation 0." in out
    best, failed = rows(tmp_path)
    assert "NaN" in failed["trouble"] and not best["trouble"]
    assert math.isnan(float(failed["test_accuracy"]))
    before = written(tmp_path)
    program(tmp_path, *flags, "--conv_layers=1", model="cnn_same")
    assert written(tmp_path) == before
    assert "failed: NaN" in capsys.readouterr().out


def parse(*grid, model="cnn_same", **given):
    return sweep_grid.parse(grid, model, PARSERS, given)


def test_values_have_the_types_of_their_flags():
    grid = parse("kernel_size=3, 5", "learning_rate=1,1e-3", "activation=elu")
    assert grid == {
        "kernel_size": [3, 5],
        "learning_rate": [1.0, 0.001],
        "activation": ["elu"],
    }
    assert list(map(type, grid["learning_rate"])) == [float, float]


def test_of_one_name_the_last_counts_and_of_one_value_one():
    assert parse("seed=1", "seed=2,2,3") == {"seed": [2, 3]}


def test_without_a_grid_it_is_the_exercise_less_what_is_given():
    assert list(parse()) == ["conv_layers", "kernel_size", "filters", "activation"]
    assert list(parse(filters=4, activation="elu")) == ["conv_layers", "kernel_size"]
    assert len(sweep_grid.points(parse())) == 24 <= sweep_grid.MAX_RUNS


def test_the_flagfile_is_the_exercise():
    file = FLAGS_DIR / "sweep.flags"
    flag_values, _ = main.parsed(["main", f"--flagfile={file}"])
    assert (flag_values.mode, flag_values.model) == ("sweep", sweep_grid.MODEL)
    assert not flag_values.grid


MISTAKES = {
    "unknown setting": (["--grid=colour=red"], "--grid=colour=red: --model=cnn_same"),
    "setting of another model": (
        ["--grid=dropout_rate=0"],
        "no setting 'dropout_rate'",
    ),
    "wrong type": (["--grid=kernel_size=3,x"], "'x' is not a value of --kernel_size"),
    "fraction": (["--grid=filters=1.5"], "which is an integer in the range [1, 65536]"),
    "out of bounds": (["--grid=conv_layers=1,6"], "integer in the range [1, 5]"),
    "unknown choice": (["--grid=activation=gelu"], "one of relu, elu"),
    "no values": (["--grid=seed="], "write --grid=NAME=VALUE,VALUE"),
    "no name": (["--grid="], "write --grid=NAME=VALUE,VALUE"),
    "an empty value": (["--grid=seed=1,,2"], "'' is not a value of --seed"),
    "too many": (["--grid=seed=1,2", "--max_runs=1"], "with --max_runs=2"),
    "given twice": (["--grid=seed=1,2", "--seed=3"], "--seed=3 and --grid=seed="),
    "nothing to vary": (["--model=mlp"], "say what to vary"),
    "setting given of another model": (["--hidden_units=3"], "has no hidden_units"),
    "more steps": (["--steps=3"], "--max_steps instead of --steps"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_message_before_anything_is_trained(case, tmp_path, capsys):
    flags, words = MISTAKES[case]
    with pytest.raises(SystemExit) as exit:
        program(tmp_path / "new", *flags, model="cnn_same")
    error = capsys.readouterr().err
    assert exit.value.code == 1 and words in error and error.startswith("error: ")
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_settings_is_refused(swept, capsys):
    before = written(swept)
    with pytest.raises(SystemExit):
        program(swept, *GRID, "--translate")
    assert "translate: recorded False, now True" in capsys.readouterr().err
    assert written(swept) == before
