"""Every picture can be read, with short class names and with long ones."""

import itertools
import math
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from estimator_mnist.report import (
    charts,
    compare_figure,
    figure_style,
    image_panels,
    measures,
)
from estimator_mnist.report.curves import Curve
from estimator_mnist.report.weights import WeightMaps
from tests.report.colour_vision import lab_as_seen
from tests.report.readability import assert_readable

DIGITS = list("0123456789")
CLOTHES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt"]
CLOTHES += ["Sneaker", "Bag", "Ankle boot"]


def images(n, side=12):
    return np.random.default_rng(n).random((n, side, side), np.float32)


def names(n, classes, seed=0):
    return list(np.random.default_rng(seed).choice(classes, n))


def table(seed=0):
    labels, guesses = np.random.default_rng(seed).integers(0, 10, (2, 300))
    guesses[:250] = labels[:250]
    return measures.confusion(labels, guesses, 10)


def curve(n, start=1):
    steps = np.arange(start, start + n) * 10
    return Curve(steps, 2.0 / np.sqrt(steps))


def kernels(maps):
    return image_panels.weight_maps(
        WeightMaps("conv2d/kernel", maps, np.arange(len(maps)), len(maps), False),
        DIGITS,
    )


PICTURES = {
    "examples": lambda c: image_panels.examples(images(9), names(9, c), ", at random"),
    "predictions": lambda c: image_panels.predictions(
        images(50), names(50, c), names(50, c, 1), c
    ),
    "few predictions": lambda c: image_panels.predictions(
        images(3), names(3, c), names(3, c, 1), c
    ),
    "mistakes": lambda c: image_panels.mistakes(
        images(20), names(20, c), names(20, c, 1), np.linspace(1, 0.4, 20), 1234
    ),
    "one mistake": lambda c: image_panels.mistakes(
        images(1), c[:1], c[1:2], np.array([0.99999]), 1
    ),
    "maps of classes": lambda c: image_panels.weight_maps(
        WeightMaps("dense/kernel", images(10) - 0.5, np.arange(10), 10, True), c
    ),
    "maps of units by class": lambda c: image_panels.weight_maps(
        WeightMaps("dense/kernel", images(40) - 0.5, np.arange(40), 500, True), c
    ),
    "maps of units": lambda c: image_panels.weight_maps(
        WeightMaps("dense/kernel", images(40) - 0.5, np.arange(40), 512, False), c
    ),
    "kernels": lambda c: image_panels.weight_maps(
        WeightMaps("conv2d/kernel", images(6, 5), np.arange(6), 6, False), c
    ),
    "activations": lambda c: image_panels.activations(
        np.moveaxis(images(32), 0, -1), images(1)[0]
    ),
    "signed activations": lambda c: image_panels.activations(
        np.moveaxis(images(6) - 0.5, 0, -1), images(1)[0]
    ),
    "curves": lambda c: charts.learning_curves(
        {
            "train": {"loss": curve(100)},
            "eval": {"loss": curve(1, 90), "accuracy": curve(1, 90)},
            "eval_validation": {"loss": curve(9), "accuracy": curve(9)},
        }
    ),
    "confusion": lambda c: charts.confusion(table(), c),
    "precision and recall": lambda c: charts.precision_recall(table(), c),
    "reliability": lambda c: charts.reliability(
        measures.reliability(np.linspace(0.1, 1, 90), np.arange(90) % 3 > 0)
    ),
    "t-SNE": lambda c: charts.embedding(
        np.random.default_rng(0).normal(size=(300, 2)),
        np.arange(300) % 10,
        np.arange(300) % 7 == 0,
        c,
    ),
    "offsets": lambda c: charts.offsets(
        np.random.default_rng(0).uniform(0.3, 1, (12, 12)), 200
    ),
    # What is small, large, or no number.
    "one kernel": lambda c: kernels(images(1, 3) - 0.5),
    "one point": lambda c: charts.learning_curves({"train": {"loss": curve(1)}}),
    "huge losses": lambda c: charts.learning_curves(
        {"train": {"loss": Curve(np.arange(4), np.array([2.3, 1e9, 3e30, 1e12]))}}
    ),
    "many evaluations": lambda c: charts.learning_curves(
        {f"eval_{i}": {"loss": curve(3), "accuracy": curve(3)} for i in range(40)}
    ),
    "one class": lambda c: charts.confusion(np.diag([1_234_567, *[0] * 9]), c),
    "recall of one class": lambda c: charts.precision_recall(
        np.diag([50, *[0] * 9]), c
    ),
    "one image": lambda c: charts.reliability(
        measures.reliability(np.array([0.7]), np.array([True]))
    ),
    "t-SNE of one class": lambda c: charts.embedding(
        images(5, 2)[:, 0], np.zeros(5, int), np.zeros(5, bool), c
    ),
}
SHORT = ("predictions", "mistakes", "maps of units by class", "confusion", "t-SNE")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_neither_blank_nor_clipped_nor_unlabelled(name):
    """With class names that need room."""
    assert_readable(PICTURES[name](CLOTHES))


