"""Runs the cells of a notebook in one namespace, as Jupyter would."""

import ast
from typing import TYPE_CHECKING, Any

from estimator_mnist.runner import rewriting, sources

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures


def run(
    part: sources.Part, namespace: dict[str, Any], figures: "Figures | None"
) -> None:
    """Runs a cell, saves its figures, and prints the value of its last expression.

    Raises:
      Exception: the cell raises it.
    """
    if figures:
        figures.begin(f"cell{part.cell:02d}")
    try:
        _run(part, namespace)
    finally:
        if figures:
            figures.save()


def _run(part: sources.Part, namespace: dict[str, Any]) -> None:
    tree = rewriting.tree(part)
    expression = _take_last_expression(tree)
    exec(rewriting.compiled(tree, part.name), namespace)
    if expression is None:
        return
    value = eval(rewriting.compiled(expression, part.name), namespace)
    if value is not None and not part.code.rstrip().endswith(";"):
        namespace["_"] = value
        shown = repr(value)
        print(f"Out[{part.cell}]:", end="\n" if "\n" in shown else " ")
        print(shown)


def _take_last_expression(tree: ast.Module) -> ast.Expression | None:
    """Removes the last statement and returns it, if it is an expression."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return None
    del tree.body[-1]
    return ast.Expression(last.value)
