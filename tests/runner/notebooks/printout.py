"""Rebuilds the 2018 notebook from its printout, which is all that is left of it.

The printout has page breaks in the middle of cells, lost indentation after them, broken
long strings, and reads `pool2` once where the notebook, which ran, had `pool1`.
"""

import ast
import json
import re
from pathlib import Path

_FENCE = "```"
_CELL = re.compile(r"In ?\[(\d+)\]: ?(.*)")
_OUTPUT = re.compile(
    r"Out ?\[|INFO:|Extracting |Evaluation results|The (new )?model has"
)


def code_cells(text: str) -> list[str]:
    """The notebook's code cells, those numbered 1 to 32."""
    cells = {}
    for number, chunks in _chunks(text).items():
        lines, indent = [], ""
        for page in ([chunks[0]], *chunks[1:]):
            lines += [indent + line if line else "" for line in _dedented(page)]
            if any(line.startswith("def ") for line in page):
                indent = "    "  # the pages after it are of its body
        cells[number] = "\n".join(lines).rstrip()
    assert list(cells) == list(range(1, 33))
    return [_repaired(cell) for cell in cells.values()]


def write_notebook(path: Path, cells: list[str]) -> Path:
    """Writes the cells as Jupyter would, with a word of text before them."""
    code = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(keepends=True),
        }
        for cell in cells
    ]
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# Week 1"]}
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = {
        "cells": [text, *code],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 2,
    }
    path.write_text(json.dumps(notebook, indent=1), "utf-8")
    return path


def _chunks(text):
    """Per cell its first line, then its other lines, page by page."""
    chunks, cell, inside = {}, None, False
    for line in text.splitlines():
        if line.strip() == _FENCE:
            inside = not inside
            if cell is not None and inside:
                cell.append([])
        elif begin := _CELL.match(line):
            cell = chunks[int(begin[1])] = [begin[2], []]
        elif _OUTPUT.match(line) or (line.strip() and not inside):
            cell = None
        elif cell is not None and inside:
            cell[-1].append(line)
    return chunks


def _dedented(lines):
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return [line[min(indents, default=0) :] for line in lines]


def _repaired(cell):
    cell = cell.replace("reshape(pool2, [-1, 20", "reshape(pool1, [-1, 20")
    cell = re.sub(r"^ +%", "%", cell, flags=re.M)
    cell = _with_train_branch(cell)
    while (broken := _broken_string(cell)) is not None:
        lines = cell.split("\n")
        lines[broken : broken + 2] = [
            f"{lines[broken].rstrip()} {lines[broken + 1].strip()}"
        ]
        cell = "\n".join(lines)
    return cell


def _with_train_branch(cell):
    """Indents what a page break took out of `if mode == TRAIN`."""
    begin = re.search(r"^    optimizer = tf\.train", cell, re.M)
    end = cell.find("\n\n    # Add evaluation metrics")
    if not begin:
        return cell
    branch = cell[begin.start() : end]
    return cell[: begin.start()] + re.sub("^", "    ", branch, flags=re.M) + cell[end:]


def _broken_string(cell):
    """Index of the first line that ends within a string."""
    try:
        ast.parse(cell.replace("%matplotlib", "#"))
    except SyntaxError as error:
        assert "unterminated string" in error.msg, f"{error}\n{cell}"
        return error.lineno - 1
    return None
