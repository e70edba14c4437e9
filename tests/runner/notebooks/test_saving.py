"""Which notebooks can be saved, and where."""

import json

import nbformat
import pytest

from estimator_mnist import errors, run
from estimator_mnist.runner import sources
from estimator_mnist.runner.notebooks import outputs, written
from tests.runner.notebooks.conftest import write


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--save=old.ipynb"], "--save: name another file than the notebook itself."),
        (["--save=out.ipynb", "script"], "--save is for notebooks (.ipynb)."),
        (["--keep_going", "script"], "--keep_going is for notebooks (.ipynb)."),
        (["--write_here", "script"], "--write_here is for notebooks (.ipynb)."),
        (["--save=out.ipynb", "odd"], "--save: odd.ipynb is not of a format that nb"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_the_run(
    tmp_path, monkeypatch, capsys, options, message
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "old.ipynb", "1")
    write(tmp_path / "odd.ipynb", "1", nbformat=99)
    (tmp_path / "old.py").write_text("1")
    files = {"script": "old.py", "odd": "odd.ipynb"}
    name = files.get(options[-1], "old.ipynb")
    assert run.main([*[o for o in options if o.startswith("-")], name]) == 1
    assert capsys.readouterr().err.startswith(f"error: {message}")


def test_a_notebook_of_format_3_is_saved_in_format_4(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Digits", "metadata": {}},
        {"cell_type": "code", "language": "python", "input": "a", "outputs": []},
    ]
    notebook = {"metadata": {}, "nbformat": 3, "worksheets": [{"cells": cells}]}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(notebook), "utf-8-sig")
    shown = outputs.Outputs()
    shown.begin(1)
    shown.stream("stdout", "shown")
    shown.save(path, tmp_path / "below" / "out.ipynb")
    saved = nbformat.read(tmp_path / "below" / "out.ipynb", as_version=4)
    nbformat.validate(saved)
    assert saved.cells[0].source == "# Digits"
    assert saved.cells[1].outputs[0].text == "shown"


def test_where_it_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    path = write(tmp_path / "old.ipynb", "1")
    with pytest.raises(errors.ScriptError, match="--save=.*: "):
        outputs.Outputs().save(path, tmp_path / "file" / "out.ipynb")


def test_modules_that_cells_write_are_known_without_running_them(tmp_path):
    codes = (
        "\n%%writefile trainer/task.py\nimport a\nb",
        "%%file trainer/__init__.py\n",
        "%%writefile notes.txt\ntext",
        "%%bash\nls",
        "f()",
        "x = # TODO",
    )
    parts = sources.read(write(tmp_path / "old.ipynb", *codes))
    found = [pair for part in parts for pair in written.modules(part)]
    assert [name for name, _ in found] == ["trainer.task", "trainer"]
    # Line for line those of the cell.
    assert found[0][1] == sources.Part("old.ipynb, cell 1", "\n\nimport a\nb\n")


def test_outputs_that_nobody_wants_are_not_kept(capsys):
    shown = outputs.Outputs(keeps=False)
    shown.begin(1)
    with shown.recorded():
        print("seen")
        shown.begin_capture()
        print("captured")
        assert shown.end_capture().stdout == "captured\n"
        shown.begin_capture()
    assert shown.end_capture() == outputs.Captured("", "", [])
    assert capsys.readouterr().out == "seen\n"
