"""The figure of --mode=compare: accuracy and cost of models side by side."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimator_mnist.report import figure_style, ticks


class ComparedModel(Protocol):
    """A trained model, as a row of the comparison describes it."""

    @property
    def model(self) -> str:
        """Its name."""

    @property
    def accuracy(self) -> float:
        """Share of the test images, 0..1."""

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of the accuracy."""

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval of the accuracy."""

    @property
    def parameters(self) -> int:
        """Numbers in its variables."""

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds for one image."""

    @property
    def seconds(self) -> float:
        """Time of its training."""


_COSTS: dict[str, Callable[[ComparedModel], float]] = {
    "parameters": lambda row: row.parameters,
    "multiply-adds per image": lambda row: row.multiply_adds,
    "training time, seconds": lambda row: row.seconds,
}


def draw(rows: Sequence[ComparedModel]) -> Figure:
    """Draws a dot per model in a panel for the accuracy and one for each cost.

    Args:
      rows: one or more models, drawn from top to bottom.
    """
    panels = 1 + len(_COSTS)
    figure, axes = figure_style.chart(
        "Models compared", 0.5 + panels * (0.75 + 0.22 * len(rows)), panels
    )
    places = np.arange(len(rows))
    accuracy = [row.accuracy for row in rows]
    intervals = [
        [row.accuracy - row.low for row in rows],
        [row.high - row.accuracy for row in rows],
    ]
    axes[0].errorbar(
        accuracy, places, xerr=intervals, fmt="o", color=figure_style.BLUE, capsize=3
    )
    axes[0].set_xlabel("accuracy on the test images, with 95 % interval")
    axes[0].xaxis.set_major_locator(ticks.round_locator())
    axes[0].xaxis.set_major_formatter(ticks.percent())
    for axis, (label, cost) in zip(axes[1:], _COSTS.items(), strict=True):
        _draw_cost(axis, [cost(row) for row in rows])
        axis.set_xlabel(f"{label} (log scale)")
    for axis in axes:
        axis.set_yticks(places, [row.model for row in rows])
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.set_ylabel("model")
    return figure


def _draw_cost(axis: Axes, costs: Sequence[float]) -> None:
    """Draws a dot for each cost that is known; where none is, there is no scale."""
    axis.plot(costs, range(len(costs)), "o", color=figure_style.ORANGE)
    ticks.log_scale(axis, "x", costs)
    for place in np.flatnonzero(np.isnan(costs)).tolist():
        axis.text(
            0.01,
            place,
            "not known",
            transform=axis.get_yaxis_transform(),
            va="center",
            size=8,
            color=figure_style.GREY,
        )
    if np.isnan(costs).all():
        axis.set_xticks([])
