"""Panels of images: examples, predictions, weights, activations: arrays -> Figure."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from estimator_mnist.report import figure_style
from estimator_mnist.report.weights import WeightMaps

_SHORT_NAME = 3  # letters of a class name that fit above a small panel
_LETTER = 0.085  # width of a letter in bold, inches
_ACTIVATION_GRID = (6, 6)
_MAPS_IN_A_ROW = 8
_RIGHT_LOOK = {"color": figure_style.RIGHT}
_WRONG_LOOK = {"color": figure_style.WRONG, "weight": "bold"}


def examples(images: np.ndarray, names: Sequence[str], place: str) -> Figure:
    """Draws nine images as the network sees them, with their classes.

    Args:
      images: [9, side, side].
      names: the labels.
      place: of the images, for the title: ", at random places", or "".
    """
    side = images.shape[1]
    figure, axes = figure_style.panels(
        f"Nine images as the network sees them: {side}x{side} pixels{place}",
        (3, 3),
        cell=1.7,
    )
    limits = figure_style.colour_limits(images)
    for axis, image, name in zip(axes.flat, images, names, strict=False):
        _draw_image(axis, image, limits)
        figure_style.panel_title(axis, name)
    return figure


def predictions(
    images: np.ndarray,
    names: Sequence[str],
    predicted: Sequence[str],
    classes: Sequence[str],
) -> Figure:
    """Draws up to fifty images in rows of ten, titled with label and prediction.

    Args:
      images: [n, side, side].
      names: the labels.
      predicted: the names of the predicted classes.
      classes: the names of all classes; the longest determines the panels' width.
    """
    short = _are_short(classes)
    legend = "label / prediction" if short else "label above, prediction below"
    rows = max(1, min(5, math.ceil(len(images) / 10)))
    right = sum(a == b for a, b in zip(names, predicted, strict=True))
    figure, axes = figure_style.panels(
        f"{right} of {len(images)} right ({legend}; green: right, red with ✗: wrong)",
        (rows, 10),
        cell=0.46 if short else max(0.9, _LETTER * _longest(classes)),
        lines=1 if short else 2,
    )
    limits = figure_style.colour_limits(images)
    between = " / " if short else "\n"
    shown = zip(axes.flat, images, names, predicted, strict=False)
    for axis, image, name, guess in shown:
        _draw_image(axis, image, limits)
        mark, look = ("", _RIGHT_LOOK) if name == guess else (" ✗", _WRONG_LOOK)
        figure_style.panel_title(axis, f"{name}{between}{guess}{mark}", **look)
    return figure


def mistakes(
    images: np.ndarray,
    names: Sequence[str],
    predicted: Sequence[str],
    confidence: np.ndarray,
    total: int,
) -> Figure:
    """Draws the most confident wrong predictions, five in a row.

    Args:
      images: [n, side, side], n >= 1.
      names: the labels.
      predicted: the names of the predicted classes.
      confidence: [n] probability of the prediction, 0..1.
      total: the number of all mistakes.
    """
    all_names = [*names, *predicted]
    rows, short = math.ceil(len(images) / 5), _are_short(all_names)
    figure, axes = figure_style.panels(
        f"The {len(images)} most confident of {total:,} mistakes\n"
        "(label above; prediction and its probability below)",
        (rows, 5),
        cell=max(1.0, _LETTER * _longest(all_names)),
        lines=2 if short else 3,
    )
    limits = figure_style.colour_limits(images)
    between = ": " if short else "\n"
    shown = zip(axes.flat, images, names, predicted, confidence, strict=False)
    for axis, image, name, guess, probability in shown:
        _draw_image(axis, image, limits)
        text = f"{name}\n{guess}{between}{_percent(probability)}"
        figure_style.panel_title(axis, text)
    return figure


def weight_maps(maps: WeightMaps, classes: Sequence[str]) -> Figure:
    """Draws weights as images, all on the same colour scale: white is zero."""
    count = len(maps.images)
    columns, cell = _weights_grid(maps, classes)
    figure, axes = figure_style.panels(
        _weights_title(maps, len(classes)),
        (math.ceil(count / columns), columns),
        cell,
        bar=True,
        every_row=count == len(classes) or not maps.by_class,
    )
    scale = _signed_scale(maps.images)
    for i, (axis, image) in enumerate(zip(axes.flat, maps.images, strict=False)):
        drawn = axis.imshow(image, **scale)
        if not maps.by_class:
            title = f"#{maps.units[i] + 1}{_not_finite(image)}"
            figure_style.panel_title(axis, title)
        elif i < len(classes):
            figure_style.panel_title(axis, classes[i])
    figure_style.colour_bar(figure, drawn, "weight")
    return figure


def activations(maps: np.ndarray, image: np.ndarray) -> Figure:
    """Draws the maps of a convolution in rows of six, the image in the last cell.

    Args:
      maps: [side, side, filters], of which up to 35 are shown.
      image: [side, side], what the maps are of.
    """
    filters, (rows, columns) = maps.shape[-1], _ACTIVATION_GRID
    count = min(filters, rows * columns - 1)
    which = "All" if count == filters else f"The first {count} of"
    shown = "The only filter" if filters == 1 else f"{which} {filters} filters"
    figure, axes = figure_style.panels(
        f"{shown} of the convolution, and the image as its input",
        (math.ceil((count + 1) / columns), columns),
        cell=0.68,
        bar=True,
    )
    scale = _scale(maps[..., :count])
    for i, axis in enumerate(axes.flat[:count]):
        drawn = axis.imshow(maps[..., i], **scale)
        silent = " (silent)" if np.ptp(maps[..., i]) == 0 else ""
        mark = _not_finite(maps[..., i]) or silent
        figure_style.panel_title(axis, f"#{i + 1}{mark}")
        _frame(axis)
    _draw_image(axes.flat[-1], image, figure_style.colour_limits(image))
    figure_style.panel_title(axes.flat[-1], "input", weight="bold")
    figure_style.colour_bar(figure, drawn, "activation")
    return figure


def _scale(values: np.ndarray) -> dict[str, Any]:
    """Returns a colour scale for imshow; white is zero even if no value is below."""
    if (values < 0).any():
        return _signed_scale(values)
    return {"cmap": _colours(figure_style.INK), "vmin": 0, "vmax": _largest(values)}


def _signed_scale(values: np.ndarray) -> dict[str, Any]:
    largest = _largest(values)
    colours = _colours(figure_style.SIGNED)
    return {"cmap": colours, "vmin": -largest, "vmax": largest}


def _colours(name: str) -> Colormap:
    return colormaps[name].with_extremes(bad=figure_style.NO_NUMBER)


def _largest(values: np.ndarray) -> float:
    """Returns the largest size of a finite value; 1 where all are 0, or none is."""
    return float(abs(values[np.isfinite(values)]).max(initial=0)) or 1.0


def _not_finite(values: np.ndarray) -> str:
    """Returns what a title says of values that no colour can show."""
    return "" if np.isfinite(values).all() else " (NaN)"


def _weights_grid(maps: WeightMaps, classes: Sequence[str]) -> tuple[int, float]:
    """Returns the number of columns, and the side of a panel in inches."""
    if len(maps.images) == len(classes):
        return 5, 0.82
    if maps.by_class:
        return len(classes), 0.38 if _are_short(classes) else 0.8
    columns = min(_MAPS_IN_A_ROW, len(maps.images))
    return columns, 0.48 if len(maps.images) > _MAPS_IN_A_ROW else 0.7


def _weights_title(maps: WeightMaps, classes: int) -> str:
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
        if count == 1:
            return f"The only kernel of {maps.variable}, {side}x{side} pixels"
        return f"The {count} kernels of {maps.variable}, {side}x{side} pixels each"
    return (
        f"Weights of {maps.variable}: of {maps.of:,} hidden units\n"
        f"the {count} with the largest weights"
    )


def _are_short(names: Sequence[str]) -> bool:
    return _longest(names) <= _SHORT_NAME


def _longest(names: Sequence[str]) -> int:
    return max(map(len, names))


def _percent(share: float) -> str:
    """Formats a share, rounded down, so that 100.0 % stands for certainty alone."""
    if math.isnan(share):
        return "NaN"
    return f"{math.floor(share * 1000) / 10:.1f} %"


def _draw_image(axis: Axes, image: np.ndarray, limits: dict[str, float]) -> None:
    axis.imshow(image, cmap=figure_style.INK, vmin=limits["vmin"], vmax=limits["vmax"])
    _frame(axis)


def _frame(axis: Axes) -> None:
    """Draws a thin line around an image, whose own background is white."""
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(color="#cccccc", linewidth=0.6)
