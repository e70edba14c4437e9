"""--mode=compare: the table, its files, and the numbers in them."""

import csv
import math

import numpy as np
import pytest

from estimator_mnist import errors, main, modes
from estimator_mnist.experiment import early_stopping, measurement, training
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.modes import compare
from estimator_mnist.output_folder import OutputFolder

MODELS = ("linear", "mlp")


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """A Row per model, trained a few steps on the embedded digits."""
    found = []
    for model in MODELS:
        experiment = experiments.make(
            model_dir=str(tmp_path_factory.mktemp(model)),
            model=model,
            dataset="digits",
            params={"hidden_units": 16} if model == "mlp" else None,
        )
        estimator = experiments.build_estimator(experiment)
        training.train(experiment, estimator, steps=30)
        found.append(
            (measurement.measure(experiment, estimator), experiment, estimator)
        )
    return found


def test_a_row_tells_what_the_run_was(rows):
    for row, experiment, estimator in rows:
        state = early_stopping.EarlyStoppingState.load(experiment.model_dir)
        seconds = state.seconds
        accuracy = experiments.evaluate(experiment, estimator)["accuracy"]
        assert row.model == experiment.model and row.steps == 30
        assert row.seconds == seconds > 0
        assert row.images_per_second == 30 * experiment.batch_size / seconds
        assert row.accuracy == pytest.approx(accuracy)
        assert row.low < row.accuracy < row.high
        assert row.bytes > 4 * row.parameters
    assert rows[0][0].parameters == rows[0][0].multiply_adds + 10 == 7850


@pytest.mark.parametrize(
    "model,expected",
    [
        (
            "cnn_deep",
            26**2 * 32 * 9 + 11**2 * 64 * 9 * 32 + 3**2 * 128 * 9 * 64 + 11520,
        ),
        ("dense", 784 * 512 + 512 * 256 + 256 * 128 + 1280),
        ("cnn_same", 28**2 * 32 * 9 + (14**2 + 7**2) * 32 * 9 * 32 + 15680),
    ],
)
def test_multiply_adds_are_those_of_convolutions_and_products(model, expected):
    experiment = experiments.make(model=model, dataset="digits")
    assert measurement.cost(experiment)[2] == expected


def test_connections_that_lenet5_does_not_have_cost_nothing():
    experiment = experiments.make(model="lenet5", dataset="digits")
    c1, c3, c5, f6 = 28**2 * 25 * 6, 10**2 * 25 * 60, 400 * 120, 120 * 84
    assert measurement.cost(experiment)[2] == c1 + c3 + c5 + f6


def test_standardised_pixels_are_parameters_that_are_not_trained():
    experiment = experiments.make(model="fashion", dataset="digits")
    assert measurement.cost(experiment)[:2] == (1_413_834 + 2 * 28 * 28, 1_413_834)


def test_the_table_has_a_line_per_model(rows):
    lines = compare.table([row for row, *_ in rows]).splitlines()
    assert len(lines) == 3 and len({len(line) for line in lines}) == 1
    assert "multiply-adds/image" in lines[0]
    assert lines[1].startswith("linear") and " 7,850 " in lines[1]


def test_what_is_not_known_is_left_out(rows):
    row = rows[0][0]._replace(seconds=math.nan, images_per_second=math.nan)
    assert compare.table([row]).splitlines()[1].split()[5:7] == ["-", "-"]


def test_the_files_hold_the_rows(rows, tmp_path):
    plain = [row for row, *_ in rows]
    table, picture = compare.write(plain, OutputFolder(str(tmp_path)))
    with open(table, encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [line["model"] for line in read] == list(MODELS)
    assert float(read[0]["accuracy"]) == plain[0].accuracy
    from matplotlib.image import imread

    pixels = imread(picture)
    assert pixels.shape[1] > 600 and np.unique(pixels).size > 50


def test_the_picture_shows_each_model_in_each_panel(rows):
    from estimator_mnist.report import compare_figure

    figure = compare_figure.draw([row for row, *_ in rows])
    figure.canvas.draw()
    for axis in figure.axes:
        assert [label.get_text() for label in axis.get_yticklabels()] == list(MODELS)
        assert axis.get_xlabel() and len(axis.lines[0].get_xdata()) == 2


def test_the_program_trains_what_is_not_trained_and_prints_the_table(tmp_path, capsys):
    flags = ["--dataset=digits", f"--model_dir={tmp_path}", "--max_steps=5"]
    for expected, more in (("", []), ("Nothing to train", ["--verbosity=1"])):
        argv = ["main", "--mode=compare", "--models=linear", *flags, *more]
        main.main(*main.parsed(argv))
        printed = capsys.readouterr().out
        assert expected in printed and " 7,850 " in printed
        # The table and nothing else, unless more is asked for.
        assert more or printed.count("\n") == 2
    assert (tmp_path / "compare" / "compare.csv").exists()
    assert (tmp_path / "linear" / "experiment.json").exists()


@pytest.mark.parametrize("models", ["", "linear,vgg"])
def test_an_unknown_model_is_named_with_those_there_are(models):
    flag_values, _ = main.parsed(["main", "--mode=compare", f"--models={models}"])
    with pytest.raises(errors.ExperimentError, match="--models=.*cnn_deep"):
        modes.run_of(flag_values)()
