"""Charts of how well a classifier does: arrays -> Figure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, PercentFormatter

from estimator_mnist.report import figure_style, measures
from estimator_mnist.report.curves import TRAIN, Curve

Runs = dict[str, dict[str, Curve]]  # curves by run and tag

_SCALARS = {"loss": "loss", "accuracy": "accuracy, share of images"}
_RUN_LOOKS = (
    {"color": figure_style.ORANGE, "marker": "o"},
    {"color": figure_style.GREEN, "marker": "s"},
    {"color": figure_style.RED, "marker": "^"},
    {"color": figure_style.GREY, "marker": "D"},
)
_UNSMOOTHED, _WINDOW = 20, 9  # points that need no smoothing; points in a mean
_WIDE = 4  # ratio of losses from which on a log scale shows more
_SHORT_NAME = 3  # letters
# Parts of the map's extent, share of the class's images, and labels per class.
_NEAR, _FAR, _SHARE_NAMED, _NAMES = 0.06, 0.25, 0.1, 2
_HALO: list[patheffects.AbstractPathEffect] = [
    patheffects.withStroke(linewidth=3, foreground="white")
]


def learning_curves(runs: Runs) -> Figure | None:
    """Draws loss and accuracy of training and evaluations over the steps.

    Args:
      runs: curves by run and tag, as curves.of_run returns them.

    Returns:
      None if there is neither loss nor accuracy.
    """
    tags = [tag for tag in _SCALARS if any(tag in curves for curves in runs.values())]
    if not tags:
        return None
    figure, axes = figure_style.chart(
        "Learning curves", 0.5 + 2.7 * len(tags), len(tags), sharex=True
    )
    for axis, tag in zip(axes, tags, strict=True):
        looks = iter(_RUN_LOOKS * len(runs))
        for run, curves in runs.items():
            look = {"color": figure_style.BLUE} if run == TRAIN else next(looks)
            if tag in curves:
                _draw_curve(axis, run, curves[tag], look)
        axis.set_ylabel(_SCALARS[tag])
        axis.legend(frameon=False)
    if "loss" in tags:
        _log_scale_if_wide(axes[0], _values(runs, "loss"))
    axes[-1].set_xlabel("step")
    return figure


def confusion(table: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draws a confusion matrix; the colour is the share of the row.

    Args:
      table: what measures.confusion returned.
      classes: their names.
    """
    with np.errstate(invalid="ignore"):
        share = np.nan_to_num(table / table.sum(axis=1, keepdims=True))
    wrong = int(table.sum() - np.trace(table))
    figure, (axis,) = figure_style.chart(
        f"Confusion matrix: {wrong:,} of {table.sum():,} images taken for another",
        4.9,
    )
    axis.grid(False)
    # The root makes rare mistakes visible beside the diagonal.
    norm = PowerNorm(0.4, vmin=0, vmax=1)
    image = axis.imshow(share, cmap=figure_style.SHARE, norm=norm, aspect="auto")
    for (row, column), count in np.ndenumerate(table):
        if count:
            _cell_text(axis, row, column, f"{count}", share[row, column] > 0.3, 9)
    _class_ticks(axis, classes)
    axis.set(xlabel="predicted class", ylabel="true class")
    bar = figure.colorbar(image, ax=axis, shrink=0.7, ticks=[0, 0.01, 0.1, 0.3, 1])
    bar.ax.set_yticklabels(["0", "1 %", "10 %", "30 %", "100 %"])
    bar.set_label("share of the true class (root scale)")
    return figure


