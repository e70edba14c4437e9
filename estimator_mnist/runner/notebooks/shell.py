"""Stands for IPython's shell, as `get_ipython()`: does what magics say.

Commands of the system's shell are never run; each is printed, as are the magics that
have nothing to do here.
"""

import ast
import contextlib
import importlib
import os
import re
import sys
import tempfile
import time
import timeit
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from estimator_mnist import errors
from estimator_mnist.runner import python2, rewriting, sources
from estimator_mnist.runner.notebooks import magics, outputs, stand_ins

_Value = TypeVar("_Value")
# A notebook's magic is one line here: what the shell does with its line. Others are
# printed as skipped.
_LINE_MAGICS: dict[str, Callable[["Shell", str], object]] = {
    "cd": lambda shell, line: shell.change_folder(line),
    "config": lambda shell, line: None,
    "env": lambda shell, line: shell.environment(line),
    "matplotlib": lambda shell, line: None,  # figures are saved anyway
    "pwd": lambda shell, line: os.getcwd(),
    "run": lambda shell, line: shell.run_file(line),
    "set_env": lambda shell, line: shell.environment(line.replace(" ", "=", 1)),
    "tensorflow_version": lambda shell, line: shell.choose_tensorflow(line),
}
# Cell magics that are not for Python -> what the shell does with line and cell.
_CELL_MAGICS: dict[str, Callable[["Shell", str, str], object]] = {
    "file": lambda shell, line, cell: shell.write_file(line, cell),
    "html": lambda shell, line, cell: shell.display(stand_ins.HTML(cell)),
    "HTML": lambda shell, line, cell: shell.display(stand_ins.HTML(cell)),
    "javascript": lambda shell, line, cell: shell.display(stand_ins.Javascript(cell)),
    "js": lambda shell, line, cell: shell.display(stand_ins.Javascript(cell)),
    "latex": lambda shell, line, cell: shell.display(stand_ins.Latex(cell)),
    "markdown": lambda shell, line, cell: shell.display(stand_ins.Markdown(cell)),
    "svg": lambda shell, line, cell: shell.display(stand_ins.SVG(cell)),
    "SVG": lambda shell, line, cell: shell.display(stand_ins.SVG(cell)),
    "writefile": lambda shell, line, cell: shell.write_file(line, cell),
}
_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


