"""The picture of a sweep: a panel per setting, readable for every sweep."""

import itertools
import math

import pytest

from estimator_mnist.modes import sweep_results
from estimator_mnist.report import sweep_figure
from tests.report.readability import assert_readable

EXERCISE = {
    "conv_layers": [1, 2, 3],
    "kernel_size": [3, 5],
    "filters": [16, 32],
    "activation": ["relu", "tanh"],
}
RATES = {"learning_rate": [10.0**-i for i in range(9)], "seed": list(range(5))}


def results(grid, accuracy):
    """A Result per point; `accuracy` of its number."""
    return [
        sweep_results.Result(
            dict(zip(grid, point, strict=True)),
            "folder",
            sweep_results.Measured(
                accuracy(i),
                accuracy(i) - 0.01,
                accuracy(i) + (1 - accuracy(i)) / 2,
                *(0.9, 0.8, 1.0, 1, 1, 1, 1.0),
            ),
            True,
        )
        for i, point in enumerate(itertools.product(*grid.values()))
    ]


def figure(grid, accuracy):
    return sweep_figure.draw(results(grid, accuracy), grid, "cnn_same on mnist", 5000)


PICTURES = {
    "the exercise": (EXERCISE, lambda i: 0.93 + 0.002 * i),
    "near each other": (EXERCISE, lambda i: 0.985 + 0.0001 * i),
    "far from each other": (RATES, lambda i: 0.1 + 0.018 * i),
    "without a mistake": (EXERCISE, lambda i: min(1.0, 0.99 + 0.001 * i)),
    "some failed": (RATES, lambda i: 0.97 if i % 3 else math.nan),
    "all failed": (EXERCISE, lambda i: math.nan),
    "one run": ({"seed": [7]}, lambda i: 0.5),
    "many values": ({"seed": list(range(50))}, lambda i: 0.9 + 0.001 * i),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_neither_blank_nor_clipped_nor_unlabelled(name):
    drawn = figure(*PICTURES[name])
    assert_readable(drawn)
    assert_ticks_apart(drawn)


def assert_ticks_apart(drawn):
    for axis in drawn.axes:
        for ticks in (axis.get_xticklabels(), axis.get_yticklabels()):
            boxes = [tick.get_window_extent() for tick in ticks if tick.get_visible()]
            inside = [box for box in boxes if box.width]
            for one, other in itertools.pairwise(inside):
                assert not one.overlaps(other), "labels overlap"


def test_each_setting_that_varies_has_a_panel_with_its_values():
    drawn = figure(EXERCISE | {"seed": [0]}, lambda i: 0.9)
    labels = [axis.get_xlabel() for axis in drawn.axes]
    assert labels == ["conv_layers", "kernel_size, pixels", "filters", "activation"]
    ticks = [[t.get_text() for t in axis.get_xticklabels()] for axis in drawn.axes]
    assert ticks == [["1", "2", "3"], ["3", "5"], ["16", "32"], ["relu", "tanh"]]


def test_lines_join_runs_that_differ_in_one_setting():
    drawn = figure(EXERCISE, lambda i: 0.9 + 0.001 * i)
    layers = [line for line in drawn.axes[0].lines if line.get_label() == "a run"]
    assert [list(line.get_xdata()) for line in layers] == [[0, 1, 2]] * 8
    first = [1 - error for error in layers[0].get_ydata()]
    assert first == pytest.approx([0.9, 0.908, 0.916])


def test_the_best_run_is_marked_in_each_panel():
    drawn = figure(EXERCISE, lambda i: 0.9 - 0.001 * i)
    for axis in drawn.axes:
        (star,) = [x for x in axis.lines if x.get_label() == "the best run"]
        assert list(star.get_xdata()) == [0]
        assert star.get_ydata() == pytest.approx([0.1])


def test_more_accuracy_is_higher_up():
    axis = figure(EXERCISE, lambda i: 0.9 + 0.001 * i).axes[0]
    bottom, top = axis.get_ylim()
    assert bottom > top > 0


def test_values_of_settings_are_written_as_short_as_a_flag_takes_them():
    grid = {"learning_rate": [1e9, 0.001, 1e-8], "filters": [1024]}
    axis = figure(grid, lambda i: 0.9).axes[0]
    labels = [text.get_text() for text in axis.get_xticklabels()]
    assert labels == ["1e-08", "0.001", "1e+09"]
