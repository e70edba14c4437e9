"""Runs a script or notebook of TensorFlow 1.x days, unedited.

Its `import tensorflow as tf` gives `estimator_mnist.tf1`, its figures become PNG files,
and its MNIST comes from --data_dir or from wherever `estimator_mnist.main` finds it.
"""

if __name__ == "__main__":
    from estimator_mnist import import_path

    import_path.leave_out_working_directory()

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from estimator_mnist import errors
from estimator_mnist.commands import argument_parser, quiet, start
from estimator_mnist.options import check_path
from estimator_mnist.runner import modules, project, sources

if TYPE_CHECKING:
    from estimator_mnist.runner import figures as figures_module
    from estimator_mnist.runner.notebooks import outputs as outputs_module

_WHAT = """\
Runs a script, module or notebook of TensorFlow 1.x days, unedited, on today's. Its
`import tensorflow as tf` gives `estimator_mnist.tf1`, its figures become PNG files, and
its MNIST comes from --data_dir, a cache, or a verified download.
"""
_EXAMPLES = (
    ("--check SCRIPT.py|FOLDER", "what would not run, by file and line"),
    ("SCRIPT.py [args of the script]", "run it"),
    ("-m PACKAGE.MODULE [args of the module]", "run a module of a package"),
    ("--keep_going --save=OUT.ipynb NOTEBOOK.ipynb", "its outputs in a notebook"),
    ("--convert=OUT SCRIPT.py", "write a program of Python 2 in Python 3"),
)


def main(argv: list[str] | None = None) -> int:
    """Runs or checks a program; returns the exit code.

    0, 1 where the program fails or would fail, or 130 where it is interrupted. What the
    program itself raises as SystemExit is raised. What it has changed in the process is
    undone, unless the process ends with it.

    Args:
      argv: flags and arguments; those of the process by default, which ends then.
    """
    options = _parser().parse_args(argv)
    options.until_exit = argv is None
    try:
        _check_name(options.script)
        if options.data_dir and not options.data_dir.is_dir():
            raise errors.ScriptError(f"--data_dir={options.data_dir}: no such folder.")
        # Before TensorFlow is imported: its C++ messages hide what the program prints.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        if options.json and not options.check:
            raise errors.ScriptError("--json is of --check: add that, or leave it out.")
        if options.only_estimator:
            return _run_only_estimator(options)
        if options.check:
            return _check(options)
        if options.convert:
            return _convert(options)
        if options.script.is_dir() and not options.is_module:
            return _run_folder(options)
        return _run(options)
    except errors.ScriptError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _check_name(script: Path) -> None:
    try:
        check_path(str(script))
    except ValueError as error:
        raise errors.ScriptError(f"{script}: {error}") from error


def _parser() -> argument_parser.ArgumentParser:
    parser = argument_parser.ArgumentParser(
        "estimator-mnist-run", "estimator_mnist.run", _WHAT, _EXAMPLES
    )
    running = parser.add_argument_group("how it runs")
    running.add_argument(
        "--data_dir",
        type=_absolute,
        help="folder with MNIST's files [a cache, or a download]",
    )
    running.add_argument(
        "--figures", type=_absolute, help="folder for figures [SCRIPT_figures]"
    )
    running.add_argument(
        "--only_estimator",
        action="store_true",
        help="run a script of TensorFlow 2 that lacks nothing but tf.estimator",
    )
    running.add_argument(
        "-m",
        action="store_true",
        dest="is_module",
        help="run a module of the current folder's packages, as `python -m MODULE`",
    )
    _add_flags_that_run_nothing(parser)
    _add_flags_of_notebooks(parser)
    parser.add_argument(
        "script",
        type=argument_parser.path,
        metavar="SCRIPT.py|NOTEBOOK.ipynb|FOLDER|MODULE",
    )
    parser.add_argument("args", nargs=argparse.REMAINDER, help="its own arguments")
    return parser


def _add_flags_that_run_nothing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("instead of running it")
    group.add_argument(
        "--check",
        action="store_true",
        help="run nothing; list what would not run, and what to write instead, in "
        "SCRIPT.py and all that it imports, or in all files of a folder",
    )
    group.add_argument("--json", action="store_true", help="of --check: print JSON")
    group.add_argument(
        "--convert",
        type=_absolute,
        metavar="OUT",
        help="of a program of Python 2: run nothing; write it in Python 3, with all of "
        "its files, into this folder",
    )


