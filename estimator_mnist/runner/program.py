"""Runs the parts of a program as `__main__`, in this process."""

import atexit
import builtins
import contextlib
import importlib
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from estimator_mnist import tf1
from estimator_mnist.runner import (
    failures,
    imports,
    loading,
    project,
    rewriting,
    sources,
)
from estimator_mnist.runner.notebooks import cells, outputs, stand_ins
from estimator_mnist.runner.notebooks import shell as shells
from estimator_mnist.runner.processes import children, process_wide
from estimator_mnist.tf1 import mnist

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures

_Result = TypeVar("_Result")


def run(
    whole: project.Project,
    args: Sequence[str],
    figures: "Figures | None" = None,
    options: cells.Options | None = None,
    shown: outputs.Outputs | None = None,
    until_exit: bool = False,
) -> int:
    """Runs a program in one namespace, as Python or Jupyter would; returns 0 or 1.

    While it runs, the process is changed as `process_wide` lists. Errors of the program
    are printed, and the result is 1.

    Args:
      whole: the script, notebook or module, with all its files.
      args: what follows the script's name in `sys.argv`.
      figures: saves what is drawn; None where matplotlib opens windows.
      options: of a notebook.
      shown: shows and keeps what a notebook's cells show.
      until_exit: whether the process ends with the program, and stays changed.

    Raises:
      SystemExit, KeyboardInterrupt: the program raises it.
    """
    options, shown = options or cells.Options(), shown or outputs.Outputs()
    program = whole.program
    with shells.shell(shown, options.write_here) as shell:
        finder = _finder(program, shell)
        main = _main(program, finder.builtins, "__main__")
        shell.user_ns = vars(main)

        def explain(error: BaseException) -> str:
            own = {*finder.files, *shell.files, *(part.name for part in program.parts)}
            return failures.text(error, own, whole)

        with (
            process_wide.all_of_it(program, args, main, finder, until_exit),
            _shown_by(figures),
        ):
            if program.path.suffix == ".ipynb":
                tf1.logging.set_verbosity(tf1.logging.INFO)
                kernel = cells.Kernel(shell, shown, figures, explain)
                return _as_written(program, kernel.run)(program, options)
            return _run_parts(program, vars(main), figures, explain)


def _as_written(
    program: sources.Program, function: Callable[..., _Result]
) -> Callable[..., _Result]:
    """Returns a function in which AutoGraph does not read Python 2.

    It compiles the functions of `Dataset.map` from their source: the original's.
    """
    if not program.python_2:
        return function
    return tf1.autograph.experimental.do_not_convert(function)


def _shown_by(
    figures: "Figures | None",
) -> contextlib.AbstractContextManager[None]:
    if figures is None:
        return contextlib.nullcontext()
    from estimator_mnist.runner.figures import shown_by_saving

    return shown_by_saving(figures)


def namespace_for_children(program: sources.Program) -> dict[str, Any]:
    """Returns the names of a program's `__main__` in a process that it has spawned.

    That process is a program's for the rest of its life.
    """
    changes = contextlib.ExitStack()
    shell = changes.enter_context(shells.shell(outputs.Outputs()))
    finder = _finder(program, shell)
    main = _main(program, finder.builtins, "__mp_main__")
    for change in process_wide.in_children(program, finder):
        changes.enter_context(change)
    atexit.register(changes.close)  # not before, as forgotten ones would be
    _as_written(program, _execute)(program, vars(main))
    return vars(main)


def _finder(
    program: sources.Program, shell: shells.Shell
) -> imports.ProgramModulesFinder:
    """Returns the finder of the program's modules, which has the builtins of them."""
    data_dir = os.environ.get(mnist.DATA_DIR_VARIABLE)
    modules = {
        **stand_ins.ipython(shell),
        **stand_ins.colab(shell, data_dir),
        **children.stand_ins(),
    }
    import_ = imports.importer(modules)
    names = {
        **vars(builtins),
        **rewriting.BUILTINS,
        "__import__": import_,
        "get_ipython": lambda: shell,
        "display": shell.display,
    }
    finder = imports.ProgramModulesFinder(names, program.python_2)
    modules |= loading.stand_ins(finder, import_)
    return finder


def _main(
    program: sources.Program, names: Mapping[str, object], name: str
) -> types.ModuleType:
    """Returns the module that the program's parts run in."""
    main = types.ModuleType(name)
    vars(main)["__builtins__"] = names
    if program.path.suffix == ".py":
        main.__file__ = str(program.path.resolve() if program.module else program.path)
        main.__spec__ = children.MainSpec(program.package)
    if program.package is not None:
        main.__package__ = program.package
    return main


def _run_parts(
    program: sources.Program,
    namespace: dict[str, Any],
    figures: "Figures | None",
    explain: Callable[[BaseException], str],
) -> int:
    try:
        _as_written(program, _execute)(program, namespace)
    except Exception as error:
        print(explain(error), end="", file=sys.stderr)
        return 1
    finally:
        if figures:
            figures.save()
    return 0


def _execute(program: sources.Program, namespace: dict[str, Any]) -> None:
    if program.package:
        importlib.import_module(program.package)
    for part in program.parts:
        exec(rewriting.code(part), namespace)
