"""The style of all figures: sizes in inches, colours safe for the colour-blind."""

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

CHART_WIDTH = 5.6
DPI = 150

# Okabe and Ito 2008.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"
# The same green and red, dark enough for small type.
RIGHT, WRONG = "#007A5A", "#B84300"
# Ten that are easy to tell apart (Petroff 2021).
TEN = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
INK = "Greys"  # of images: dark on white, like handwriting
SIGNED = "PuOr_r"  # of weights: white is zero
SHARE = "Blues"
HEAT = "cividis"

_TITLE_SIZE, _SMALL_SIZE = 10.5, 9  # of type, points
_EDGE, _LINE, _GAP, _BAR = 0.12, 0.2, 0.08, 0.95  # inches


def chart(
    title: str, height: float, rows: int = 1, **subplots: Any
) -> tuple[Figure, np.ndarray]:
    """Returns a new Figure of CHART_WIDTH and its axes [rows], one below the other.

    Args:
      height: inches.
      subplots: options of Figure.subplots.
    """
    figure = Figure((CHART_WIDTH, height), dpi=DPI, layout="constrained")
    figure.suptitle(title, fontsize=_TITLE_SIZE)
    axes = figure.subplots(rows, 1, squeeze=False, **subplots)[:, 0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)
        axis.set_axisbelow(True)
    return figure, axes


def panels(
    title: str,
    shape: tuple[int, int],
    cell: float,
    lines: int = 1,
    bar: bool = False,
    every_row: bool = True,
) -> tuple[Figure, np.ndarray]:
    """Returns a new Figure of square panels without frames, with room for titles.

    Args:
      shape: rows and columns.
      cell: side of a panel, inches.
      lines: the number of lines in a panel's title.
      bar: whether to leave room at the right for `colour_bar`.
      every_row: whether all rows have titles, or only the first.

    Returns:
      The Figure and its axes [rows, columns].
    """
    rows, columns = shape
    title_height = _LINE * lines + 0.05
    row_gap = title_height if every_row else _GAP
    top = 0.08 + 0.19 * (title.count("\n") + 1) + title_height
    right = _EDGE + _BAR if bar else _EDGE
    width = _EDGE + columns * (cell + _GAP) - _GAP + right
    height = top + rows * (cell + row_gap) - row_gap + _EDGE
    figure = Figure((width, height), dpi=DPI)
    figure.suptitle(title, fontsize=_TITLE_SIZE, y=1 - _EDGE / 2 / height, va="top")
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=_EDGE / width,
        right=1 - right / width,
        bottom=_EDGE / height,
        top=1 - top / height,
        wspace=_GAP / cell,
        hspace=row_gap / cell,
    )
    for axis in axes.flat:
        axis.set_axis_off()
    return figure, axes


def panel_title(axis: Axes, text: str, **kwargs: Any) -> None:
    """Sets the title of a panel; `kwargs` are properties of its Text."""
    axis.set_title(text, fontsize=_SMALL_SIZE, pad=3, **kwargs)


def colour_bar(figure: Figure, image: AxesImage, label: str) -> None:
    """Adds a bar at the right that shows what the colours of all panels mean."""
    width, height = figure.get_size_inches()
    bar_height = min(height - 1, 3)
    place = (
        (width - _BAR + 0.02) / width,
        (height - bar_height) / 2 / height,
        0.14 / width,
        bar_height / height,
    )
    bar = figure.colorbar(image, cax=figure.add_axes(place))
    bar.set_label(label, fontsize=_SMALL_SIZE)
    bar.ax.tick_params(labelsize=_SMALL_SIZE)


def colour_limits(images: np.ndarray) -> dict[str, float]:
    """Returns the limits for imshow that all panels of `images` share."""
    low, high = float(images.min()), float(images.max())
    return {"vmin": low, "vmax": high if high > low else low + 1}


def png(figure: Figure) -> bytes:
    """Renders a figure; returns the content of a PNG file. Needs no display."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", facecolor="white")
    return stream.getvalue()
