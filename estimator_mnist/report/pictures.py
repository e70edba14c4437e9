"""Images of what goes in, what is in between and what comes out: arrays -> Figure."""

import math

import numpy as np
from matplotlib.figure import Figure

from estimator_mnist.report import style
from estimator_mnist.report.weights import Maps

_SHORT = 3  # letters of a class name that stand above a small panel
_LETTER = 0.085  # inches that one takes, in bold
_ACTIVATION_GRID = (6, 6)
_RIGHT = {"color": style.RIGHT}
_WRONG = {"color": style.WRONG, "weight": "bold"}


def examples(images: np.ndarray, names: list[str], note: str) -> Figure:
    """Nine images [9, side, side] as the network sees them, with their classes."""
    side = images.shape[1]
    figure, axes = style.panels(
        f"Nine images as the network sees them: {side}x{side} pixels{note}",
        (3, 3),
        cell=1.7,
    )
    for axis, image, name in zip(axes.flat, images, names, strict=False):
        _ink(axis, image, style.limits(images))
        style.head(axis, name)
    return figure


def predictions(
    images: np.ndarray, names: list[str], predicted: list[str], classes: list[str]
) -> Figure:
    """Up to fifty images in five rows of ten, titled with label and prediction.

    Args:
      images: [n, side, side].
      names: the labels; predicted: the predictions.
      classes: the names of all classes; the longest decides how wide a panel is.
    """
    short = _are_short(classes)
    sign = "label / prediction" if short else "label above, prediction below"
    rows = max(1, min(5, math.ceil(len(images) / 10)))
    right = sum(a == b for a, b in zip(names, predicted, strict=True))
    figure, axes = style.panels(
        f"{right} of {len(images)} right ({sign}; green: right, red with ✗: wrong)",
        (rows, 10),
        cell=0.46 if short else max(0.9, _LETTER * _longest(classes)),
        lines=1 if short else 2,
    )
    limits = style.limits(images)
    for axis, image, name, guess in zip(
        axes.flat, images, names, predicted, strict=False
    ):
        _ink(axis, image, limits)
        between, mark = " / " if short else "\n", "" if name == guess else " ✗"
        look = _RIGHT if name == guess else _WRONG
        style.head(axis, f"{name}{between}{guess}{mark}", **look)
    return figure


def mistakes(
    images: np.ndarray,
    names: list[str],
    predicted: list[str],
    confidence: np.ndarray,
    total: int,
) -> Figure:
    """The most confident wrong predictions, five in a row.

    Args:
      images: [n, side, side], n >= 1.
      names: the labels; predicted: the predictions.
      confidence: [n] probability of the prediction, 0..1.
      total: how many mistakes there are.
    """
    rows, short = math.ceil(len(images) / 5), _are_short(names + predicted)
    figure, axes = style.panels(
        f"The {len(images)} most confident of {total:,} mistakes\n"
        "(label above; prediction and its probability below)",
        (rows, 5),
        cell=max(1.0, _LETTER * _longest(names + predicted)),
        lines=2 if short else 3,
    )
    limits = style.limits(images)
    shown = zip(axes.flat, images, names, predicted, confidence, strict=False)
    for axis, image, name, guess, sure in shown:
        _ink(axis, image, limits)
        between = ": " if short else "\n"
        style.head(axis, f"{name}\n{guess}{between}{_percent(sure)}")
    return figure


def weight_maps(maps: Maps, classes: list[str]) -> Figure:
    """Weights as images, all with the same colours: white is zero."""
    count, largest = len(maps.images), float(abs(maps.images).max()) or 1.0
    if count == len(classes):
        columns, cell = 5, 0.82
    elif maps.by_class:
        columns, cell = len(classes), 0.38 if _are_short(classes) else 0.8
    else:
        columns, cell = 8, 0.48
    figure, axes = style.panels(
        _weights_title(maps, len(classes)),
        (math.ceil(count / columns), columns),
        cell,
        bar=True,
        every_row=count == len(classes) or not maps.by_class,
    )
    for i, (axis, image) in enumerate(zip(axes.flat, maps.images, strict=False)):
        shown = axis.imshow(image, cmap=style.SIGNED, vmin=-largest, vmax=largest)
        if not maps.by_class:
            style.head(axis, f"#{maps.units[i] + 1}")
        elif i < len(classes):
            style.head(axis, classes[i])
    style.colour_bar(figure, shown, "weight")
    return figure


def activations(maps: np.ndarray, image: np.ndarray) -> Figure:
    """The maps of a convolution in a grid of 6x6, the image itself in the last cell.

    Args:
      maps: [side, side, filters], of `image` [side, side]; few take fewer rows.
    """
    filters, (rows, columns) = maps.shape[-1], _ACTIVATION_GRID
    count = min(filters, rows * columns - 1)
    which = "All" if count == filters else f"The first {count} of"
    figure, axes = style.panels(
        f"{which} {filters} filters of the convolution, and the image they look at",
        (math.ceil((count + 1) / columns), columns),
        cell=0.68,
        bar=True,
    )
    colours = _colours(maps[..., :count])
    for i, axis in enumerate(axes.flat[:count]):
        drawn = axis.imshow(maps[..., i], **colours)
        silent = " (silent)" if np.ptp(maps[..., i]) == 0 else ""
        style.head(axis, f"#{i + 1}{silent}")
        _frame(axis)
    _ink(axes.flat[-1], image, style.limits(image))
    style.head(axes.flat[-1], "input", weight="bold")
    style.colour_bar(figure, drawn, "activation")
    return figure


def _colours(values):
    """White is zero, whether or not there are values below."""
    largest = float(abs(values).max()) or 1.0
    if values.min() < 0:
        return {"cmap": style.SIGNED, "vmin": -largest, "vmax": largest}
    return {"cmap": style.INK, "vmin": 0, "vmax": largest}


def _weights_title(maps, classes):
    count = len(maps.images)
    if count == classes:
        return f"Weights of {maps.variable} from each pixel to each class"
    if maps.by_class:
        return (
            f"Weights of {maps.variable}: of {maps.of:,} hidden units\n"
            f"the {count // classes} that speak most for each class"
        )
    if count == maps.of:
        side = maps.images.shape[1]
        return f"The {count} kernels of {maps.variable}, {side}x{side} pixels each"
    return (
        f"Weights of {maps.variable}: of {maps.of:,} hidden units\n"
        f"the {count} with the largest weights"
    )


def _are_short(names):
    return _longest(names) <= _SHORT


def _longest(names):
    return max(map(len, names))


def _percent(share):
    """Never rounded up to a certainty that it is not."""
    return f"{math.floor(share * 1000) / 10:.1f} %"


def _ink(axis, image, limits):
    axis.imshow(image, cmap=style.INK, **limits)
    _frame(axis)


def _frame(axis):
    """A thin line around an image whose own background is white."""
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(color="#cccccc", linewidth=0.6)