class Shell:
    """Stands for IPython's shell, as `get_ipython()`.

    Attributes:
      ast_node_interactivity: which expressions of a cell are shown: "last_expr", "all",
        "last", "last_expr_or_assign" or "none"; programs set it, of the class too.
      user_ns: the program's namespace.
      files: paths of what %run has run.
    """

    ast_node_interactivity = "last_expr"

    def __init__(
        self,
        shown: outputs.Outputs,
        write_here: bool = False,
    ) -> None:
        """Takes what shows outputs, and whether %%writefile writes as it says."""
        self.user_ns: dict[str, Any] = {}
        self.files: set[str] = set()
        self._outputs = shown
        self._folder: tempfile.TemporaryDirectory | None = None
        self._writes_here = write_here
        self._clocks: list[_Clock] = []
        self._captured_as: str | None = None
        # What %%writefile has written elsewhere -> its path.
        self.written: dict[str, Path] = {}

    def run_line_magic(self, name: str, line: str = "", *_: object) -> Any:
        """Does what a line that began with % says, or prints that it is skipped."""
        if name in magics.RUN_THE_LINE and line:
            return self.run_code(f"%{name} {line}")
        action = _LINE_MAGICS.get(name)
        if action is None:
            return self._skip(f"%{name} {line}")
        return action(self, self._filled_in(line))

    def run_cell_magic(self, name: str, line: str = "", cell: str = "") -> None:
        """Does what a cell that began with %% says, or prints that it is skipped."""
        if name in magics.RUN_THE_CELL:
            self.begin_cell_magic(name, line)
            self.run_code(cell)
            self.stop_clocks()
            self.end_capture()
        elif name in _CELL_MAGICS:
            _CELL_MAGICS[name](self, self._filled_in(line), cell)
        else:
            commands = cell.rstrip() if name in magics.SHELLS else ""
            magic = f"%%{name} {line}".rstrip()
            self._skip("\n    ".join([magic, *commands.splitlines()]))

    def begin_cell_magic(self, name: str, line: str = "") -> None:
        """Begins to measure or capture a cell."""
        if name in ("time", "timeit"):
            self._clocks.append(_Clock())
        if name == "capture":
            words = [word for word in line.split() if not word.startswith("-")]
            self._captured_as = next(iter(words), None)
            self._outputs.begin_capture()

    def stop_clocks(self) -> None:
        """Prints what %%time has measured."""
        while self._clocks:
            print(self._clocks.pop())

    def end_capture(self) -> None:
        """Shows outputs again, and gives those of %%capture their name."""
        captured = self._outputs.end_capture()
        if captured is not None and self._captured_as:
            self.user_ns[self._captured_as] = captured

    def drop_cell(self) -> None:
        """Forgets what cell magics have begun, where the cell has failed."""
        self._clocks.clear()
        self._outputs.end_capture()

    def measure(self, name: str, options: str, code: Callable[[], _Value]) -> Any:
        """Runs code and prints its time; returns its value, unless of %timeit.

        Args:
          name: of the line magic.
          options: of the line: for %timeit, -n is the number of loops.
          code: the expression.
        """
        if name == "timeit":
            return self._timeit(options, code)
        started = _Clock()
        value = code()
        if name == "time":
            print(started)
        return value

    def magic(self, text: str) -> Any:
        """Runs a line, as `run_line_magic`."""
        name, _, line = text.lstrip("%").partition(" ")
        return self.run_line_magic(name, line)

    def system(self, command: str) -> None:
        """Skips a command of the system's shell."""
        self._skip(f"!{command}")

    def getoutput(self, command: str) -> list[str]:
        """Skips a command of the system's shell; returns no lines of output."""
        self._skip(f"!{command}")
        return []

    def run_code(self, code: str) -> Any:
        """Runs text in the program's namespace; returns an expression's value."""
        part = sources.Part("<magic>", magics.to_python(code))
        tree = rewriting.tree(part)
        if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
            expression = ast.Expression(tree.body[0].value)
            return eval(rewriting.compiled(expression, part.name), self.user_ns)
        exec(rewriting.compiled(tree, part.name), self.user_ns)
        return None

    run_cell = ex = ev = run_code

    def display(self, *objects: object, **kwargs: Any) -> outputs.DisplayHandle | None:
        """Shows the objects, as IPython's `display` does."""
        display_id = kwargs.get("display_id")
        if display_id is True:
            display_id = uuid.uuid4().hex
        for shown in objects:
            self._outputs.display(shown, display_id, kwargs.get("raw", False))
        return outputs.DisplayHandle(self._outputs, display_id) if display_id else None

    def clear_output(self, wait: bool = False, **_: object) -> None:
        """Forgets the outputs of the cell, in the notebook that is saved."""
        self._outputs.clear(wait)

    def change_folder(self, line: str) -> None:
        """Changes the working directory, where there is such a folder."""
        folder = Path(line.strip("\"' ") or "~").expanduser()
        if folder.is_dir():
            os.chdir(folder)
            print(os.getcwd())
        else:
            self._skip(f"%cd {line}: no such folder")

    def environment(self, line: str) -> str | None:
        """Sets a variable for NAME=VALUE; returns that of NAME."""
        name, is_set, value = line.partition("=")
        if is_set:
            os.environ[name.strip()] = value.strip()
            print(f"env: {name.strip()}={value.strip()}")
            return None
        return os.environ.get(name.strip())

    def choose_tensorflow(self, line: str) -> None:
        """Says that TensorFlow 1.x is what there is, where a notebook wants another."""
        if not line.startswith("1"):
            self._skip(f"%tensorflow_version {line}: this is TensorFlow 1.x's")

    def run_file(self, line: str) -> None:
        """Runs `[-i] FILE [ARGS]`, a script in a namespace of its own; its names stay.

        A notebook, and a file after -i, run in the program's namespace.
        """
        words = line.split()
        shares = "-i" in words[:1]
        name, *args = words[1:] if shares else words
        path = self._file(name.strip("\"'"))
        self.files.add(str(path))
        before, sys.argv = sys.argv, [str(path), *args]
        try:
            if shares or path.suffix == ".ipynb":
                _execute(path, self.user_ns)
                return
            names = {"__name__": "__main__", "__file__": str(path)}
            names |= {"__builtins__": self.user_ns["__builtins__"]}
            own: dict[str, Any] = dict(names)
            _execute(path, own)
        finally:
            sys.argv = before
        self.user_ns |= {name: own[name] for name in own if name not in names}

    def write_file(self, line: str, content: str) -> None:
        """Writes `[-a] FILE` for %%writefile, into a folder of the run's own.

        Programs can import what is in it.
        """
        words = line.split()
        mode = "a" if "-a" in words or "--append" in words else "w"
        name = words[-1].strip("\"'")
        path = self._place_to_write(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        print("Overwriting" if path.exists() else "Writing", name)
        with path.open(mode, encoding="utf-8") as file:
            file.write(content)
        importlib.invalidate_caches()
        if not self._writes_here:
            self.written[name] = path
            self._outputs.say(f"{name}: written as {path}, for this run alone.")

    def close(self) -> None:
        """Deletes what %%writefile has written into the run's own folder."""
        if self._folder is not None:
            with contextlib.suppress(ValueError):
                sys.path.remove(self._folder.name)
            self._folder.cleanup()
            self._folder = None

    def _place_to_write(self, name: str) -> Path:
        path = Path(name).expanduser()
        if self._writes_here:
            return path
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="notebook_")
            sys.path.insert(0, self._folder.name)
        parts = [path.name] if path.is_absolute() else path.parts
        return Path(self._folder.name, *(part for part in parts if part != ".."))

    def _file(self, name: str) -> Path:
        """Returns the path of the file of %run, which may leave out its suffix."""
        for spelling in (name, f"{name}.py", f"{name}.ipynb"):
            path = self.written.get(spelling, Path(spelling).expanduser())
            if path.is_file():
                return path
        raise errors.ScriptError(f"%run {name}: no such file in {os.getcwd()}.")

    def _filled_in(self, line: str) -> str:
        """Returns the line with the program's values for `{name}` and `$name`."""

        def value(found: re.Match) -> str:
            name = found[1] or found[2]
            return str(self.user_ns.get(name, found[0]))

        return re.sub(r"\{(\w+)\}|\$(\w+)", value, line)

    def _timeit(self, options: str, code: Callable[[], object]) -> None:
        timer = timeit.Timer(code)
        loops = re.search(r"-n\s*(\d+)", options)
        number = int(loops[1]) if loops else 0
        if number:
            seconds = timer.timeit(number)
        else:
            number, seconds = timer.autorange()
        print(f"{_seconds(seconds / number)} per loop (mean of {number} loops)")

    def _skip(self, text: str) -> None:
        print(f"skipped: {text.strip()}", file=sys.stderr, flush=True)


class _Clock:
    """The time since it was made, in Jupyter's words."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        wall = time.perf_counter() - self._wall
        processor = time.process_time() - self._processor
        return f"CPU times: total: {_seconds(processor)}\nWall time: {_seconds(wall)}"


def _execute(path: Path, namespace: dict[str, Any]) -> None:
    """Runs a file of Python or the cells of a notebook."""
    for part in python2.converted(sources.read(path)):
        exec(rewriting.code(part), namespace)


def _seconds(value: float) -> str:
    unit, size = next((u for u in _UNITS if value >= u[1]), _UNITS[-1])
    return f"{value / size:.3g} {unit}"


@contextlib.contextmanager
def shell(shown: outputs.Outputs, write_here: bool = False) -> Iterator[Shell]:
    """Yields a Shell of a class of its own, whose attributes programs may set."""
    # Programs tell by its name whether they are in a notebook.
    kind = type("ZMQInteractiveShell", (Shell,), {})
    made: Shell = kind(shown, write_here)
    # As IPython has it: InteractiveShell.instance() is get_ipython().
    kind.instance = staticmethod(lambda: made)  # type: ignore[attr-defined]
    try:
        yield made
    finally:
        made.close()
