"""Lists where the records of two runtimes differ."""

import collections
import itertools
import re

import numpy as np

from tests.contract.fuzz import better
from tests.contract.fuzz.records import Failure, clause, without_remedy

_FLOATS = dict(rtol=1e-5, atol=1e-6, equal_nan=True)
_PARTS = ("outcome", "notes", "changes", "variables")


class Difference(
    collections.namedtuple("Difference", ["call", "where", "ours", "original"])
):
    """A place in the record of a call, and what is there on each side."""

    def __str__(self):
        return (
            f"{self.call}\n  {'.'.join(map(str, self.where))}\n"
            f"    ours:     {self.ours!r}\n    original: {self.original!r}"
        )


def differences(program, ours, original):
    """Yields the Differences between the Steps of two runs that are not better.

    Args:
      ours, original: iterables of run.Step, which are taken side by side.
    """
    for one, other in itertools.zip_longest(ours, original):
        call = (one or other).call
        if one is None or other is None:
            yield Difference(call, ("steps",), one, other)
            return
        found = []
        for part in _PARTS:
            pair = getattr(one, part), getattr(other, part)
            found += [Difference(call, (part, *d[0]), *d[1:]) for d in _compare(*pair)]
        found += [Difference(call, *d) for d in _lines(one.log, other.log)]
        rows = [better.row(program, one, other, difference) for difference in found]
        yield from (d for d, row in zip(found, rows, strict=True) if row is None)
        if any(row is None or row.ends for row in rows):
            return  # what follows rests on something else


def _lines(ours, original):
    """Yields (where, ours, original) of the lines of the log that differ."""
    ours = [line for line in ours if not line[1].startswith(better.OUR_LINES)]
    original = [line for line in original if "already exists; retrying" not in line[1]]
    if not _equal_lines(ours, original):
        pairs = itertools.zip_longest(ours, original, fillvalue=("", ""))
        first = next(pair for pair in pairs if not _equal_lines(*([p] for p in pair)))
        begin = ["".join(re.findall(r"[a-zA-Z_ ]", text))[:40] for _, text in first]
        yield ("log", " | ".join(begin)), ours, original


def _equal_lines(ours, original):
    return list(map(without_remedy, ours)) == list(map(without_remedy, original))


def _compare(one, other):
    """Yields (where, one, other) of the innermost parts that differ."""
    if isinstance(one, Failure) and isinstance(other, Failure):
        if not issubclass(one.kind, other.kind):
            yield ("kind",), one, other
        elif other.of_runtime and clause(one.text) != clause(other.text):
            yield ("text",), one.text, other.text
    elif _same_keys(one, other):
        for key in one:
            yield from _inside(key, one[key], other[key])
    elif _alike(one, other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _inside(index, *pair)
    elif not _equal(one, other):
        yield (), one, other


def _inside(key, one, other):
    return (((key, *where), a, b) for where, a, b in _compare(one, other))


def _same_keys(one, other):
    dicts = isinstance(one, dict) and isinstance(other, dict)
    return dicts and one.keys() == other.keys()


def _alike(one, other):
    kinds = (list, tuple)
    sequences = isinstance(one, kinds) and type(one) is type(other)
    return sequences and len(one) == len(other)


def _equal(one, other):
    if isinstance(one, (np.ndarray, np.generic)):
        if one.dtype.kind not in "fc" or one.shape != np.shape(other):
            return np.array_equal(one, other)
        return np.allclose(one, other, **_FLOATS)
    if isinstance(one, float) and isinstance(other, float):
        return np.allclose(one, other, **_FLOATS)
    return one == other
