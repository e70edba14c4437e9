"""Numbers on axes are short, told apart, and none is a power of ten."""

import itertools
import math

import pytest
from matplotlib.figure import Figure

from estimator_mnist.report import ticks


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.3, "0.3"),
        (1000, "1,000"),
        (12345, "12,345"),
        (-0.25, "-0.25"),
        (1e6, "1 M"),
        (999999.9, "1 M"),
        (2.5e9, "2.5 G"),
        (1e-9, "1e-9"),
        (3e30, "3e30"),
        (math.inf, "inf"),
    ],
)
def test_a_number_has_few_letters(value, text):
    assert ticks.number(value) == text


def test_ticks_have_as_many_digits_as_tell_them_apart():
    formatter = ticks.NumberFormatter()
    assert formatter.format_ticks([1.15e9, 1.2e9]) == ["1.15 G", "1.2 G"]
    near = formatter.format_ticks([0.123456, 0.123457])
    assert near == ["0.123456", "0.123457"]
    assert ticks.percent().format_ticks([0.29, 0.955, 1]) == ["29 %", "95.5 %", "100 %"]


RANGES = [(1e-30, 1e30), (0.07, 0.31), (7850, 7850), (5e5, 6e6), (120, 300), (1, 2)]


@pytest.mark.parametrize(("low", "high"), RANGES)
@pytest.mark.parametrize("name", "xy")
def test_a_log_scale_has_two_to_six_plain_ticks_around_its_values(low, high, name):
    axes = Figure().add_subplot()
    ticks.log_scale(axes, name, [low, high, math.nan, 0])
    axis = axes.xaxis if name == "x" else axes.yaxis
    start, end = axis.get_view_interval()
    assert start < low <= high < end
    axes.figure.canvas.draw()
    labels = [label.get_text() for label in axis.get_ticklabels()]
    assert 2 <= len(labels) <= 6 and len(set(labels)) == len(labels)
    assert not any(
        "10^" in label or "\N{MULTIPLICATION SIGN}" in label for label in labels
    )
    assert not axis.get_minorticklocs().size


def test_ticks_of_a_log_scale_grow():
    for low, factor in itertools.product((1e-7, 0.3, 80.0), (1.6, 7, 90, 1e5, 1e20)):
        found = ticks.log_ticks(low, low * factor)
        assert 2 <= len(found) <= 6 and found == sorted(set(found))
        assert low <= found[0] and found[-1] <= low * factor