@pytest.mark.parametrize("name", SHORT)
def test_short_class_names_make_another_picture(name):
    assert_readable(PICTURES[name](DIGITS))


def blank(figure):
    figure.axes[0].images[0].set_data(np.zeros((12, 12)))


def clipped(figure):
    figure.suptitle("a title that is much too long for the picture " * 3)


def unlabelled(figure):
    figure.axes[0].set_ylabel("")


def untitled(figure):
    figure.suptitle("")


def crowded(figure):
    figure.axes[0].set_title("a title as wide as two panels or more")


@pytest.mark.parametrize(
    "name,spoil",
    [
        ("examples", blank),
        ("confusion", clipped),
        ("confusion", unlabelled),
        ("offsets", untitled),
        ("kernels", crowded),
    ],
)
def test_a_spoilt_picture_is_noticed(name, spoil):
    figure = PICTURES[name](DIGITS)
    spoil(figure)
    with pytest.raises(AssertionError):
        assert_readable(figure)


@pytest.mark.parametrize("name", ["examples", "kernels", "activations"])
def test_compared_panels_share_their_colour_limits(name):
    figure = PICTURES[name](DIGITS)
    panels = [a.images[0] for a in figure.axes if a.images][:-1]
    assert len(panels) > 4
    assert len({panel.get_clim() for panel in panels}) == 1


def test_right_and_wrong_differ_in_more_than_colour():
    figure = image_panels.predictions(images(2), ["3", "3"], ["3", "5"], DIGITS)
    right, wrong = figure.axes[0].title, figure.axes[1].title
    assert (right.get_text(), right.get_color()) == ("3 / 3", figure_style.RIGHT)
    assert (wrong.get_text(), wrong.get_color()) == ("3 / 5 ✗", figure_style.WRONG)
    assert wrong.get_weight() == "bold" != right.get_weight()


@pytest.mark.parametrize("filters,cells", [(3, 6), (6, 12), (32, 36), (64, 36)])
def test_the_image_is_in_the_last_cell_of_its_activations(filters, cells):
    maps = np.moveaxis(images(filters), 0, -1).copy()
    maps[..., 1] = 0
    figure = image_panels.activations(maps, images(1)[0])
    titles = [axes.get_title() for axes in figure.axes[:cells]]
    shown = min(filters, 35)
    assert titles[:2] == ["#1", "#2 (silent)"] and titles[shown - 1] == f"#{shown}"
    assert titles[-1] == "input"


def test_there_are_no_learning_curves_without_loss_and_accuracy():
    assert charts.learning_curves({"train": {"global_step/sec": curve(3)}}) is None


@pytest.mark.parametrize(
    "losses,scale",
    [([1.0, 0.5, 0.0], "linear"), ([1.0, 0.5, 0.4], "linear"), ([2.0, 0.1], "log")],
)
def test_the_loss_has_a_log_scale_where_it_shows_more(losses, scale):
    loss = Curve(np.arange(len(losses)), np.array(losses))
    figure = charts.learning_curves({"train": {"loss": loss}})
    assert figure.axes[0].get_yscale() == scale


def loss_curves(**runs):
    return charts.learning_curves(
        {run: {"loss": Curve(*map(np.array, points))} for run, points in runs.items()}
    ).axes[0]


def lines(axis):
    return {line.get_label(): line for line in axis.lines}


def test_a_curve_of_one_point_is_a_dot_at_its_step():
    axis = loss_curves(train=([1], [2.3]))
    line = lines(axis)["training, one batch each"]
    assert line.get_marker() == "." and line.get_ydata() == [2.3]
    first, last = axis.get_xlim()
    assert [tick for tick in axis.get_xticks() if first <= tick <= last] == [1]


def test_curves_are_called_after_the_images_they_are_of():
    axis = loss_curves(
        train=([1], [2.0]), eval=([1], [1.0]), eval_validation=([1], [1.0])
    )
    (legend,) = axis.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "training, one batch each",
        "test images",
        "validation images",
    ]


def test_a_test_point_leaves_the_validation_point_below_it_to_be_seen():
    axis = loss_curves(eval=([1], [1.0]), eval_validation=([1], [1.0]))
    test, validation = lines(axis)["test images"], lines(axis)["validation images"]
    assert test.get_markerfacecolor() == "none"
    assert test.get_markersize() > 1.5 * validation.get_markersize()
    assert test.get_zorder() > validation.get_zorder()


