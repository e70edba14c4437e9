"""The figure of --mode=sweep: what each setting does to the accuracy."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from estimator_mnist.report import figure_style, ticks

_UNITS = {
    "kernel_size": "pixels",
    "batch_size": "images per step",
    "decay_steps": "steps",
    "dropout_rate": "share of units",
}
_PANEL_HEIGHT, _REST_HEIGHT = 1.9, 1.3  # inches; the rest is title and legend
_RUN_LOOK: dict[str, Any] = {
    "color": figure_style.GREY,
    "markersize": 4,
    "linewidth": 0.8,
    "alpha": 0.6,
}
_MAX_LETTERS, _MAX_TICKS = 60, 30  # that fit side by side, horizontal and vertical
_WIDE = 4  # ratio of errors from which on ticks at 1, 2, 5 are enough


class Interval(Protocol):
    """What a run has reached on the validation images."""

    @property
    def validation_low(self) -> float:
        """Lower end of the 95 % interval of the accuracy."""

    @property
    def validation_high(self) -> float:
        """Upper end of the 95 % interval of the accuracy."""


class SweepResult(Protocol):
    """A run of a sweep."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Value by setting."""

    @property
    def accuracy(self) -> float:
        """Share of the validation images, 0..1; NaN if training failed."""

    @property
    def measured(self) -> Interval:
        """The interval of the accuracy."""


def draw(
    results: Sequence[SweepResult], grid: dict[str, list], title: str, images: int
) -> Figure:
    """Draws a dot per run, in a panel for each setting that has more than one value.

    Lines join runs that differ in this setting only: if they are parallel, its effect
    does not depend on the other settings.

    Args:
      results: one or more runs; those without accuracy are marked at the bottom.
      grid: values by setting.
      images: the number of validation images.
    """
    names = [name for name in grid if len(grid[name]) > 1] or list(grid)[:1]
    figure, axes = figure_style.chart(
        f"{title}\n({images:,} validation images; log scale of the errors)",
        _REST_HEIGHT + _PANEL_HEIGHT * len(names),
        len(names),
        sharey=True,
    )
    trained = [one for one in results if not math.isnan(one.accuracy)]
    for axis, name in zip(axes, names, strict=True):
        panel = _Panel(axis, name, grid, _smallest_error(images))
        panel.draw(results, trained)
    ends = [end for one in trained for end in _interval(one, _smallest_error(images))]
    _scale_of_errors(axes[0], ends)
    figure_style.legend(figure, axes)
    return figure


def _smallest_error(images: int) -> float:
    """Returns half a mistake, which stands for none: a log scale has no 0."""
    return 0.5 / images


def _error(accuracy: float, smallest: float) -> float:
    # Errors are drawn, because 0.99 is to 0.98 as 0.98 is to 0.96.
    return max(1 - accuracy, smallest)


def _interval(result: SweepResult, smallest: float) -> list[float]:
    """Returns both ends of the 95 % interval of the error."""
    measured = result.measured
    return [
        _error(end, smallest)
        for end in (measured.validation_low, measured.validation_high)
    ]


class _Panel:
    """The panel of one setting: its values from left to right, the errors upwards."""

    def __init__(
        self, axis: Axes, name: str, grid: dict[str, list], smallest_error: float
    ) -> None:
        values = grid[name]
        self._axis = axis
        self._name = name
        self._others = [other for other in grid if other != name]
        self._values = values if isinstance(values[0], str) else sorted(values)
        self._smallest_error = smallest_error

    def draw(
        self, results: Sequence[SweepResult], trained: Sequence[SweepResult]
    ) -> None:
        """Draws all runs, the means of the trained ones, and the best."""
        for places, errors in self._lines(trained):
            self._axis.plot(places, errors, "o-", **_RUN_LOOK, label="a run")
        self._draw_means(trained)
        if trained:
            self._draw_best(max(trained, key=lambda one: one.accuracy))
        self._draw_failed([one for one in results if math.isnan(one.accuracy)])
        self._label()

    def _place(self, result: SweepResult) -> int:
        return self._values.index(result.settings[self._name])

    def _error(self, accuracy: float) -> float:
        return _error(accuracy, self._smallest_error)

    def _lines(
        self, trained: Sequence[SweepResult]
    ) -> Iterator[tuple[list[int], list[float]]]:
        """Yields places and errors of the runs that differ in this setting only."""
        groups: dict[tuple, list[tuple[int, float]]] = {}
        for one in trained:
            others = tuple(one.settings[other] for other in self._others)
            point = self._place(one), self._error(one.accuracy)
            groups.setdefault(others, []).append(point)
        for group in groups.values():
            places, errors = zip(*sorted(group), strict=True)
            yield list(places), list(errors)

    def _draw_means(self, trained: Sequence[SweepResult]) -> None:
        accuracies: list[list[float]] = [[] for _ in self._values]
        for one in trained:
            accuracies[self._place(one)].append(one.accuracy)
        errors = [self._error(float(np.mean(of or np.nan))) for of in accuracies]
        self._axis.plot(
            range(len(errors)),
            errors,
            "s-",
            color=figure_style.BLUE,
            label="mean of the runs",
        )

    def _draw_best(self, best: SweepResult) -> None:
        self._axis.plot(
            self._place(best),
            self._error(best.accuracy),
            "*",
            color=figure_style.ORANGE,
            markeredgecolor="black",
            markersize=13,
            zorder=4,
            linestyle="",
            label="the best run",
        )
        low, high = _interval(best, self._smallest_error)
        self._axis.axhspan(
            low,
            high,
            color=figure_style.ORANGE,
            alpha=0.18,
            linewidth=0,
            label="its 95 % interval",
        )

    def _draw_failed(self, failed: Sequence[SweepResult]) -> None:
        if not failed:
            return
        places = sorted({self._place(one) for one in failed})
        self._axis.plot(
            places,
            np.zeros(len(places)),
            "x",
            color=figure_style.RED,
            markeredgewidth=2,
            transform=self._axis.get_xaxis_transform(),
            clip_on=False,
            zorder=4,
            label="training failed",
        )

    def _label(self) -> None:
        axis, names = self._axis, [_text(value) for value in self._values]
        crowded = sum(len(name) + 2 for name in names) > _MAX_LETTERS
        every = math.ceil(len(names) / _MAX_TICKS)
        places = range(0, len(names), every)
        axis.set_xticks(places, names[::every], rotation=90 if crowded else 0)
        axis.set_xlim(-0.4, len(names) - 0.6)
        unit = _UNITS.get(self._name)
        axis.set_xlabel(f"{self._name}, {unit}" if unit else self._name)
        axis.set_ylabel("validation accuracy")


def _scale_of_errors(axis: Axes, errors: Sequence[float]) -> None:
    """Sets a log scale, upside down and labelled with the accuracy, for all panels."""
    axis.set_yscale("log")
    if not errors:
        axis.set_ylim(0.1, 1)
    axis.invert_yaxis()
    wide = errors and max(errors) > _WIDE * min(errors)
    axis.yaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5)) if wide else ticks.round_locator(4)
    )
    axis.yaxis.set_major_formatter(FuncFormatter(lambda e, _: f"{100 * (1 - e):.4g} %"))
    axis.yaxis.set_minor_locator(NullLocator())


def _text(value: Any) -> str:
    """Returns a setting's value as a flag may be given it, in few letters."""
    if not isinstance(value, float):
        return str(value)
    return ticks.number(value, 6) if 1e-4 <= abs(value) < 1e6 else f"{value:g}"