def precision_recall(table: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draws precision and recall of each class as dots; arguments as `confusion`."""
    precision, recall = measures.precision_recall(table)
    places = np.arange(len(classes))
    figure, (axis,) = figure_style.chart(
        "Precision and recall of each class", 1.4 + 0.3 * len(classes)
    )
    axis.hlines(places, precision, recall, color="#bbbbbb", linewidth=2, zorder=1)
    precision_look = {"marker": "o", "color": figure_style.BLUE}
    recall_look = {"marker": "D", "color": figure_style.ORANGE}
    axis.scatter(precision, places, s=48, label="precision", **precision_look)
    axis.scatter(recall, places, s=40, label="recall", **recall_look)
    axis.set_yticks(places, classes)
    axis.invert_yaxis()
    axis.set(xlabel="share of images", ylabel="class")
    axis.xaxis.set_major_formatter(_percent_format())
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    return figure


def reliability(bins: measures.Bins) -> Figure:
    """Draws accuracy over confidence and, below, the number of images of each."""
    error = measures.calibration_error(bins)
    figure, (upper, lower) = figure_style.chart(
        f"Reliability: confidence and accuracy differ by {100 * error:.1f} points "
        "on average",
        6.0,
        rows=2,
        sharex=True,
        height_ratios=[3, 1],
    )
    _draw_reliability(upper, bins)
    lower.bar(
        bins.confidence, bins.count, width=0.04, color=figure_style.BLUE, log=True
    )
    lower.set(xlabel="confidence: probability of the predicted class", ylabel="images")
    lower.set_ylim(bottom=0.5)
    for axis in (upper, lower):
        axis.xaxis.set_major_formatter(_percent_format())
    upper.yaxis.set_major_formatter(_percent_format())
    return figure


def embedding(
    points: np.ndarray, labels: np.ndarray, wrong: np.ndarray, classes: Sequence[str]
) -> Figure:
    """Draws a map of images, coloured by class, with class names where it is dense.

    Args:
      points: [n, 2].
      labels: int [n].
      wrong: bool [n], whether the model is wrong; drawn with a black edge.
      classes: their names.
    """
    figure, (axis,) = figure_style.chart(
        f"t-SNE of the penultimate layer for {len(points):,} images", 6.4
    )
    axis.grid(False)
    _draw_points(axis, points, labels, wrong, classes)
    for i, name in enumerate(classes):
        for x, y in _dense_places(points[labels == i], np.ptp(points, axis=0).max()):
            _class_name(axis, x, y, name)
    axis.set(xticks=[], yticks=[], aspect="equal", adjustable="datalim")
    axis.set(xlabel="t-SNE 1 (no unit)", ylabel="t-SNE 2 (no unit)")
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=6 if _are_short(classes) else 4,
        frameon=False,
        markerscale=2,
    )
    return figure


def offsets(accuracy: np.ndarray, images: int) -> Figure:
    """Draws the accuracy by the place of the images on the canvas.

    Args:
      accuracy: [rows, columns], by the image's top-left corner, 0..1.
      images: the number of images at each place.
    """
    low, high = float(accuracy.min()), float(accuracy.max())
    figure, (axis,) = figure_style.chart(
        f"Accuracy by place: {100 * low:.1f} % to {100 * high:.1f} %, mean "
        f"{100 * accuracy.mean():.1f} %\n(the same {images:,} images at each place)",
        4.75,
    )
    axis.grid(False)
    darkest = min(np.floor(low * 10) / 10, 0.9)
    image = axis.imshow(accuracy, cmap=figure_style.HEAT, vmin=darkest, vmax=1)
    middle = (darkest + 1) / 2
    for (row, column), share in np.ndenumerate(accuracy):
        _cell_text(axis, row, column, f"{100 * share:.0f}", share < middle, 8)
    rows, columns = accuracy.shape
    axis.set_xticks(range(columns))
    axis.set_yticks(range(rows))
    axis.set_xlabel("columns from the left, pixels")
    axis.set_ylabel("rows from the top, pixels")
    bar = figure.colorbar(image, ax=axis, shrink=0.7, format=_percent_format(0))
    bar.set_label("accuracy (the cells: %)")
    return figure


def _draw_curve(axis: Axes, run: str, curve: Curve, look: dict[str, Any]) -> None:
    name = run.replace("_", ": ")
    if run != TRAIN:
        axis.plot(curve.steps, curve.values, label=name, **look)
    elif len(curve.steps) < _UNSMOOTHED:
        axis.plot(curve.steps, curve.values, label=f"{name}, one batch each", **look)
    else:
        axis.plot(curve.steps, curve.values, alpha=0.35, linewidth=0.8, **look)
        steps, values = _smoothed(curve)
        axis.plot(steps, values, label=f"{name}, mean of {_WINDOW} batches", **look)


def _log_scale_if_wide(axis: Axes, values: list[float]) -> None:
    low, high = min(values), max(values)
    if low > 0 and high / low > _WIDE:
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter("")
        axis.set_ylabel(f"{axis.get_ylabel()} (log scale)")


def _smoothed(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Returns steps and values of the means of _WINDOW neighbours each."""
    kernel, half = np.full(_WINDOW, 1 / _WINDOW), _WINDOW // 2
    return curve.steps[half:-half], np.convolve(curve.values, kernel, "valid")


def _values(runs: Runs, tag: str) -> list[float]:
    return [v for curves in runs.values() if tag in curves for v in curves[tag].values]


def _draw_reliability(axis: Axes, bins: measures.Bins) -> None:
    axis.plot([0, 1], [0, 1], "--", color=figure_style.GREY, label="as sure as right")
    axis.errorbar(
        bins.confidence,
        bins.accuracy,
        abs(np.array([bins.low, bins.high]) - bins.accuracy),
        color=figure_style.BLUE,
        marker="o",
        capsize=3,
        label="this model, 95 % intervals",
    )
    axis.set(ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    axis.legend(frameon=False, loc="upper left")


def _draw_points(
    axis: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    wrong: np.ndarray,
    classes: Sequence[str],
) -> None:
    for i, name in enumerate(classes):
        x, y = points[labels == i].T
        colour = figure_style.TEN[i % 10]
        axis.scatter(x, y, s=9, color=colour, label=name, linewidths=0)
    x, y = points[wrong].T
    axis.scatter(
        x,
        y,
        s=16,
        facecolors="none",
        edgecolors="black",
        linewidths=0.6,
        label="misclassified",
    )


def _dense_places(points: np.ndarray, extent: float) -> np.ndarray:
    """Returns one or two of points [n, 2] that have most neighbours, far apart."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    neighbours = (distances < extent * _NEAR).sum(axis=1)
    places: list[int] = []
    for i in np.argsort(-neighbours, kind="stable"):
        few = neighbours[i] < len(points) * _SHARE_NAMED
        if len(places) == _NAMES or (places and few):
            break
        if all(distances[i, j] > extent * _FAR for j in places):
            places.append(i)
    return points[places]


def _class_name(axis: Axes, x: float, y: float, name: str) -> None:
    text = axis.text(x, y, name, ha="center", va="center", weight="bold", size=12)
    text.set_path_effects(_HALO)


def _class_ticks(axis: Axes, classes: Sequence[str]) -> None:
    places = range(len(classes))
    if _are_short(classes):
        axis.set_xticks(places, classes)
    else:
        axis.set_xticks(places, classes, rotation=45, ha="right")
    axis.set_yticks(places, classes)


def _cell_text(
    axis: Axes, row: int, column: int, text: str, is_dark: bool, size: int
) -> None:
    """Writes `text` into a cell of an image."""
    colour = "white" if is_dark else "black"
    axis.text(column, row, text, ha="center", va="center", color=colour, size=size)


def _are_short(names: Sequence[str]) -> bool:
    return max(map(len, names)) <= _SHORT_NAME


def _percent_format(decimals: int | None = None) -> PercentFormatter:
    return PercentFormatter(xmax=1, decimals=decimals, symbol=" %")
