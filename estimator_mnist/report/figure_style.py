"""The style of all figures: sizes in inches, colours safe for the colour-blind."""

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from estimator_mnist.report import ticks

CHART_WIDTH = 5.6
DPI = 150

# Okabe and Ito 2008.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"
# The same green and red, dark enough for small type.
RIGHT, WRONG = "#007A5A", "#B84300"
# Ten that stay apart, also for those who are colour-blind: found by a search for the
# largest distance (at least 28 in CIELAB, as Machado et al. 2009 simulate three kinds)
# with a lightness that differs by 4 or more; digits that look alike are farthest apart.
TEN = (
    "#4444aa",
    "#44cc00",
    "#cc7766",
    "#552255",
    "#aa00ff",
    "#bb2211",
    "#ddbbcc",
    "#8877aa",
    "#8899ff",
    "#882233",
)
# Their shapes, for print without colour, and sizes, points squared: the pale ones fill
# the most.
TEN_MARKERS = (
    ("o", 13),
    ("X", 18),
    ("^", 15),
    ("*", 24),
    ("v", 15),
    ("P", 18),
    ("s", 14),
    ("<", 15),
    ("D", 12),
    (">", 15),
)
INK = "Greys"  # of images: dark on white, like handwriting
SIGNED = "PuOr_r"  # of weights: white is zero
NO_NUMBER = "#cccccc"  # of weights that are NaN
SHARE = "Blues"
HEAT = "cividis"

_TITLE_SIZE, _SMALL_SIZE = 10.5, 9  # of type, points
_EDGE, _LINE, _GAP, _BAR = 0.12, 0.2, 0.08, 0.95  # inches
_TITLE_LETTER = 0.083  # width of a letter of the title, inches
# Of a colour bar, inches: its label needs the least; a number, and air around it.
_LEAST_BAR, _MOST_BAR, _BAR_TICK = 1.0, 3.0, 0.3


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


def legend(
    figure: Figure, axes: Iterable[Axes], columns: int = 2, **kwargs: Any
) -> None:
    """Adds one legend below all of `axes`, each label once.

    Args:
      kwargs: options of Figure.legend.
    """
    entries: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        **kwargs,
    )


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
    across = columns * (cell + _GAP) - _GAP
    down = rows * (cell + row_gap) - row_gap
    # What the panels leave free of the room for a long title, or for the bar.
    title_width = _TITLE_LETTER * max(map(len, title.split("\n")))
    beside = max(0, title_width - across - right) / 2
    below = max(0, _LEAST_BAR - down) if bar else 0
    width = _EDGE + beside + across + beside + right
    height = top + down + below + _EDGE
    figure = Figure((width, height), dpi=DPI)
    figure.suptitle(title, fontsize=_TITLE_SIZE, y=1 - _EDGE / 2 / height, va="top")
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=(_EDGE + beside) / width,
        right=1 - (right + beside) / width,
        bottom=(_EDGE + below) / height,
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
    top = figure.subplotpars.top * height
    bar_height = min(top - _EDGE, _MOST_BAR)
    place = (
        figure.subplotpars.right + 0.14 / width,
        (top - (top - _EDGE - bar_height) / 2 - bar_height) / height,
        0.14 / width,
        bar_height / height,
    )
    bar = figure.colorbar(image, cax=figure.add_axes(place))
    intervals = max(2, min(6, int(bar_height / _BAR_TICK)))
    bar.locator = MaxNLocator(intervals, steps=[1, 2, 2.5, 5, 10])
    bar.formatter = ticks.NumberFormatter()
    bar.update_ticks()
    bar.set_label(label, fontsize=_SMALL_SIZE)
    bar.ax.tick_params(labelsize=_SMALL_SIZE)


def colour_limits(images: np.ndarray) -> dict[str, float]:
    """Returns the limits for imshow that all panels of `images` share."""
    known = images[np.isfinite(images)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return {"vmin": low, "vmax": high if high > low else low + 1}


def png(figure: Figure) -> bytes:
    """Renders a figure; returns the content of a PNG file. Needs no display."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", facecolor="white")
    return stream.getvalue()
