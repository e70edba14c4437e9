"""Charts of how well a classifier does: arrays -> Figure."""

import numpy as np
from matplotlib import patheffects
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, PercentFormatter

from estimator_mnist.report import measures, style
from estimator_mnist.report.curves import TRAIN, Curve

_SCALARS = {"loss": "loss", "accuracy": "accuracy, share of images"}
_RUN_LOOKS = (
    {"color": style.ORANGE, "marker": "o"},
    {"color": style.GREEN, "marker": "s"},
    {"color": style.RED, "marker": "^"},
    {"color": style.GREY, "marker": "D"},
)
_FEW, _WINDOW = 20, 9  # points that need no smoothing; points in a mean
_WIDE = 4  # ratio of losses from which on a log scale shows more
# Parts of the map's extent, share of the class's images, and labels per class.
_NEAR, _FAR, _SHARE_NAMED, _NAMES = 0.06, 0.25, 0.1, 2
_HALO = [patheffects.withStroke(linewidth=3, foreground="white")]


def learning_curves(runs: dict[str, dict[str, Curve]]) -> Figure | None:
    """Loss and accuracy over the steps, of training and evaluations.

    Args:
      runs: curves by run and tag, as curves.of_run returns them.

    Returns:
      None where there is neither loss nor accuracy.
    """
    tags = [tag for tag in _SCALARS if any(tag in curves for curves in runs.values())]
    if not tags:
        return None
    figure, axes = style.chart(
        "Learning curves", 0.5 + 2.7 * len(tags), len(tags), sharex=True
    )
    for axis, tag in zip(axes, tags, strict=True):
        looks = iter(_RUN_LOOKS * len(runs))
        for run, curves in runs.items():
            look = {"color": style.BLUE} if run == TRAIN else next(looks)
            if tag in curves:
                _draw_curve(axis, run, curves[tag], look)
        axis.set_ylabel(_SCALARS[tag])
        axis.legend(frameon=False)
    if "loss" in tags:
        _log_scale_if_wide(axes[0], _values(runs, "loss"))
    axes[-1].set_xlabel("step")
    return figure


def confusion(table: np.ndarray, classes: list[str]) -> Figure:
    """Counts [classes, classes], true in rows; colour is the share of the row."""
    with np.errstate(invalid="ignore"):
        share = np.nan_to_num(table / table.sum(axis=1, keepdims=True))
    wrong = int(table.sum() - np.trace(table))
    figure, (axis,) = style.chart(
        f"Confusion matrix: {wrong:,} of {table.sum():,} images taken for another",
        4.9,
    )
    axis.grid(False)
    # The root lets rare mistakes be seen beside the diagonal.
    shown = axis.imshow(share, cmap=style.SHARE, norm=_root_norm(), aspect="auto")
    for (row, column), count in np.ndenumerate(table):
        if count:
            colour = "white" if share[row, column] > 0.3 else "black"
            axis.text(
                column, row, f"{count}", ha="center", va="center", color=colour, size=9
            )
    _class_ticks(axis, classes)
    axis.set(xlabel="predicted class", ylabel="true class")
    bar = figure.colorbar(shown, ax=axis, shrink=0.7, ticks=[0, 0.01, 0.1, 0.3, 1])
    bar.ax.set_yticklabels(["0", "1 %", "10 %", "30 %", "100 %"])
    bar.set_label("share of the true class (root scale)")
    return figure


def precision_recall(table: np.ndarray, classes: list[str]) -> Figure:
    """Both of each class as dots; `table` as for `confusion`."""
    precision, recall = measures.precision_recall(table)
    lines = np.arange(len(classes))
    figure, (axis,) = style.chart(
        "Precision and recall of each class", 1.4 + 0.3 * len(classes)
    )
    axis.hlines(lines, precision, recall, color="#bbbbbb", linewidth=2, zorder=1)
    precision_look = {"marker": "o", "color": style.BLUE}
    recall_look = {"marker": "D", "color": style.ORANGE}
    axis.scatter(precision, lines, s=48, label="precision", **precision_look)
    axis.scatter(recall, lines, s=40, label="recall", **recall_look)
    axis.set_yticks(lines, classes)
    axis.invert_yaxis()
    axis.set(xlabel="share of images", ylabel="class")
    axis.xaxis.set_major_formatter(_percent_format())
    _legend_above(axis, 2)
    return figure


