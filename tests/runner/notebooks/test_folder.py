"""A course's folder of notebooks, each run in a process of its own."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from estimator_mnist import run
from tests.runner import test_programs
from tests.runner.notebooks.conftest import write

COURSE = test_programs.PROGRAMS / "notebooks" / "course"


def test_notebooks_of_a_folder_are_counted_and_told(tmp_path, capfd, monkeypatch):
    paths = filter(None, [*sys.path, os.environ.get("PYTHONPATH")])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    for name in ("week1", "part2/week2", ".ipynb_checkpoints/week1", "saved/week1"):
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        write(path, "x = # TODO")
    options = [f"--save={tmp_path / 'saved'}", f"--figures={tmp_path / 'figures'}"]
    assert run.main([*options, f"--data_dir={tmp_path}", str(tmp_path)]) == 1
    err = capfd.readouterr().err
    assert [line for line in err.splitlines() if "= " not in line] == [
        "error: week2.ipynb, cell 1, line 1: invalid syntax",
        "Nothing has run; --keep_going runs the other cells.",
        "error: week1.ipynb, cell 1, line 1: invalid syntax",
        "Nothing has run; --keep_going runs the other cells.",
        f"{tmp_path}: 0 of 2 notebooks ran.",
        "  failed: part2/week2.ipynb, week1.ipynb",
    ]


def test_a_folder_without_notebooks_is_an_error(tmp_path, capsys):
    assert run.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: no notebooks (.ipynb) there.\n"
    )


@pytest.mark.slow
def test_a_course_runs_and_reports_per_cell(tmp_path, small_mnist):
    shutil.copytree(COURSE, tmp_path / "course")
    command = [sys.executable, "-m", "estimator_mnist.run", "--keep_going"]
    options = [f"--save={tmp_path / 'saved'}", f"--data_dir={small_mnist}"]
    done = subprocess.run(
        [*command, *options, "course"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "week1.ipynb: 8 of 8 cells ran.\n" in done.stderr
    assert (
        "week2.ipynb: 5 of 8 cells ran.\n"
        "  cell 2: is not Python, line 3: invalid syntax\n"
        "  cell 3: NameError: name 'one_hot_matrix' is not defined\n"
        "  cell 7: ModuleNotFoundError: No module named 'solution_utils'\n"
    ) in done.stderr
    assert "week3.ipynb: 6 of 6 cells ran.\n" in done.stderr
    assert done.stderr.endswith(
        "course: 2 of 3 notebooks ran.\n  failed: week2.ipynb\n"
    )
    for path in (tmp_path / "saved").iterdir():
        nbformat.validate(nbformat.read(path, as_version=4))
