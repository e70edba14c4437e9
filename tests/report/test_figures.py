"""Every picture can be read, with short class names and with long ones."""

import numpy as np
import pytest

from estimator_mnist.report import charts, figure_style, image_panels, measures
from estimator_mnist.report.curves import Curve
from estimator_mnist.report.weights import WeightMaps
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
