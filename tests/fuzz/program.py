"""Runs the program in this process, and says what no input may make it do."""

import contextlib
import io
import os
import pathlib
import re
import signal
import traceback
from typing import NamedTuple

from absl import logging

from estimator_mnist import main

SECONDS = 240  # on a machine that does much else
# These compare two things, a line for each difference, or list what was tried.
_LISTS = re.compile(
    r"error: (The checkpoint .* does not fit|.* was trained with other settings"
    r"|No checkpoint in .* is whole|no \w+ found\.)"
)


class StillRunning(BaseException):
    """A run takes too long; no code of the program catches it."""


class Outcome(NamedTuple):
    """How a run of the program has ended; `code` is None where it has not."""

    code: int | None
    out: str
    err: str


def run(argv, environment=None) -> Outcome:
    """Runs `python -m estimator_mnist.main` with these arguments, in this process."""
    out, err = io.StringIO(), io.StringIO()
    verbosity = logging.get_verbosity()
    with (
        _environment(environment or {}),
        _time_limit(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = _code_of(argv)
        except BaseException:
            code = None
            err.write(traceback.format_exc())
        finally:
            logging.set_verbosity(verbosity)
    return Outcome(code, out.getvalue(), err.getvalue())


def _code_of(argv):
    try:
        main.main(*main.parsed(["main", *argv]))
    except SystemExit as end:
        return end.code or 0
    return 0


@contextlib.contextmanager
def _environment(values):
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _time_limit():
    def stop(signum, frame):
        raise StillRunning(f"after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def complaint(outcome: Outcome, names=(), is_doctor=False) -> str | None:
    """Returns in what way an outcome is not as it must be; None where it is.

    Args:
      names: of which an error must contain one.
      is_doctor: whether exit code 1 may also be that of a list of what is damaged.
    """
    text = outcome.out + outcome.err
    if outcome.code not in (0, 1):
        return f"exit code {outcome.code}"
    if "Traceback" in text:
        return "a traceback"
    if outcome.code == 0 or (is_doctor and re.search(r"\d+ damaged\.$", outcome.out)):
        return None
    lines = outcome.err.splitlines()
    found = [line for line in lines if line.startswith("error: ")]
    if not found:
        return "no error in words"
    if lines[-1] != found[0] and not _LISTS.match(found[0]):
        return "an error of several lines"
    if names and not any(name in found[0] for name in names):
        return f"an error that names none of {names}"
    return None


def tree(folder: pathlib.Path) -> dict[str, object]:
    """Returns what is in a folder: the bytes of each file, by path."""
    return {
        os.fsencode(path): _what_is_at(path)
        for parent, folders, files in os.walk(folder)
        for path in (os.path.join(parent, name) for name in (*folders, *files))
    }


def _what_is_at(path):
    if os.path.islink(path):
        return "link", os.readlink(path)
    if os.path.isfile(path):
        return pathlib.Path(path).read_bytes()
    return os.stat(path).st_mode
