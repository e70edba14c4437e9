"""Rows under headings: in columns for a terminal, and as CSV."""

import csv
import io
import itertools
import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence

_LEAST_WIDTH = 16  # of a last column


def aligned(headings: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Returns the rows in columns, under headings; the first column flush left."""
    lines = [list(headings), *(list(map(shown, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def wrapped(headings: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> str:
    """Returns the rows in columns of `width` letters in all, under headings.

    The first column and the last are wrapped: the first takes a quarter at most, the
    last what is left. The others are flush right, and as wide as they need to be.
    """
    lines = [list(headings), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    widths[0] = min(widths[0], width // 4)
    others = sum(widths[:-1]) + 2 * (len(widths) - 1)
    widths[-1] = max(_LEAST_WIDTH, min(widths[-1], width - others))
    return "\n".join(text for line in lines for text in _wrapped_line(line, widths))


def _wrapped_line(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yields the lines of text that one row takes."""
    last = len(cells) - 1
    columns = [
        textwrap.wrap(cell, width) if place in (0, last) else [cell]
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    for parts in itertools.zip_longest(*columns, fillvalue=""):
        yield "  ".join(
            part.ljust(width) if place in (0, last) else part.rjust(width)
            for place, (part, width) in enumerate(zip(parts, widths, strict=True))
        ).rstrip()


def printable(text: str) -> str:
    """Returns `text` with a question mark for each letter that no terminal shows."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def shown(value: str | int | float) -> str:
    """Returns the text of a cell; what is not known, NaN, is a dash."""
    if isinstance(value, float):
        if math.isnan(value):
            return "-"
        return f"{value:.4f}" if value <= 1 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def csv_text(headings: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Returns the rows as CSV, with numbers in full."""
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(headings)
    sheet.writerows(rows)
    return text.getvalue()