def test_a_smoothed_curve_is_as_long_as_training_was():
    steps = np.arange(1, 3002, 100)
    axis = loss_curves(train=(steps, 1.0 / steps))
    smooth = lines(axis)["training, mean of 9 batches"]
    assert smooth.get_xdata().tolist() == steps.tolist()
    assert smooth.get_ydata()[[0, -1]] == pytest.approx(1 / steps[[0, -1]])
    middle = smooth.get_ydata()[15]
    assert middle == pytest.approx(np.mean(1 / steps[11:20]))


def test_what_is_no_number_is_marked_at_its_step():
    axis = loss_curves(train=([1, 101, 201], [2.0, np.nan, np.inf]))
    marks = lines(axis)["NaN or infinite"]
    assert list(marks.get_xdata()) == [101, 201] and marks.get_marker() == "x"
    assert axis.get_ylim()[1] < 3


def test_many_evaluations_have_one_entry_in_the_legend():
    figure = PICTURES["many evaluations"](DIGITS)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["40 other evaluations"]


BARS = {
    "one kernel": lambda: kernels(images(1, 3) - 0.5),
    "LeNet-5": lambda: kernels(images(6, 5) - 0.5),
    "tiny": lambda: kernels(images(8, 3) * 1e-9),
    "large": lambda: kernels(images(12, 3) * 1e9),
    "one filter": lambda: image_panels.activations(images(3, 3)[..., :1], images(1)[0]),
}


@pytest.mark.parametrize("name", BARS)
def test_a_colour_bar_has_room_for_its_ticks(name):
    figure = BARS[name]()
    figure.canvas.draw()
    (bar,) = (axis for axis in figure.axes if axis.get_ylabel())
    extent = bar.get_window_extent()
    assert extent.height / figure.dpi > 0.9
    boxes = [label.get_window_extent() for label in bar.get_yticklabels()]
    first, last = bar.get_ylim()
    inside = [
        box
        for box, at in zip(boxes, bar.get_yticks(), strict=True)
        if first <= at <= last
    ]
    assert len(inside) >= 2
    for one, other in itertools.pairwise(inside):
        assert not one.overlaps(other)
    assert bar.yaxis.label.get_window_extent().height <= extent.height


def test_weights_that_are_no_numbers_say_so():
    maps = images(3, 3) - 0.5
    maps[1, 0, 0] = np.nan
    figure = kernels(maps)
    titles = [axis.get_title() for axis in figure.axes[:3]]
    assert titles == ["#1", "#2 (NaN)", "#3"]
    assert np.isfinite(figure.axes[0].images[0].get_clim()).all()


def test_counts_stay_within_their_cells():
    figure = charts.confusion(
        np.full((10, 10), 12_345) + np.eye(10, dtype=int) * 10**6, DIGITS
    )
    figure.canvas.draw()
    axis = figure.axes[0]
    width = axis.get_window_extent().width / 10
    assert max(text.get_window_extent().width for text in axis.texts) < width


def test_a_class_without_a_dot_says_why():
    figure = PICTURES["recall of one class"](DIGITS)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["", *["never predicted, no images"] * 9]
    assert figure.axes[0].get_xlim()[1] < 1.01


def test_class_names_on_a_map_do_not_overlap():
    rng, labels = np.random.default_rng(0), np.arange(1000) % 10
    for names in (DIGITS, CLOTHES):
        points = rng.normal(size=(1000, 2)) + 0.1 * labels[:, None]
        figure = charts.embedding(points, labels, np.zeros(1000, bool), names)
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
        assert len(boxes) >= 5
        for one, other in itertools.combinations(boxes, 2):
            assert not one.overlaps(other)


@pytest.mark.parametrize("vision", ["usual", "protan", "deutan", "tritan"])
def test_ten_colours_stay_apart_however_they_are_seen(vision):
    seen = [lab_as_seen(to_rgb(colour), vision) for colour in figure_style.TEN]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 27
    lightness = sorted(one[0] for one in seen)
    assert vision != "usual" or min(np.diff(lightness)) > 3
    assert len({marker for marker, _ in figure_style.TEN_MARKERS}) == 10


class Compared(NamedTuple):
    model: str
    seconds: float
    accuracy: float = 0.98
    low: float = 0.97
    high: float = 0.985
    parameters: int = 567_000
    multiply_adds: int = 1_234_567_890


def test_what_is_compared_has_plain_ticks_and_says_what_is_not_known():
    rows = [Compared("dense", 0.3), Compared("cnn", math.nan, parameters=99_000)]
    figure = compare_figure.draw(rows)
    assert_readable(figure)
    for axis in figure.axes:
        labels = [text.get_text() for text in axis.get_xticklabels()]
        assert labels and not any("^" in label or "e+" in label for label in labels)
    assert [text.get_text() for text in figure.axes[-1].texts] == ["not known"]
