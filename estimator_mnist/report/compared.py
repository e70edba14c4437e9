"""Models side by side: accuracy with its interval, and what it costs."""

import numpy as np
from matplotlib.figure import Figure

from estimator_mnist.report import style

_COSTS = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds per image",
    "seconds": "training time, seconds",
}


def figure(rows: list) -> Figure:
    """A dot per model and measure.

    Args:
      rows: comparison.Row, at least one; drawn from the top.
    """
    panels = 1 + len(_COSTS)
    drawn, axes = style.chart(
        "Models compared", 0.5 + panels * (0.75 + 0.22 * len(rows)), panels
    )
    places = np.arange(len(rows))
    accuracy = [row.accuracy for row in rows]
    reach = [
        [row.accuracy - row.low for row in rows],
        [row.high - row.accuracy for row in rows],
    ]
    axes[0].errorbar(accuracy, places, xerr=reach, fmt="o", color=style.BLUE, capsize=3)
    axes[0].set_xlabel("accuracy on the test images, with 95 % interval")
    for axis, (name, label) in zip(axes[1:], _COSTS.items(), strict=True):
        axis.plot([getattr(row, name) for row in rows], places, "o", color=style.ORANGE)
        axis.set_xscale("log")
        axis.set_xlabel(f"{label} (log scale)")
    for axis in axes:
        axis.set_yticks(places, [row.model for row in rows])
        axis.set_ylim(len(rows) - 0.5, -0.5)
    return drawn
