"""Rows under headings: in columns for a terminal, and as CSV."""

import csv
import io
import math
from collections.abc import Iterable, Sequence


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
