"""Runs the parts of a program as `__main__`, in this process."""

import builtins
import contextlib
import os
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator_mnist import compat, estimator, tf1
from estimator_mnist.runner import (
    cells,
    failures,
    imports,
    modules,
    network,
    outputs,
    rewriting,
    sources,
    stand_ins,
)
from estimator_mnist.runner import shell as shells
from estimator_mnist.tf1 import mnist, numpy_names

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures


def run(
    program: sources.Program,
    args: Sequence[str],
    figures: "Figures | None" = None,
    options: cells.Options | None = None,
    shown: outputs.Outputs | None = None,
) -> int:
    """Runs a program in one namespace, as Python or Jupyter would; returns 0 or 1.

    The process is changed for good: TensorFlow's behaviour, `sys.modules["__main__"]`,
    `sys.argv`, `sys.path` and `sys.meta_path`. Errors of the program are printed, and
    the result is 1.

    Args:
      program: the script, notebook or module.
      args: what follows the script's name in `sys.argv`.
      figures: saves what is drawn; None where matplotlib opens windows.
      options: of a notebook.
      shown: shows and keeps what a notebook's cells show.

    Raises:
      SystemExit, KeyboardInterrupt: the program raises it.
    """
    options, shown = options or cells.Options(), shown or outputs.Outputs()
    is_notebook = program.path.suffix == ".ipynb"
    with shells.shell(shown, options.write_here) as shell:
        names = _builtins(shell)
        _behave_as_in_2018(is_notebook)
        finder = imports.ProgramModulesFinder(names)

        def explain(error: BaseException) -> str:
            own = {*finder.files, *shell.files, *(part.name for part in program.parts)}
            return failures.text(error, own, program.parts, program.folder)

        with (
            network.answered(os.environ.get(mnist.DATA_DIR_VARIABLE)),
            _as_main(program, args, finder, names) as shell.user_ns,
        ):
            if is_notebook:
                kernel = cells.Kernel(shell, shown, figures, explain)
                return kernel.run(program, options)
            return _run_parts(program, shell.user_ns, figures, explain)


def _run_parts(
    program: sources.Program,
    namespace: dict[str, Any],
    figures: "Figures | None",
    explain: Callable[[BaseException], str],
) -> int:
    try:
        for part in program.parts:
            exec(rewriting.code(part), namespace)
    except Exception as error:
        print(explain(error), end="", file=sys.stderr)
        return 1
    finally:
        if figures:
            figures.save()
    return 0


def _builtins(shell: shells.Shell) -> dict[str, Any]:
    data_dir = os.environ.get(mnist.DATA_DIR_VARIABLE)
    modules = {**stand_ins.ipython(shell), **stand_ins.colab(shell, data_dir)}
    return vars(builtins) | {
        "__import__": imports.importer(modules),
        "get_ipython": lambda: shell,
        "display": shell.display,
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
