"""Reads which folders a program adds to `sys.path`, without running it.

Knows what is written with names and functions like `os.path.join(ROOT, "..")`; of all
else nothing is known.
"""

import ast
import os.path
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_METHODS = {"append", "extend", "insert"}
_FUNCTIONS: Mapping[str, Callable[..., str]] = {
    "os.getcwd": os.getcwd,
    "os.path.abspath": os.path.abspath,
    "os.path.dirname": os.path.dirname,
    "os.path.expanduser": os.path.expanduser,
    "os.path.join": os.path.join,
    "os.path.normpath": os.path.normpath,
    "os.path.realpath": os.path.realpath,
    "str": str,
}
_CONSTANTS = {"os.curdir": os.curdir, "os.pardir": os.pardir, "os.sep": os.sep}


def added(tree: ast.Module, file: str, base: Path) -> list[str]:
    """Returns the folders that a file adds to `sys.path`, absolute, in their order.

    Args:
      tree: of the file.
      file: its path, as `__file__` has it.
      base: what relative paths begin at.
    """
    values = {"__file__": file}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _value(node.value, values)
            if value is not None:
                values.setdefault(node.targets[0].id, value)
        for argument in _arguments(node):
            value = _value(argument, values)
            if value is not None:
                found.append(os.path.abspath(base / value))
    return found


def dotted(node: ast.expr) -> str | None:
    """Returns `a.b.c` for the node of such a name; None for other expressions."""
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return owner and f"{owner}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else None


def _arguments(node: ast.AST) -> Iterator[ast.expr]:
    """Yields what a node adds to sys.path."""
    if isinstance(node, ast.AugAssign) and dotted(node.target) == "sys.path":
        yield from _elements(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_path = dotted(node.func.value) in ("sys.path", "path")
        if is_path and node.func.attr in _METHODS and node.args:
            yield from _elements(node.args[-1])


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple) else [node]


def _value(node: ast.expr, values: Mapping[str, str]) -> str | None:
    """Returns the string that an expression is, if it is known."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _value(node.left, values), _value(node.right, values)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Call):
        function = _FUNCTIONS.get(dotted(node.func) or "")
        arguments = [_value(argument, values) for argument in node.args]
        if function is None or None in arguments or node.keywords:
            return None
        return function(*arguments)
    name = dotted(node)
    return values.get(name or "", _CONSTANTS.get(name or ""))
