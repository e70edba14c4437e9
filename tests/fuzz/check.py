"""Holds a command to the rule for bad input.

It ends with exit code 0 or 1, without a traceback, within a time limit; where it
refuses, with one line that says what, and with nothing changed on disk.
"""

import contextlib
import io
import os
import pathlib
import shutil
import tempfile
import traceback

from estimator_mnist import run as run_command
from tests.fuzz import program, values


def check(case, trained):
    """Runs a case beside a copy of a model_dir; fails where it breaks the rule.

    Returns:
      the outcome.
    """
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent)
        shutil.copytree(trained, folder / "run", symlinks=True)
        for name, what in {**_THINGS, **case.files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            values.put(folder / name, what)
        before = program.tree(folder)
        with _in(folder):
            outcome = _run(case)
        wrong = _wrong(case, outcome)
        if not wrong and outcome.code and program.tree(folder) != before:
            wrong = "something was changed by what was refused"
    assert wrong is None, f"{wrong}\n{outcome.out[-3000:]}{outcome.err[-3000:]}"
    return outcome


_THINGS = {
    "file": b"x",
    "pipe": values.Pipe,
    "loop": values.LinkToItself,
    "dead": values.DeadLink,
}


def _run(case):
    if case.kind == "program":
        return _run_check(case)
    argv = case.argv
    if not any(flag.startswith("--model_dir") for flag in argv):
        argv = ["--model_dir=run", *argv]
    environment = {"HOME": os.path.join(os.getcwd(), "home"), **case.environment}
    environment["XDG_CACHE_HOME"] = environment["HOME"]
    return program.run(argv, environment)


def _run_check(case):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run_command.main(case.argv)
        except BaseException:
            code = None
            err.write(traceback.format_exc())
    return program.Outcome(code, out.getvalue(), err.getvalue())


def _wrong(case, outcome):
    if case.kind == "program":
        text = outcome.out + outcome.err
        return "a traceback" if "Traceback" in text or outcome.code is None else None
    return program.complaint(outcome, is_doctor="--mode=doctor" in case.argv)


@contextlib.contextmanager
def _in(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