def _add_flags_of_notebooks(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("notebooks")
    group.add_argument(
        "--keep_going",
        action="store_true",
        help="of a notebook, run the other cells where one fails or is not Python",
    )
    group.add_argument(
        "--save",
        type=_absolute,
        metavar="OUT",
        help="write the notebook with its outputs and figures there (of a folder: into "
        "that folder)",
    )
    group.add_argument(
        "--write_here",
        action="store_true",
        help="%%%%writefile writes where the notebook says, not elsewhere",
    )


def _project(options: argparse.Namespace) -> project.Project:
    if not options.is_module:
        return project.read(options.script)
    name = str(options.script)
    return project.read(modules.start_of(name), name)


def _absolute(path: str) -> Path:
    return argument_parser.path(path).resolve()


def _convert(options: argparse.Namespace) -> int:
    from estimator_mnist.runner.python2 import written

    converted, count = written.write(_project(options), options.convert)
    if not count:
        print("No file is of Python 2: nothing is written.", file=sys.stderr)
    else:
        print(f"{options.convert}: {converted} of {count} files were converted.")
    return 0


# These import TensorFlow and matplotlib, which takes seconds: errors of the command
# line and of the file come first.


def _check(options: argparse.Namespace) -> int:
    is_folder = options.script.is_dir() and not options.is_module
    try:
        whole = None if is_folder else _project(options)
        with _tensorflow():
            from estimator_mnist.runner.checks import report as reports
        if whole:
            report = reports.of_program(whole)
        else:
            report = reports.of_folder(options.script)
    except RecursionError as error:
        raise sources.too_deep(str(options.script)) from error
    with start.for_a_reader():
        report.show(options.json)
    return 1 if report.findings else 0


def _run(options: argparse.Namespace) -> int:
    whole = _project(options)
    program = whole.program
    is_notebook = program.path.suffix == ".ipynb"
    _check_options(options, is_notebook)
    if not options.keep_going:
        _check_syntax(program)
    if is_notebook:  # its working directory will be another
        program = program._replace(path=program.path.resolve())
        whole = whole._replace(program=program)
    with _tensorflow():
        from estimator_mnist.runner import program as program_module
        from estimator_mnist.runner.notebooks import cells, outputs

    figures, shown = None, outputs.Outputs(keeps=options.save is not None)
    if is_notebook or options.figures or not _has_display():
        folder = program.folder if is_notebook else Path.cwd()
        name = f"{program.path.stem}_figures"
        figures = _figures(options.figures or folder / name, shown)
    of_notebook = cells.Options(options.keep_going, options.save, options.write_here)
    with _data(options.data_dir):
        return program_module.run(
            whole, options.args, figures, of_notebook, shown, options.until_exit
        )


def _tensorflow() -> contextlib.AbstractContextManager[None]:
    """Imports TensorFlow without its noise, before the program runs.

    Where there is a GPU, the program may still say which one is to be seen.
    """
    return quiet.imported(finds_devices=not quiet.has_gpu())


@contextlib.contextmanager
def _data(folder: Path | None) -> Iterator[None]:
    """Makes this the folder of the data sets, for the program's processes, too."""
    from estimator_mnist.runner.processes import children
    from estimator_mnist.tf1 import mnist

    if folder is None:
        yield
    else:
        with children.variable(mnist.DATA_DIR_VARIABLE, str(folder)):
            yield


def _run_only_estimator(options: argparse.Namespace) -> int:
    with _tensorflow():
        from estimator_mnist.runner.processes import only_estimator

    return only_estimator.run(options.script, options.args)


def _run_folder(options: argparse.Namespace) -> int:
    from estimator_mnist.runner.notebooks import folder

    def flags(notebook: Path) -> list[str]:
        on = [name for name in ("keep_going", "write_here") if vars(options)[name]]
        found = [f"--{name}" for name in on]
        if options.data_dir:
            found.append(f"--data_dir={options.data_dir}")
        if options.save:
            found.append(f"--save={options.save / notebook}")
        if options.figures:
            found.append(f"--figures={options.figures / notebook.with_suffix('')}")
        return found

    return folder.run(options.script, flags, left_out=options.save)


def _check_options(options: argparse.Namespace, is_notebook: bool) -> None:
    """Raises ScriptError for what only notebooks can have."""
    for name in ("keep_going", "save", "write_here"):
        if vars(options)[name] and not is_notebook:
            raise errors.ScriptError(f"--{name} is for notebooks (.ipynb).")
    if options.save is None:
        return
    if options.save == options.script.resolve():
        raise errors.ScriptError("--save: name another file than the notebook itself.")
    from estimator_mnist.runner.notebooks import outputs

    outputs.read(options.script)


def _check_syntax(program: sources.Program) -> None:
    """Raises ScriptError with all parts that are not Python."""
    messages = []
    for part in program.parts:
        try:
            sources.parse(part)
        except errors.ScriptError as error:
            messages.append(str(error))
    if messages and program.parts[0].cell:
        messages.append("Nothing has run; --keep_going runs the other cells.")
    if messages:
        raise errors.ScriptError("\n".join(messages))


def _figures(folder: Path, shown: "outputs_module.Outputs") -> "figures_module.Figures":
    from estimator_mnist.runner import figures

    return figures.Figures(folder, "figure", shown.figure)


def _has_display() -> bool:
    on_a_desktop = sys.platform in ("darwin", "win32")
    return on_a_desktop or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


if __name__ == "__main__":
    sys.exit(main())
