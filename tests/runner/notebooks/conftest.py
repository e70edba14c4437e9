"""Runs cells in this process, without TensorFlow."""

import json
import traceback
from typing import NamedTuple

import nbformat
import pytest

from estimator_mnist.runner import sources
from estimator_mnist.runner.notebooks import cells, outputs, shell, stand_ins


class Ran(NamedTuple):
    code: int
    names: dict
    out: str
    err: str
    outputs: list  # of each cell in the saved notebook, without traceback and metadata


def write(path, *codes, **others):
    """Writes a notebook of code cells."""
    found = [{"cell_type": "code", "source": code, "metadata": {}} for code in codes]
    notebook = {"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
    path.write_text(json.dumps(notebook | others), "utf-8")
    return path


@pytest.fixture
def run_here(tmp_path, monkeypatch, capsys):
    """`run_here(*cells, **options)`: runs them as old.ipynb in tmp_path."""
    monkeypatch.chdir(tmp_path)

    def run_them(*codes, data_dir=None, **options):
        notebook, saved = write(tmp_path / "old.ipynb", *codes), tmp_path / "out.ipynb"
        program = sources.Program(notebook, sources.read(notebook))
        settings = cells.Options(**{"keep_going": True, "save": saved} | options)
        shown = outputs.Outputs()
        with shell.shell(shown, settings.write_here) as of_program:
            modules = {**stand_ins.ipython(of_program)}
            modules |= stand_ins.colab(of_program, data_dir)
            of_program.user_ns = {
                "__name__": "__main__",
                "__builtins__": __builtins__,
                "get_ipython": lambda: of_program,
                "display": of_program.display,
                "modules": modules,
            }
            kernel = cells.Kernel(of_program, shown, None, traceback_of)
            code = kernel.run(program, settings)
        printed = capsys.readouterr()
        content = nbformat.read(saved, as_version=4)
        nbformat.validate(content)
        kept = [
            [without_details(output) for output in c.outputs] for c in content.cells
        ]
        return Ran(code, of_program.user_ns, printed.out, printed.err, kept)

    return run_them


def traceback_of(error):
    return "".join(traceback.format_exception_only(error))


def without_details(output):
    return {k: v for k, v in output.items() if k not in ("traceback", "metadata")}
