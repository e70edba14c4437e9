"""Reading scripts and notebooks, and saying what is wrong with them."""

import json

import pytest

from estimator_mnist import run
from estimator_mnist.runner import sources


def notebook_of(*cells, **rest):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, **rest}


def code(source):
    return {"cell_type": "code", "source": source, "outputs": [], "metadata": {}}


def written(folder, notebook):
    path = folder / "old.ipynb"
    path.write_text(json.dumps(notebook), "utf-8-sig")  # as some editors on Windows
    return path


def test_code_cells_are_numbered_as_jupyter_does(tmp_path):
    text = {"cell_type": "markdown", "source": ["# 1"], "metadata": {}}
    notebook = notebook_of(text, code("a = 1"), code(" \n"), code(["b = 2\n", "b"]))
    assert sources.read(written(tmp_path, notebook)) == [
        sources.Part("old.ipynb, cell 1", "a = 1", 1),
        sources.Part("old.ipynb, cell 2", "b = 2\nb", 2),
    ]


def test_a_notebook_of_format_3_is_read(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Digits"},
        {"cell_type": "code", "language": "python", "input": ["a = 1\n", "a"]},
    ]
    notebook = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "worksheets": [{"cells": cells}],
    }
    (part,) = sources.read(written(tmp_path, notebook))
    assert part.code == "a = 1\na"


def test_a_script_is_read_in_its_own_encoding(tmp_path):
    path = tmp_path / "old.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nname = 'Müller'\n".encode("latin-1"))
    (part,) = sources.read(path)
    assert "Müller" in part.code


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.py", None, "none.py: cannot be read: No such file"),
        ("data.txt", "1", "data.txt: neither a script (.py) nor a notebook (.ipynb)"),
        ("broken.ipynb", '{"cells": [', "broken.ipynb: no Jupyter notebook, or a dam"),
        ("list.ipynb", "[1]", "list.ipynb: no Jupyter notebook, or a damaged one"),
        ("cut.ipynb", '{"cells": [{}]}', "cut.ipynb: no Jupyter notebook, or a dama"),
        ("deep.ipynb", "[" * 100_000, "deep.ipynb: no Jupyter notebook, or a damaged"),
        ("deep.py", "(" * 5_000, "deep.py:1: "),
        ("odd.py", "x = (1,\ny = 2\n", "odd.py:1: '(' was never closed"),
        (
            "r.ipynb",
            '{"metadata": {"kernelspec": {"language": "R"}}, "cells": []}',
            "r.ipynb: a notebook of r, not of Python.",
        ),
    ],
)
@pytest.mark.parametrize("check", [[], ["--check"]])
def test_what_cannot_run_is_one_clear_error(
    tmp_path, monkeypatch, capsys, name, content, message, check
):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_text(content)
    assert run.main([*check, name]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert "Traceback" not in error


def test_python_2_with_a_mistake_is_told(tmp_path, capsys):
    path = tmp_path / "old.py"
    path.write_text("1\n2\nprint 'accuracy', 3\nx = = 4\n")
    assert run.main([str(path)]) == 1
    error = capsys.readouterr().err
    assert "old.py:3: " in error
    assert "This is Python 2, and could not be converted" in error


def test_a_data_dir_that_is_not_there_is_refused(tmp_path, capsys):
    path = tmp_path / "old.py"
    path.write_text("print(1)")
    assert run.main(["--data_dir=/no/such", str(path)]) == 1
    assert capsys.readouterr().err == "error: --data_dir=/no/such: no such folder.\n"
