"""Runs the parts of a program as `__main__`, in this process."""

import atexit
import builtins
import contextlib
import importlib
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from estimator_mnist import tf1
from estimator_mnist.runner import (
    cells,
    failures,
    imports,
    magics,
    process_wide,
    processes,
    rewriting,
    sources,
)

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures


def run(
    program: sources.Program,
    args: Sequence[str],
    figures: "Figures | None" = None,
) -> int:
    """Runs a program in one namespace, as Python or Jupyter would; returns 0 or 1.

    While it runs, the process is changed as `process_wide` lists. Errors of the program
    are printed, and the result is 1.

    Args:
      program: the script, notebook or module.
      args: what follows the script's name in `sys.argv`.
      figures: saves what is drawn; None where matplotlib opens windows.

    Raises:
      SystemExit, KeyboardInterrupt: the program raises it.
    """
    names = _builtins()
    main = _main(program, names, "__main__")
    finder = imports.ProgramModulesFinder(names)
    with process_wide.all_of_it(program, args, main, finder):
        if program.path.suffix == ".ipynb":
            tf1.logging.set_verbosity(tf1.logging.INFO)
        try:
            _run_parts(program, vars(main), figures)
        except Exception as error:
            own = finder.files.union(part.name for part in program.parts)
            failures.show(error, own, program.parts, program.folder)
            return 1
    return 0


def namespace_for_children(program: sources.Program) -> dict[str, Any]:
    """Returns the names of a program's `__main__` in a process that it has spawned.

    That process is a program's for the rest of its life.
    """
    names = _builtins()
    main = _main(program, names, "__mp_main__")
    finder = imports.ProgramModulesFinder(names)
    changes = contextlib.ExitStack()
    for change in process_wide.in_children(finder):
        changes.enter_context(change)
    atexit.register(changes.close)  # not before, as forgotten ones would be
    _run_parts(program, vars(main), None)
    return vars(main)


def _builtins() -> dict[str, Any]:
    shell = magics.Shell()
    stand_ins = magics.stand_ins(shell) | processes.stand_ins()
    return vars(builtins) | {
        "__import__": imports.importer(stand_ins),
        "get_ipython": lambda: shell,
        "display": magics.display,
    }


def _main(
    program: sources.Program, names: dict[str, Any], name: str
) -> types.ModuleType:
    """Returns the module that the program's parts run in."""
    main = types.ModuleType(name)
    vars(main)["__builtins__"] = names
    if program.path.suffix == ".py":
        main.__file__ = str(program.path.resolve() if program.module else program.path)
        main.__spec__ = processes.MainSpec(program.package)
    if program.package is not None:
        main.__package__ = program.package
    return main


def _run_parts(
    program: sources.Program, namespace: dict[str, Any], figures: "Figures | None"
) -> None:
    if program.package:
        importlib.import_module(program.package)
    for part in program.parts:
        _run_part(part, namespace, figures)


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
