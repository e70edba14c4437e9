"""Programs of 2017 to 2019 with canned estimators run unedited.

Each was written before it was run, as programs of its year were.
"""

import pathlib
import re
import textwrap

import pytest

PROGRAMS = pathlib.Path(__file__).with_name("programs")
IMAGE = 5000  # bytes that a drawn figure has at least


@pytest.fixture
def run_program(run_unedited):
    """Runs one of PROGRAMS and returns what it printed."""

    def run_it(name, *args):
        return run_unedited(PROGRAMS / f"{name}.py", *args)

    return run_it


def numbers(pattern, text):
    return [float(number) for number in re.findall(pattern, text)]


def test_iris_as_in_2017(run_program):
    outcome = run_program("tutorials/iris_2017")
    assert numbers(r"accuracy: ([\d.]+)", outcome.out)[0] > 0.8
    found = re.findall(r'Prediction is "(\w+)" .*, expected "(\w+)"', outcome.out)
    assert [answer for answer, expected in found if answer == expected]
    assert [expected for _, expected in found] == ["Setosa", "Versicolor", "Virginica"]
    assert "Weights of the first layer: (4, 10)\n" in outcome.out
    assert re.search(r"^INFO:tensorflow:loss = [\d.]+, step = 1$", outcome.err, re.M)


@pytest.mark.slow
def test_census_as_in_2018(run_program):
    outcome = run_program(
        "tutorials/census_2018", "--train_epochs=2", "--export_dir=exported"
    )
    assert numbers(r"Results at epoch (\d)", outcome.out) == [1, 2]
    assert numbers(r"global_step: (\d+)", outcome.out) == [30, 60]
    assert len(numbers(r"\nauc: ([\d.]+)\n", outcome.out)) == 2
    assert "Exported: classification predict regression serving_default" in outcome.out
    # Logged by the names that tensors have in the graph.
    assert re.search(r"INFO:tensorflow:average_loss = [\d.]+, loss = ", outcome.err)


@pytest.mark.slow
@pytest.mark.parametrize("model_type", ["wide", "deep"])
def test_census_by_one_half_of_the_model(run_program, model_type):
    outcome = run_program("tutorials/census_2018", f"--model_type={model_type}")
    assert numbers(r"global_step: (\d+)", outcome.out) == [30, 60]
    assert re.search(r"INFO:tensorflow:average_loss = [\d.]+, loss = ", outcome.err)


# It fills a buffer of 10,000 batches each time it trains on, as its model did.
@pytest.mark.slow
def test_housing_as_in_2019(run_program, tmp_path):
    outcome = run_program("tutorials/housing_2019")
    errors = numbers(r"  period \d\d : ([\d.]+)", outcome.out)
    assert len(errors) == 2 + 3 * 3
    linear = errors[2:5]
    assert linear == sorted(linear, reverse=True)
    assert numbers(r"AUC on the validation set: ([\d.]+)", outcome.out)[0] > 0.8
    assert 0 < numbers(r"Model size: (\d+)", outcome.out)[0] < 1000
    figures = list((tmp_path / "housing_2019_figures").iterdir())
    assert len(figures) == 4
    assert min(figure.stat().st_size for figure in figures) > IMAGE


# What each program of one canned class prints, in whole or as a pattern.
PRINTED = {
    "baseline_classifier": r"""
        accuracy 0.667
        class 0 b'0'
        probabilities 0.7 0.2 0.1""",
    "baseline_regressor": r"""
        \['average_loss', 'global_step', 'label/mean', 'loss', 'prediction/mean'\]
        bias \[  2.  20.\]
        predictions \[  2.  20.\]""",
    "baseline_estimator": r"""
        auc auc_precision_recall average_loss global_step loss
        probabilities \[ 0.9  0.3  0.5  0.1\]""",
    "linear_classifier": r"""
        accuracy 1.000 auc 1.000
        yes \(1,\)
        global_step
        linear/linear_model/bias_weights
        linear/linear_model/bias_weights/part_0/Ftrl
        linear/linear_model/bias_weights/part_0/Ftrl_1
        linear/linear_model/words/weights
        linear/linear_model/words/weights/part_0/Ftrl
        linear/linear_model/words/weights/part_0/Ftrl_1
        signs \+ \+ - -""",
    "linear_regressor": r"""
        average loss 0.0000
        weights \[\[ 3.\]\] \[ 1.\]
        served \[ 1.  4.\]""",
    "linear_estimator": r"""
        average_loss .* largest_hours loss mean prediction/mean
        largest 2.0
        weight [01].\d""",
    "dnn_classifier": r"""
        accuracy 0.[789]\d+
        predicted 297, right 0.[789]\d+
        weights0 shape: \(64, 64\)
        \['dnn/hiddenlayer_0/batchnorm_0/beta', .*""",
    "dnn_regressor": r"""
        RMS error \d{2,3} of 5917
        rows 300 float32""",
    "dnn_estimator": r"""
        accuracy/positive_threshold_0.5/topics auc/topics .*/topics
        auc 1.00
        \[1 0 0\]
        \[0 1 0\]
        \[0 1 1\]
        \[1 0 1\]""",
    "combined_classifier": r"""
        accuracy 0.\d\d over 0.50""",
    "combined_regressor": r"""
        steps 150
        label mean 7.09, prediction mean 7.\d+, average loss \d.\d\d""",
    "combined_estimator": r"""
        accuracy 0.9\d
        average loss 0.0\d\d
        \['length/predictions', 'side/all_class_ids', .*, 'side/probabilities'\]""",
    "weighted_classifier": r"""
        accuracy ([01]\.\d{4}) by hand \1""",
}
# The others are slow: a minute in all.
QUICK = {"baseline_classifier", "combined_regressor", "weighted_classifier"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name in PRINTED
    ],
)
def test_a_program_of_each_canned_class(run_program, name):
    lines = run_program(f"canned/{name}").out.splitlines()
    patterns = textwrap.dedent(PRINTED[name]).strip().splitlines()
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), line
