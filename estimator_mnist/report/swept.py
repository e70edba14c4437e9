"""What each setting of a sweep does to the accuracy: a panel per setting."""

import math
from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from estimator_mnist.report import style

_UNITS = {
    "kernel_size": "pixels",
    "batch_size": "images per step",
    "decay_steps": "steps",
    "dropout_rate": "share of units",
}
_HEIGHT, _ENDS = 1.9, 1.3  # of a panel; of title and legend, inches
_ONE = {"color": style.GREY, "markersize": 4, "linewidth": 0.8, "alpha": 0.6}
_LETTERS, _TICKS = 60, 30  # so many stand beside each other, lying and upright
_INTERVAL = "its 95 % interval"
_WIDE = 4  # ratio of errors from which on 1, 2, 5 are ticks enough


def figure(results: list, grid: dict[str, list], title: str, images: int) -> Figure:
    """A dot per run, in the panel of each setting that has more than one value.

    Lines join runs that differ in this setting only: where they are parallel, it does
    the same whatever the others are.

    Args:
      results: sweep.Result, at least one; those without accuracy are marked below.
      grid: values by setting.
      images: how many the accuracies are shares of.
    """
    names = [name for name in grid if len(grid[name]) > 1] or list(grid)[:1]
    good = [one for one in results if not math.isnan(one.accuracy)]
    best = max(good, key=lambda one: one.accuracy, default=None)
    height = _ENDS + _HEIGHT * len(names)
    title += f"\n({images:,} validation images; log scale of the errors)"
    drawn, axes = style.chart(title, height, len(names), sharey=True)
    # The scale is of the errors, because 0.99 is to 0.98 as 0.98 is to 0.96.
    floor = 0.5 / images
    for axis, name in zip(axes, names, strict=True):
        values = _ordered(grid[name])
        for places, errors in _joined(good, name, values, grid, floor):
            axis.plot(places, errors, "o-", **_ONE, label="a run")
        _draw_means(axis, good, name, values, floor)
        if best:
            _draw_best(axis, best, values.index(best.settings[name]), floor)
        _draw_failed(axis, results, name, values)
        _label(axis, name, values)
    _scale_of_errors(axes[0], [error for one in good for error in _span(one, floor)])
    _legend(drawn, axes)
    return drawn


def _ordered(values: list) -> list:
    return values if isinstance(values[0], str) else sorted(values)


def _joined(good, name, values, grid, floor) -> Iterator[tuple[list, list]]:
    """Places and errors of runs that differ in `name` only."""
    groups: dict = {}
    for one in good:
        others = tuple(one.settings[other] for other in grid if other != name)
        groups.setdefault(others, []).append(
            (values.index(one.settings[name]), _error(one.accuracy, floor))
        )
    for group in groups.values():
        yield tuple(zip(*sorted(group), strict=True))


def _draw_best(axis, best, place, floor):
    axis.plot(
        place,
        _error(best.accuracy, floor),
        "*",
        color=style.ORANGE,
        markeredgecolor="black",
        markersize=13,
        zorder=4,
        linestyle="",
        label="the best run",
    )
    low, high = _span(best, floor)
    axis.axhspan(
        low, high, color=style.ORANGE, alpha=0.18, linewidth=0, label=_INTERVAL
    )


def _draw_means(axis, good, name, values, floor):
    means = [
        np.mean([one.accuracy for one in good if one.settings[name] == value] or np.nan)
        for value in values
    ]
    errors = [_error(mean, floor) for mean in means]
    axis.plot(
        range(len(values)), errors, "s-", color=style.BLUE, label="mean of the runs"
    )


def _draw_failed(axis, results, name, values):
    places = {
        values.index(one.settings[name]) for one in results if math.isnan(one.accuracy)
    }
    if places:
        axis.plot(
            sorted(places),
            [0] * len(places),
            "x",
            color=style.RED,
            markeredgewidth=2,
            transform=axis.get_xaxis_transform(),
            clip_on=False,
            zorder=4,
            label="training failed",
        )


def _error(accuracy, floor):
    """Share of mistakes; half a mistake for none, since a log scale has no 0."""
    return max(1 - accuracy, floor)


def _span(one, floor):
    """Both ends of the 95 % interval."""
    measured = one.measured
    return [
        _error(end, floor)
        for end in (measured.validation_low, measured.validation_high)
    ]


def _label(axis, name, values):
    crowded = sum(len(str(value)) + 2 for value in values) > _LETTERS
    every = math.ceil(len(values) / _TICKS)
    places = range(0, len(values), every)
    axis.set_xticks(places, values[::every], rotation=90 * crowded)
    axis.set_xlim(-0.4, len(values) - 0.6)
    unit = _UNITS.get(name)
    axis.set(xlabel=f"{name}, {unit}" if unit else name, ylabel="validation accuracy")


def _scale_of_errors(axis, errors):
    """Log scale, upside down, labelled with the accuracy; all panels share it."""
    axis.set_yscale("log")
    if not errors:
        axis.set_ylim(0.1, 1)
    axis.invert_yaxis()
    wide = errors and max(errors) > _WIDE * min(errors)
    axis.yaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(4, steps=[1, 2, 5, 10])
    )
    axis.yaxis.set_major_formatter(FuncFormatter(lambda e, _: f"{100 * (1 - e):.4g} %"))
    axis.yaxis.set_minor_locator(NullLocator())


def _legend(drawn, axes):
    entries = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    drawn.legend(
        entries.values(), entries, loc="outside lower center", ncols=2, frameon=False
    )
