"""Runs the parts of a program as `__main__`, in this process."""

import ast
import builtins
import contextlib
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator_mnist import compat, estimator, tf1
from estimator_mnist.runner import failures, imports, magics, sources
from estimator_mnist.tf1 import library_names, numpy_names

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures


def run(
    path: Path,
    parts: Sequence[sources.Part],
    args: Sequence[str],
    figures: "Figures | None" = None,
) -> int:
    """Runs the parts in one namespace, as Python or Jupyter would; returns 0 or 1.

    The process is changed for good: TensorFlow's behaviour, `sys.modules["__main__"]`,
    `sys.argv`, `sys.path` and `sys.meta_path`. Errors of the program are printed, and
    the result is 1.

    Args:
      path: the script or notebook; its folder is searched for modules.
      parts: of the script or notebook, in their order.
      args: what follows the script's name in `sys.argv`.
      figures: saves what is drawn; None where matplotlib opens windows.

    Raises:
      SystemExit, KeyboardInterrupt: the program raises it.
    """
    names = _builtins()
    _behave_as_in_2018(in_notebook=path.suffix == ".ipynb")
    finder = imports.ProgramModulesFinder(path.resolve().parent, names)
    with _as_main(path, args, finder, names) as namespace:
        try:
            for part in parts:
                _run_part(part, namespace, figures)
        except Exception as error:
            own = finder.files.union(part.name for part in parts)
            failures.show(error, own, parts, path.resolve().parent)
            return 1
    return 0


def _builtins() -> dict[str, Any]:
    shell = magics.Shell()
    return vars(builtins) | {
        "__import__": imports.importer(magics.stand_ins(shell)),
        "get_ipython": lambda: shell,
        "display": magics.display,
    }


@contextlib.contextmanager
def _as_main(
    path: Path,
    args: Sequence[str],
    finder: imports.ProgramModulesFinder,
    names: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """Makes a new `__main__` of the program; yields the namespace of that module."""
    main = types.ModuleType("__main__")
    vars(main)["__builtins__"] = names
    if path.suffix == ".py":
        main.__file__ = str(path)
    sys.modules["__main__"] = main
    sys.argv = [str(path), *args]
    sys.path[0] = str(path.resolve().parent)
    sys.meta_path.insert(0, finder)
    # As numpy printed numbers in those days: 0.92119998, not np.float32(0.9212).
    old_names = (numpy_names.numpy_names(), library_names.library_names())
    with old_names[0], old_names[1], np.printoptions(legacy="1.13"):
        yield vars(main)


def _behave_as_in_2018(in_notebook: bool) -> None:
    tf1.behave_like_tf1()
    estimator.install(force=True)
    if in_notebook:
        tf1.logging.set_verbosity(tf1.logging.INFO)
    compat.quieten()


def _run_part(
    part: sources.Part, namespace: dict[str, Any], figures: "Figures | None"
) -> None:
    if figures and part.cell:
        figures.begin(f"cell{part.cell:02d}")
    try:
        if part.cell:
            _run_cell(part, namespace)
        else:
            exec(_compiled(ast.parse(part.code, part.name), part, "exec"), namespace)
    finally:
        if figures:
            figures.save()


def _run_cell(part: sources.Part, namespace: dict[str, Any]) -> None:
    """Runs a cell, and prints the value of its last expression."""
    tree = ast.parse(part.code, part.name)
    expression = _take_last_expression(tree)
    exec(_compiled(tree, part, "exec"), namespace)
    if expression is None:
        return
    value = eval(_compiled(expression, part, "eval"), namespace)
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


def _compiled(
    tree: ast.Module | ast.Expression, part: sources.Part, mode: str
) -> types.CodeType:
    return compile(tree, part.name, mode, dont_inherit=True)
