"""Finds the modules that a notebook's cells write with %%writefile, and runs none."""

import ast
from collections.abc import Iterator
from pathlib import Path

from estimator_mnist.runner import sources

_MAGICS = ("file", "writefile")


def modules(part: sources.Part) -> Iterator[tuple[str, sources.Part]]:
    """Yields name and source of each module that a cell writes.

    The source has the lines of the cell, so that what is found in it is found there.
    """
    try:
        tree = sources.tree(part)
    except (SyntaxError, ValueError):
        return
    for node in tree.body if part.cell else ():
        magic, line, body = _arguments(node)
        path = Path(*line.split()[-1:])
        if magic in _MAGICS and path.suffix == ".py":
            code = "\n" * node.lineno + body
            yield _name(path), sources.Part(part.name, code)


def _arguments(node: ast.stmt) -> tuple[str, str, str]:
    """Returns those of `get_ipython().run_cell_magic(...)`; "" for other statements."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return "", "", ""
    values = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    if call.func.attr != "run_cell_magic" or len(values) != 3:
        return "", "", ""
    magic, line, body = map(str, values)
    return magic, line, body


def _name(path: Path) -> str:
    parts = (path.name,) if path.is_absolute() else path.parts
    names = [part for part in parts if part != ".."]
    dotted = ".".join(names).removesuffix(".py")
    return dotted.removesuffix(".__init__")
