"""Charts of how well a classifier does: arrays -> Figure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from estimator_mnist.report import figure_style, measures, ticks
from estimator_mnist.report.curves import TRAIN, Curve

Runs = dict[str, dict[str, Curve]]  # curves by run and tag

_LOSS, _ACCURACY = "loss", "accuracy"
_SCALARS = (_LOSS, _ACCURACY)
# What an evaluation's folder is of; an open ring leaves what lies below it to be seen.
_RING = {
    "markerfacecolor": "none",
    "markersize": 9,
    "markeredgewidth": 1.6,
    "zorder": 3,
}
_EVALUATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "eval": (
        "test images",
        {"color": figure_style.ORANGE, "marker": "o", "markersize": 9, **_RING},
    ),
    "eval_validation": (
        "validation images",
        {"color": figure_style.GREEN, "marker": "s", "markersize": 4.5},
    ),
    "eval_train": (
        "training images",
        {"color": figure_style.RED, "marker": "^", "markersize": 7, **_RING},
    ),
}
_MANY_LOOK = {"color": figure_style.GREY, "linewidth": 0.8, "marker": "."}
_MOST_NAMED = 6  # other evaluations that the legend can name
_UNSMOOTHED, _WINDOW = 20, 9  # points that need no smoothing; points in a mean
_WIDE = 4  # ratio of losses from which on a log scale shows more
_SHORT_NAME = 3  # letters
_MOST_IN_CELL = 99_999  # that fits with all its digits
_CELL_SIZES = {5: 7, 6: 6, 7: 6}  # of type, points, by the number of letters
# Parts of the map's extent, share of the class's images, and labels per class.
_NEAR, _FAR, _SHARE_NAMED, _NAMES = 0.06, 0.25, 0.1, 2
_LETTER_WIDTH, _NAME_HEIGHT = 0.026, 0.045  # of a label, parts of the map's extent
_HALO: list[patheffects.AbstractPathEffect] = [
    patheffects.withStroke(linewidth=3, foreground="white")
]


def learning_curves(runs: Runs) -> Figure | None:
    """Draws loss and accuracy of training and evaluations over the steps.

    What is NaN or infinite is marked at the top.

    Args:
      runs: curves by run and tag, as curves.of_run returns them.

    Returns:
      None if there is neither loss nor accuracy.
    """
    tags = [tag for tag in _SCALARS if any(tag in curves for curves in runs.values())]
    if not tags:
        return None
    figure, axes = figure_style.chart(
        "Learning curves", 0.9 + 2.7 * len(tags), len(tags), sharex=True
    )
    looks = _looks_of_evaluations([run for run in runs if run != TRAIN])
    for axis, tag in zip(axes, tags, strict=True):
        curves = {run: found[tag] for run, found in runs.items() if tag in found}
        for run, curve in curves.items():
            if run == TRAIN:
                _draw_training(axis, curve)
            else:
                name, look = looks[run]
                values = _finite(curve.values)
                axis.plot(curve.steps, values, label=name, **look)
        _draw_not_finite(axis, curves.values())
        _set_scale(axis, tag, [v for curve in curves.values() for v in curve.values])
    axes[-1].set_xlabel("step")
    axes[-1].xaxis.set_major_locator(ticks.round_locator(integer=True, min_n_ticks=1))
    axes[-1].xaxis.set_major_formatter(ticks.NumberFormatter())
    figure_style.legend(figure, axes)
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
        text = ticks.number(count, 3) if count > _MOST_IN_CELL else f"{count}"
        size = _CELL_SIZES.get(len(text), 9)
        if count:
            _cell_text(axis, row, column, text, share[row, column] > 0.3, size)
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
    axis.scatter(
        precision, places, s=30, label="precision", marker="o", color=figure_style.BLUE
    )
    # A ring, through which a precision that is the same is seen.
    axis.scatter(
        recall,
        places,
        s=75,
        label="recall",
        marker="D",
        facecolors="none",
        edgecolors=figure_style.ORANGE,
        linewidths=1.8,
    )
    for place in range(len(classes)):
        _note_missing(axis, place, precision[place], recall[place])
    axis.set_yticks(places, classes)
    axis.set_ylim(len(classes) - 0.4, -0.6)
    least = np.nanmin([*precision, *recall, 0.95])
    axis.set_xlim(least - 0.05 * (1 - least), 1 + 0.05 * (1 - least))
    axis.xaxis.set_major_locator(ticks.round_locator())
    axis.xaxis.set_major_formatter(ticks.percent())
    axis.set(xlabel="share of images", ylabel="class")
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
    lower.bar(bins.confidence, bins.count, width=0.04, color=figure_style.BLUE)
    ticks.log_scale(lower, "y", [0.6, 10, *bins.count])
    lower.set_ylim(bottom=0.6)
    lower.set(xlabel="confidence: probability of the predicted class")
    lower.set_ylabel("images (log scale)")
    for axis in (upper, lower):
        axis.xaxis.set_major_formatter(ticks.percent())
    upper.yaxis.set_major_formatter(ticks.percent())
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
    for name, x, y in _label_places(points, labels, classes):
        _class_name(axis, x, y, name)
    axis.set(xticks=[], yticks=[], aspect="equal", adjustable="datalim")
    axis.set(xlabel="t-SNE 1 (no unit)", ylabel="t-SNE 2 (no unit)")
    figure_style.legend(
        figure, [axis], columns=6 if _are_short(classes) else 4, markerscale=1.6
    )
    return figure


def offsets(accuracy: np.ndarray, images: int) -> Figure:
    """Draws the accuracy by the place of the images on the canvas.

    Args:
      accuracy: [rows, columns], by the image's top-left corner, 0..1.
      images: the number of images at each place.
    """
    low, high = float(accuracy.min()), float(accuracy.max())
    shown = "the same image" if images == 1 else f"the same {images:,} images"
    figure, (axis,) = figure_style.chart(
        f"Accuracy by place: {100 * low:.1f} % to {100 * high:.1f} %, mean "
        f"{100 * accuracy.mean():.1f} %\n({shown} at each place)",
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
    bar = figure.colorbar(image, ax=axis, shrink=0.7, format=ticks.percent())
    bar.set_label("accuracy (the cells: %)")
    return figure


def _looks_of_evaluations(runs: Sequence[str]) -> dict[str, tuple[str, dict]]:
    """Returns a name for the legend, and how its curve is drawn, of each evaluation."""
    others = [run for run in runs if run not in _EVALUATIONS]
    found = dict(_EVALUATIONS)
    for i, run in enumerate(others):
        colour, (marker, _) = figure_style.TEN[i % 10], figure_style.TEN_MARKERS[i % 10]
        look = {"color": colour, "marker": marker, "markersize": 4.5}
        found[run] = run.removeprefix("eval_"), look
    if len(others) > _MOST_NAMED:
        found |= {
            run: (f"{len(others)} other evaluations", _MANY_LOOK) for run in others
        }
    return found


def _draw_training(axis: Axes, curve: Curve) -> None:
    values, blue = _finite(curve.values), figure_style.BLUE
    if len(values) < _UNSMOOTHED:
        # With dots: a line of one point, or between two gaps, would not be seen.
        label = "training, one batch each"
        axis.plot(curve.steps, values, ".-", color=blue, label=label, markersize=7)
        return
    axis.plot(curve.steps, values, color=blue, alpha=0.35, linewidth=0.8)
    label = f"training, mean of {_WINDOW} batches"
    axis.plot(curve.steps, _smoothed(values), color=blue, label=label)


def _draw_not_finite(axis: Axes, curves: Iterable[Curve]) -> None:
    """Marks the steps at which a value is no number that an axis could have."""
    steps = [step for one in curves for step in one.steps[~np.isfinite(one.values)]]
    if steps:
        axis.plot(
            steps,
            np.ones(len(steps)),
            "x",
            color=figure_style.RED,
            markeredgewidth=2,
            transform=axis.get_xaxis_transform(),
            clip_on=False,
            label="NaN or infinite",
        )


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _set_scale(axis: Axes, tag: str, values: Sequence[float]) -> None:
    """Sets the scale of the values, and a label that names it."""
    shown = [value for value in values if np.isfinite(value)]
    if tag == _ACCURACY:
        axis.set_ylabel("accuracy, share of images")
        axis.yaxis.set_major_formatter(ticks.percent())
    elif shown and 0 < min(shown) < max(shown) / _WIDE:
        axis.set_ylabel("loss (log scale)")
        ticks.log_scale(axis, "y", shown)
    else:
        axis.set_ylabel("loss")
        axis.yaxis.set_major_formatter(ticks.NumberFormatter())
    if not shown:
        axis.set(ylim=(0, 1), yticks=[])


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Returns the means of up to _WINDOW neighbours each, as many on either side.

    The first and the last value stand for themselves, so that the line is as long.
    """
    last, half = len(values) - 1, _WINDOW // 2
    reaches = [min(half, i, last - i) for i in range(len(values))]
    windows = [values[i - reach : i + reach + 1] for i, reach in enumerate(reaches)]
    known = [window[~np.isnan(window)] for window in windows]
    return np.array([part.mean() if len(part) else np.nan for part in known])


