"""Runs the parts of a program as `__main__`, in this process."""

import builtins
import contextlib
import sys
import types
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator_mnist import compat, estimator, tf1
from estimator_mnist.runner import (
    cells,
    failures,
    imports,
    magics,
    modules,
    rewriting,
    sources,
)
from estimator_mnist.tf1 import numpy_names

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures


def run(
    program: sources.Program,
    args: Sequence[str],
    figures: "Figures | None" = None,
) -> int:
    """Runs a program in one namespace, as Python or Jupyter would; returns 0 or 1.

    The process is changed for good: TensorFlow's behaviour, `sys.modules["__main__"]`,
    `sys.argv`, `sys.path` and `sys.meta_path`. Errors of the program are printed, and
    the result is 1.

    Args:
      program: the script, notebook or module.
      args: what follows the script's name in `sys.argv`.
      figures: saves what is drawn; None where matplotlib opens windows.

    Raises:
      SystemExit, KeyboardInterrupt: the program raises it.
    """
    names = _builtins()
    _behave_as_in_2018(in_notebook=program.path.suffix == ".ipynb")
    finder = imports.ProgramModulesFinder(names)
    with _as_main(program, args, finder, names) as namespace:
        try:
            for part in program.parts:
                _run_part(part, namespace, figures)
        except Exception as error:
            own = finder.files.union(part.name for part in program.parts)
            failures.show(error, own, program.parts, program.folder)
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
    program: sources.Program,
    args: Sequence[str],
    finder: imports.ProgramModulesFinder,
    names: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """Makes a new `__main__` of the program; yields the namespace of that module."""
    main = types.ModuleType("__main__")
    vars(main)["__builtins__"] = names
    if program.path.suffix == ".py":
        main.__file__ = str(program.path)
    sys.modules["__main__"] = main
    sys.argv = [str(program.path), *args]
    sys.path[:] = modules.search_path(program.folder)
    sys.meta_path.insert(0, finder)
    # As numpy printed numbers in those days: 0.92119998, not np.float32(0.9212).
    with numpy_names.numpy_names(), np.printoptions(legacy="1.13"):
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
    if part.cell:
        cells.run(part, namespace, figures)
        return
    try:
        exec(rewriting.code(part), namespace)
    finally:
        if figures:
            figures.save()
