"""Runs the cells of a notebook in one namespace, as Jupyter would."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from estimator_mnist import errors
from estimator_mnist.runner import rewriting, sources
from estimator_mnist.runner.notebooks import outputs
from estimator_mnist.runner.notebooks.shell import Shell

if TYPE_CHECKING:  # it imports matplotlib, which takes a second
    from estimator_mnist.runner.figures import Figures

# Tokens that may follow the semicolon with which a cell's last value is not shown.
_NOTHING = {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER}
_LINE = 120  # characters of an error in the report


class Options(NamedTuple):
    """How a notebook is run.

    Attributes:
      keep_going: whether the other cells run where one fails.
      save: where the notebook is written with its outputs; None for nowhere.
      write_here: whether %%writefile writes into the working directory.
    """

    keep_going: bool = False
    save: Path | None = None
    write_here: bool = False


class Kernel:
    """Runs cells, one by one, in the namespace of the shell."""

    def __init__(
        self,
        shell: Shell,
        shown: outputs.Outputs,
        figures: "Figures | None",
        explain: Callable[[BaseException], str],
    ) -> None:
        """Takes what the cells need.

        Args:
          shell: what magics call; its `user_ns` is the program's namespace.
          shown: shows and keeps outputs.
          figures: saves what is drawn.
          explain: returns the traceback of the program's own frames.
        """
        self._shell, self._outputs = shell, shown
        self._figures, self._explain = figures, explain
        self._reports: dict[int, str] = {}  # of the cells that have failed
        self._in, self._out = [""], dict[int, Any]()

    def run(self, program: sources.Program, options: Options) -> int:
        """Runs a notebook; returns 1 where a cell fails, else 0.

        The first failure ends it, unless options.keep_going. What the cells have shown
        until then is saved, if it is to be.
        """
        self._shell.user_ns |= {
            "In": self._in,
            "Out": self._out,
            "__IPYTHON__": True,  # by which programs know IPython
        }
        try:
            with self._outputs.recorded():
                self._run_all(program.parts, options.keep_going)
        finally:
            if options.save:
                self._outputs.save(program.path, options.save)
                self._outputs.say(f"saved: {options.save}")
        return 1 if self._reports else 0

    def _run_all(self, parts: Sequence[sources.Part], keep_going: bool) -> None:
        done = 0
        for part in parts:
            self._run_cell(part)
            done += 1
            if self._reports and not keep_going:
                break
        if parts and (self._reports or keep_going):
            self._report(parts, done)

    def _run_cell(self, part: sources.Part) -> None:
        """Runs a cell, shows its values and figures, and reports where it fails."""
        number = part.cell or 0
        self._outputs.begin(number)
        if self._figures:
            self._figures.begin(f"cell{number:02d}")
        try:
            tree = rewriting.tree(part)
        except errors.ScriptError as error:
            self._reports[number] = f"is not Python, {_first_line(error, part.name)}"
            self._outputs.error(SyntaxError(str(error)), f"error: {error}")
            return
        try:
            self._execute(part, tree)
        except SystemExit as error:
            self._exit(number, error)
        except Exception as error:
            self._reports[number] = f"{type(error).__name__}: {_first_line(error)}"
            self._outputs.error(error, self._explain(error) + self._hint(error))
        finally:
            self._shell.drop_cell()
            if self._figures:
                self._figures.save()

    def _execute(self, part: sources.Part, tree: ast.Module) -> None:
        self._in.append(part.code)
        namespace, value = self._shell.user_ns, None
        for node in self._steps(part, tree):
            self._show(part.cell or 0, value)
            value = None
            code = rewriting.compiled(node, part.name)
            if isinstance(node, ast.Expression):
                value = eval(code, namespace)
            else:
                exec(code, namespace)
        self._shell.stop_clocks()  # before the last value, as in Jupyter
        self._show(part.cell or 0, value)
        if self._figures and self._outputs.is_capturing():
            self._figures.save()
        self._shell.end_capture()

    def _steps(
        self, part: sources.Part, tree: ast.Module
    ) -> Iterator[ast.Module | ast.Expression]:
        """Yields the statements; as an expression where its value is shown.

        That is the last one, unless the program has told otherwise. Each is compiled
        alone, so that `from __future__` may come after a magic, as in Jupyter.
        """
        which, last = self._shell.ast_node_interactivity, len(tree.body) - 1
        quiet = _ends_with_semicolon(part.code)
        for i, statement in enumerate(tree.body):
            wanted = which == "all" or (i == last and which != "none")
            if i == last and quiet:
                wanted = False
            if wanted and isinstance(statement, ast.Expr):
                yield ast.Expression(statement.value)
            else:
                yield ast.Module([statement], [])

    def _show(self, cell: int, value: object) -> None:
        if value is None:
            return
        names = self._shell.user_ns
        names |= {"___": names.get("__"), "__": names.get("_"), "_": value}
        names[f"_{cell}"] = self._out[cell] = value
        self._outputs.result(cell, value)

    def _exit(self, cell: int, error: SystemExit) -> None:
        """Goes on after `sys.exit()`, as which `tf.app.run()` ends."""
        if error.code not in (None, 0):
            self._reports[cell] = f"SystemExit: {error.code}"
            self._outputs.error(error, f"SystemExit: {error.code}")
        else:
            self._shell.stop_clocks()
            self._shell.end_capture()

    def _hint(self, error: Exception) -> str:
        """Returns where a file is that the program misses, if %%writefile wrote it."""
        name = error.filename if isinstance(error, FileNotFoundError) else None
        path = self._shell.written.get(str(name))
        if path is None:
            return ""
        return f"{name} is {path}: --write_here writes it where the notebook says.\n"

    def _report(self, parts: Sequence[sources.Part], done: int) -> None:
        name = parts[0].name.rpartition(", cell ")[0]
        good, rest = done - len(self._reports), len(parts) - done
        lines = [f"{name}: {good} of {len(parts)} cells ran."]
        lines += [f"  cell {cell}: {what}" for cell, what in self._reports.items()]
        if rest:
            lines.append(f"  {rest} more not tried: --keep_going runs them, too.")
        self._outputs.say("\n".join(lines))


def _first_line(error: BaseException, cell: str = "") -> str:
    line = (str(error).splitlines() or [""])[0].removeprefix(f"{cell}, ")
    return line if len(line) <= _LINE else f"{line[:_LINE]}..."


def _ends_with_semicolon(code: str) -> bool:
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    last = next((t for t in reversed(tokens) if t.type not in _NOTHING), None)
    return last is not None and last.string == ";"
