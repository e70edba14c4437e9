"""Imports into converted code what stands for Python 2's own functions."""

from typing import Any

from fissix import fixer_util, pytree
from fissix.pgen2 import token
from fissix.pygram import python_symbols as symbols

_HELPERS = "estimator_mnist.tf1.python2"


def add_import(node: Any, name: str) -> None:
    """Imports a function of `tf1.python2`, once, in the module that a node belongs to.

    The import comes first, but for the module's comments, docstring and what it imports
    from the future.
    """
    root = fixer_util.find_root(node)
    imported = fixer_util.Name(name, prefix=" ")
    statement = fixer_util.FromImport(_HELPERS, [imported])
    if any(str(child).strip() == str(statement) for child in root.children):
        return
    place = 0
    while _comes_first(root.children[place]):
        place += 1
    line = pytree.Node(symbols.simple_stmt, [statement, fixer_util.Newline()])
    if place == 0:  # what comments are at the beginning stay there
        line.prefix, root.children[0].prefix = root.children[0].prefix, ""
    root.insert_child(place, line)


def _comes_first(statement: Any) -> bool:
    if statement.type != symbols.simple_stmt:
        return False
    first = statement.children[0]
    return first.type == token.STRING or str(first).strip().startswith(
        "from __future__"
    )
