"""Numbers on axes as people write them: 0.3 and 1,000, not 3 x 10^-1 or 1e9 aside."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, Formatter, MaxNLocator, NullLocator

_SCALES = ((1e12, " T"), (1e9, " G"), (1e6, " M"))
_SMALLEST, _TOO_LARGE = 1e-4, 1e15  # from and up to which no power of ten is needed
_DIGITS, _MOST_DIGITS = 4, 15
_FEWEST, _MOST = 2, 6  # ticks on a log scale
_STEPS = ((1, 2, 5), (1, 3), (1,))  # within a decade, the finest first


def number(value: float, digits: int = _DIGITS) -> str:
    """Returns a number in few letters: `0.3`, `1,000`, `2.5 M`, `1e30`.

    Args:
      digits: how many count.
    """
    size = abs(value)
    if math.isfinite(value) and (not value or _SMALLEST <= size < _TOO_LARGE):
        for scale, letter in _SCALES:
            if float(f"{size:.{digits}g}") >= scale:
                return f"{value / scale:.{digits}g}{letter}"
        if value == round(value):
            return f"{value:,.0f}"
        return f"{float(f'{value:.{digits}g}'):,.{max(digits, 6)}g}"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def round_locator(intervals: int = 6, **settings: Any) -> MaxNLocator:
    """Returns what finds ticks at round numbers, with at most so many intervals."""
    return MaxNLocator(intervals, steps=[1, 2, 5, 10], **settings)


class NumberFormatter(Formatter):
    """Writes ticks by `number`, with as many digits as tell them apart."""

    def __init__(self, factor: float = 1, unit: str = "") -> None:
        """Takes what values are multiplied by, and what follows each."""
        self._factor, self._unit = factor, unit

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._text(x, _DIGITS)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Returns the texts of all ticks of an axis."""
        values, texts = list(values), list[str]()
        for digits in range(_DIGITS, _MOST_DIGITS):
            texts = [self._text(value, digits) for value in values]
            if len(set(texts)) == len(set(values)):
                break
        return texts

    def _text(self, value: float, digits: int) -> str:
        # Without what only binary fractions bring: 28.999999999999996.
        return number(float(f"{value * self._factor:.12g}"), digits) + self._unit


def percent() -> NumberFormatter:
    """Returns a formatter of shares: `95 %` for 0.95."""
    return NumberFormatter(100, " %")


def log_scale(axes: Axes, name: Literal["x", "y"], values: Iterable[float]) -> None:
    """Gives the axis `name` a log scale with two to six ticks that cover `values`.

    Args:
      values: what is drawn; what is not positive and finite does not count.
    """
    shown = [value for value in values if 0 < value < math.inf]
    low, high = (min(shown), max(shown)) if shown else (1, 10)
    if high < low * 1.5:  # one value, or nearly
        low, high = low / 2, high * 2
    margin = (high / low) ** 0.06
    axis = axes.xaxis if name == "x" else axes.yaxis
    axes.set(**{f"{name}scale": "log"})
    axis.set_view_interval(low / margin, high * margin, ignore=True)
    axis.set_major_locator(FixedLocator(log_ticks(low / margin, high * margin)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(NumberFormatter())


def log_ticks(low: float, high: float) -> list[float]:
    """Returns two to six round numbers from `low` to `high`, 0 < low < high.

    There may be none where these are nearly the same.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in _STEPS:
        ticks = [step * 10.0**k for k in range(first, last + 1) for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if _FEWEST <= len(ticks) <= _MOST:
            return ticks
    if len(ticks) > _MOST:
        return ticks[:: math.ceil(len(ticks) / _MOST)]
    evenly = round_locator(_MOST - 1).tick_values(low, high)
    return [float(tick) for tick in evenly if low <= tick <= high]