def _note_missing(axis: Axes, place: int, precision: float, recall: float) -> None:
    """Writes why a class lacks a dot."""
    notes = {"never predicted": precision, "no images": recall}
    text = ", ".join(note for note, share in notes.items() if np.isnan(share))
    axis.text(
        0.01,
        place,
        text,
        transform=axis.get_yaxis_transform(),
        va="center",
        size=8,
        color=figure_style.GREY,
    )


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
    axis.legend(frameon=False, loc="best")


def _draw_points(
    axis: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    wrong: np.ndarray,
    classes: Sequence[str],
) -> None:
    for i, name in enumerate(classes):
        x, y = points[labels == i].T
        marker, size = figure_style.TEN_MARKERS[i % 10]
        look: dict[str, Any] = {"color": figure_style.TEN[i % 10], "marker": marker}
        axis.scatter(x, y, s=size, label=name, linewidths=0, **look)
    x, y = points[wrong].T
    axis.scatter(
        x,
        y,
        s=26,
        facecolors="none",
        edgecolors="black",
        linewidths=0.6,
        label="misclassified",
    )


def _label_places(
    points: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> Iterator[tuple[str, float, float]]:
    """Yields name and place of each label: where its class is dense, none on another.

    Args:
      points: [n, 2].
      labels: int [n].
    """
    extent = float(np.ptp(points, axis=0).max())
    taken: list[tuple[float, float, float]] = []  # x, y, width
    for i, name in enumerate(classes):
        width = extent * _LETTER_WIDTH * max(1, len(name))
        for x, y in _dense_places(points[labels == i], extent, width, taken):
            taken.append((x, y, width))
            yield name, x, y


def _dense_places(
    points: np.ndarray,
    extent: float,
    width: float,
    taken: Sequence[tuple[float, float, float]],
) -> np.ndarray:
    """Returns up to two of points [n, 2] that have most neighbours, far apart.

    Args:
      extent: of the map.
      width: of the label, which must not lie on one of those that are `taken`.
    """
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    neighbours = (distances < extent * _NEAR).sum(axis=1)
    places: list[int] = []
    for i in np.argsort(-neighbours, kind="stable"):
        few = neighbours[i] < len(points) * _SHARE_NAMED
        if len(places) == _NAMES or (places and few):
            break
        x, y = points[i]
        is_free = all(
            abs(x - a) > (width + b) / 2 or abs(y - c) > extent * _NAME_HEIGHT
            for a, c, b in taken
        )
        if is_free and all(distances[i, j] > extent * _FAR for j in places):
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
