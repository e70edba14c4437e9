"""How all pictures look: sizes in inches, colours that the colour-blind can tell."""

import io

import numpy as np
from matplotlib.figure import Figure

WIDTH = 5.6  # of a chart
DPI = 150

# Okabe and Ito 2008.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"
# The same green and red, dark enough for small letters.
RIGHT, WRONG = "#007A5A", "#B84300"
# Ten that remain apart (Petroff 2021).
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
INK = "Greys"  # of images: dark on white, as written
SIGNED = "PuOr_r"  # of weights: white is zero
SHARE = "Blues"
HEAT = "cividis"

_TITLE, _SMALL = 10.5, 9
_EDGE, _LINE, _GAP, _BAR = 0.12, 0.2, 0.08, 0.95


def chart(title: str, height: float, rows: int = 1, **subplots):
    """A Figure of WIDTH with `rows` axes below each other; returns it and the axes."""
    figure = Figure((WIDTH, height), dpi=DPI, layout="constrained")
    figure.suptitle(title, fontsize=_TITLE)
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
):
    """A Figure of square panels without frames, with room for titles above.

    Args:
      shape: rows and columns.
      cell: side of a panel, inches.
      lines: of the panels' titles.
      bar: whether to leave room at the right for `colour_bar`.
      every_row: whether all rows have titles, or only the first.

    Returns:
      Figure, its axes [rows, columns].
    """
    rows, columns = shape
    head = _LINE * lines + 0.05
    row_gap = head if every_row else _GAP
    top = 0.08 + 0.19 * (title.count("\n") + 1) + head
    right = _EDGE + _BAR * bar
    width = _EDGE + columns * (cell + _GAP) - _GAP + right
    height = top + rows * (cell + row_gap) - row_gap + _EDGE
    figure = Figure((width, height), dpi=DPI)
    figure.suptitle(title, fontsize=_TITLE, y=1 - _EDGE / 2 / height, va="top")
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


def head(axis, text: str, **kwargs) -> None:
    """The title of a panel."""
    axis.set_title(text, fontsize=_SMALL, pad=3, **kwargs)


def colour_bar(figure, image, label: str) -> None:
    """A bar at the right that tells what the colours of all panels mean."""
    width, height = figure.get_size_inches()
    tall = min(height - 1, 3)
    place = [
        (width - _BAR + 0.02) / width,
        (height - tall) / 2 / height,
        0.14 / width,
        tall / height,
    ]
    bar = figure.colorbar(image, cax=figure.add_axes(place))
    bar.set_label(label, fontsize=_SMALL)
    bar.ax.tick_params(labelsize=_SMALL)


def limits(images: np.ndarray) -> dict:
    """The colour limits that panels of `images` share, for imshow."""
    low, high = float(images.min()), float(images.max())
    return {"vmin": low, "vmax": high if high > low else low + 1}


def png(figure: Figure) -> bytes:
    """The picture as a PNG file's bytes; no display is needed."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", facecolor="white")
    return stream.getvalue()
