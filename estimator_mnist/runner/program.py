"""Runs the parts of a program as `__main__`, in this process."""

import ast
import builtins
import contextlib
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from estimator_mnist import compat, estimator, tf1
from estimator_mnist.runner import failures, imports, magics
from estimator_mnist.tf1 import numpy_names


def run(path: Path, parts: Sequence, args: Sequence[str], figures=None) -> int:
    """Runs the parts in one namespace, as Python or Jupyter would; returns 0 or 1.

    What the program raises is printed, except SystemExit and KeyboardInterrupt, which
    are raised.

    Args:
      path: the script or notebook; its folder is searched for modules.
      parts: `sources.Part`s.
      args: what follows the script's name in `sys.argv`.
      figures: `figures.Figures` to save what is drawn, or None to leave it be.
    """
    names = _builtins()
    _behave_as_in_2018(in_notebook=path.suffix == ".ipynb")
    siblings = imports.Siblings(path.resolve().parent, names)
    with _as_main(path, args, siblings, names) as namespace:
        try:
            for part in parts:
                _run_part(part, namespace, figures)
        except Exception as error:
            own = siblings.files.union(part.name for part in parts)
            failures.show(error, own, parts, path.resolve().parent)
            return 1
    return 0


def _builtins():
    shell = magics.Shell()
    return vars(builtins) | {
        "__import__": imports.importer(magics.stand_ins(shell)),
        "get_ipython": lambda: shell,
        "display": magics.display,
    }


@contextlib.contextmanager
def _as_main(path, args, siblings, names) -> Iterator[dict]:
    main = types.ModuleType("__main__")
    vars(main)["__builtins__"] = names
    if path.suffix == ".py":
        main.__file__ = str(path)
    sys.modules["__main__"] = main
    sys.argv = [str(path), *args]
    sys.path[0] = str(path.resolve().parent)
    sys.meta_path.insert(0, siblings)
    # As numpy printed numbers in those days: 0.92119998, not np.float32(0.9212).
    with numpy_names.numpy_names(), np.printoptions(legacy="1.13"):
        yield vars(main)


def _behave_as_in_2018(in_notebook):
    tf1.behave_like_tf1()
    estimator.install(force=True)
    if in_notebook:
        tf1.logging.set_verbosity(tf1.logging.INFO)
    compat.quieten()


def _run_part(part, namespace, figures):
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


def _run_cell(part, namespace):
    """Runs a cell, and prints the value of its last expression."""
    tree = ast.parse(part.code, part.name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(_compiled(tree, part, "exec"), namespace)
    value = last and eval(_compiled(last, part, "eval"), namespace)
    if value is not None and not part.code.rstrip().endswith(";"):
        namespace["_"] = value
        shown = repr(value)
        print(f"Out[{part.cell}]:", end="\n" if "\n" in shown else " ")
        print(shown)


def _compiled(tree, part, mode):
    return compile(tree, part.name, mode, dont_inherit=True)