def reliability(bins: measures.Bins) -> Figure:
    """Accuracy over confidence, and how many images have which confidence."""
    error = measures.calibration_error(bins)
    figure, (above, below) = style.chart(
        f"Reliability: confidence and accuracy differ by {100 * error:.1f} points "
        "on average",
        6.0,
        rows=2,
        sharex=True,
        height_ratios=[3, 1],
    )
    above.plot([0, 1], [0, 1], "--", color=style.GREY, label="as sure as right")
    spread = abs(np.array([bins.low, bins.high]) - bins.accuracy)
    above.errorbar(
        bins.confidence,
        bins.accuracy,
        spread,
        color=style.BLUE,
        marker="o",
        capsize=3,
        label="this model, 95 % intervals",
    )
    above.set(ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    above.legend(frameon=False, loc="upper left")
    below.bar(bins.confidence, bins.count, width=0.04, color=style.BLUE, log=True)
    below.set(xlabel="confidence: probability of the predicted class", ylabel="images")
    below.set_ylim(bottom=0.5)
    for axis in (above, below):
        axis.xaxis.set_major_formatter(_percent_format())
    above.yaxis.set_major_formatter(_percent_format())
    return figure


def embedding(
    points: np.ndarray, labels: np.ndarray, wrong: np.ndarray, classes: list[str]
) -> Figure:
    """A map of images, coloured by class, the class's name where it is dense.

    Args:
      points: [n, 2].
      labels: [n] int.
      wrong: [n] bool, whether the model is wrong; these get a black edge.
    """
    figure, (axis,) = style.chart(
        f"t-SNE of the penultimate layer for {len(points):,} images", 6.4
    )
    axis.grid(False)
    for i, name in enumerate(classes):
        x, y = points[labels == i].T
        axis.scatter(x, y, s=9, color=style.TEN[i % 10], label=name, linewidths=0)
    axis.scatter(
        *points[wrong].T,
        s=16,
        facecolors="none",
        edgecolors="black",
        linewidths=0.6,
        label="misclassified",
    )
    for i, name in enumerate(classes):
        for x, y in _dense_places(points[labels == i], np.ptp(points, axis=0).max()):
            _name(axis, x, y, name)
    axis.set(xticks=[], yticks=[], aspect="equal", adjustable="datalim")
    axis.set(xlabel="t-SNE 1 (no unit)", ylabel="t-SNE 2 (no unit)")
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=6 if max(map(len, classes)) <= 3 else 4,
        frameon=False,
        markerscale=2,
    )
    return figure


def offsets(accuracy: np.ndarray, images: int) -> Figure:
    """Accuracy [rows, columns] by where the image's top-left corner lies."""
    low, high = float(accuracy.min()), float(accuracy.max())
    figure, (axis,) = style.chart(
        f"Accuracy by place: {100 * low:.1f} % to {100 * high:.1f} %, mean "
        f"{100 * accuracy.mean():.1f} %\n(the same {images:,} images at each place)",
        4.75,
    )
    axis.grid(False)
    floor = np.floor(low * 10) / 10
    shown = axis.imshow(accuracy, cmap=style.HEAT, vmin=min(floor, 0.9), vmax=1)
    middle = (min(floor, 0.9) + 1) / 2
    for (row, column), share in np.ndenumerate(accuracy):
        colour = "white" if share < middle else "black"
        text = f"{100 * share:.0f}"
        axis.text(column, row, text, ha="center", va="center", color=colour, size=8)
    rows, columns = accuracy.shape
    axis.set_xticks(range(columns))
    axis.set_yticks(range(rows))
    axis.set_xlabel("columns from the left, pixels")
    axis.set_ylabel("rows from the top, pixels")
    bar = figure.colorbar(shown, ax=axis, shrink=0.7, format=_percent_format(0))
    bar.set_label("accuracy (the cells: %)")
    return figure


def _draw_curve(axis, run, curve, look):
    name = run.replace("_", ": ")
    if run != TRAIN:
        axis.plot(curve.steps, curve.values, label=name, **look)
    elif len(curve.steps) < _FEW:
        axis.plot(curve.steps, curve.values, label=f"{name}, one batch each", **look)
    else:
        axis.plot(curve.steps, curve.values, alpha=0.35, linewidth=0.8, **look)
        steps, values = _smoothed(curve)
        axis.plot(steps, values, label=f"{name}, mean of {_WINDOW} batches", **look)


def _log_scale_if_wide(axis, values):
    low, high = min(values), max(values)
    if low > 0 and high / low > _WIDE:
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter("")
        axis.set_ylabel(f"{axis.get_ylabel()} (log scale)")


def _smoothed(curve):
    """A mean of neighbours, at the middle step of each."""
    kernel, half = np.full(_WINDOW, 1 / _WINDOW), _WINDOW // 2
    return curve.steps[half:-half], np.convolve(curve.values, kernel, "valid")


def _values(runs, tag):
    return [v for curves in runs.values() if tag in curves for v in curves[tag].values]


def _dense_places(points, extent):
    """Where most points [n, 2] have most neighbours; far from each other, at most 2."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    neighbours = (apart < extent * _NEAR).sum(axis=1)
    places = []
    for i in np.argsort(-neighbours, kind="stable"):
        few = neighbours[i] < len(points) * _SHARE_NAMED
        if len(places) == _NAMES or (places and few):
            break
        if all(apart[i, j] > extent * _FAR for j in places):
            places.append(i)
    return points[places]


def _class_ticks(axis, classes):
    places = range(len(classes))
    if max(map(len, classes)) <= 3:
        axis.set_xticks(places, classes)
    else:
        axis.set_xticks(places, classes, rotation=45, ha="right")
    axis.set_yticks(places, classes)


def _root_norm():
    return PowerNorm(0.4, vmin=0, vmax=1)


def _percent_format(decimals=None):
    return PercentFormatter(xmax=1, decimals=decimals, symbol=" %")


def _legend_above(axis, columns):
    axis.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1), ncols=columns, frameon=False
    )


def _name(axis, x, y, name):
    axis.text(
        x,
        y,
        name,
        ha="center",
        va="center",
        weight="bold",
        size=12,
        path_effects=_HALO,
    )
