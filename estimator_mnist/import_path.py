"""Keeps the files of the working directory from standing in for modules.

`python -m` looks for modules there first, and would execute a json.py or numpy.py that
lies beside a notebook. What Python itself imports before it comes to a command (types,
functools, warnings and a few more) only `python -P -m` and the console scripts protect.
"""

# Both are imported already when a command begins.
import os
import sys


def leave_out_working_directory() -> None:
    """Takes the working directory from the head of `sys.path`.

    For a module that `python -m` executes, before its other imports. The number of
    entries stays, as a program that is run has the first one replaced by its folder.
    """
    if sys.path[:1] == [_working_directory()]:
        sys.path[0] = sys.path[1]


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:  # deleted, and so not in the path either
        return None
