"""Turns IPython's magics and shell lines into plain Python, line for line."""

import ast
import re
import sys
import types

_CELL_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*(.*)")
# It begins with no blank: those of a long line could be divided in many ways.
_TARGET = r"(?:(\w[\w., ]*=)\s*)?"
_LINE_MAGIC = re.compile(rf"(\s*){_TARGET}%(\w+)[ \t]*(.*)")
_SHELL = re.compile(rf"(\s*){_TARGET}!!?(.+)")
_HELP = re.compile(r"(\s*)(\?{1,2}\s*[\w.]+|[\w.]+\?{1,2})\s*$")

# These magics measure or redirect the rest of the cell or line, which must run.
_CELL_MAGICS_THAT_RUN_THE_CELL = ("time", "capture", "prun")
_LINE_MAGICS_THAT_RUN_THE_LINE = ("time", "prun")
_PYLAB = "import numpy as np, matplotlib.pyplot as plt; from matplotlib.pylab import *"
STANDS_IN_FOR = ("IPython",)
# By the quote of the string that is open: what ends it, or what begins outside of one.
_LEXEMES = {
    "": re.compile(r"""#.*|'{3}|"{3}|['"]|[][(){}]|\\\s*$"""),
    **{quote: re.compile(rf"\\.?|{quote}") for quote in ("'", '"', "'''", '"""')},
}


def to_python(cell: str) -> str:
    """Returns the cell with its magics as calls of `get_ipython()`, line for line."""
    if _is_python(cell):
        return cell
    lines = cell.split("\n")
    first = next(i for i, line in enumerate(lines) if line.strip())
    magic = _CELL_MAGIC.match(lines[first])
    if magic:
        name, rest = magic.groups()
        lines[first] = _call("run_cell_magic", name, rest.strip(), "")
        if name not in _CELL_MAGICS_THAT_RUN_THE_CELL:
            return "\n".join(lines[: first + 1])
    before = _LinesBefore()
    for i, line in enumerate(lines):
        if not before.are_open:
            lines[i] = _line_to_python(line)
        before.add(lines[i])
    return "\n".join(lines)


def display(*objects: object) -> None:
    """Prints the objects, as IPython's `display` does on a terminal."""
    for shown in objects:
        print(repr(shown))


class Shell:
    """Stands for IPython's shell, as `get_ipython()`: prints what it skips."""

    def run_line_magic(self, name: str, line: str = "", *_: object) -> None:
        """Skips a line that began with %."""
        if name != "matplotlib":  # figures are saved anyway
            self._skip(f"%{name} {line}")

    def run_cell_magic(self, name: str, line: str = "", cell: str = "") -> None:
        """Skips a cell that began with %%."""
        self._skip(f"%%{name} {line}")

    def magic(self, text: str) -> None:
        """Skips a line, as `run_line_magic`."""
        name, _, line = text.lstrip("%").partition(" ")
        self.run_line_magic(name, line)

    def system(self, command: str) -> list[str]:
        """Skips a command of the system's shell; returns no lines of output."""
        self._skip(f"!{command}")
        return []

    getoutput = system

    def _skip(self, text: str) -> None:
        print(f"skipped: {text.strip()}", file=sys.stderr, flush=True)


class _Displayed:
    """Stands for Image, HTML and all other objects of IPython.display."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def __repr__(self) -> str:
        return f"<IPython.display.{type(self).__name__}>"


class _IPython(types.ModuleType):
    """Stands for the module IPython."""

    def __init__(self, shell: Shell, display_module: types.ModuleType) -> None:
        super().__init__("IPython")
        self.get_ipython, self.display = lambda: shell, display_module


class _IPythonDisplay(types.ModuleType):
    """Stands for the module IPython.display."""

    def __init__(self) -> None:
        super().__init__("IPython.display")
        self.display, self.clear_output = display, lambda wait=False: None

    def __getattr__(self, name: str) -> type[_Displayed]:
        if name.startswith("_"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return type(name, (_Displayed,), {})


def stand_ins(shell: Shell) -> dict[str, types.ModuleType]:
    """Returns what stands for IPython's modules, by their names, in a program.

    They are not put into `sys.modules`: libraries find the real IPython, or none.
    """
    shown = _IPythonDisplay()
    return {"IPython": _IPython(shell, shown), "IPython.display": shown}


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _line_to_python(line: str) -> str:
    if found := _LINE_MAGIC.match(line):
        indent, target, name, rest = found.groups()
        if name == "pylab":
            return indent + _PYLAB
        if name in _LINE_MAGICS_THAT_RUN_THE_LINE and rest:
            return f"{indent}{target or ''} {rest}" if target else indent + rest
        return _join(indent, target, _call("run_line_magic", name, rest.strip()))
    if found := _SHELL.match(line):
        indent, target, command = found.groups()
        return _join(indent, target, _call("system", command.strip()))
    if found := _HELP.match(line):
        indent, text = found.groups()
        return indent + _call("run_line_magic", "pinfo", text.strip("? "))
    return line


def _join(indent: str, target: str | None, call: str) -> str:
    return f"{indent}{target} {call}" if target else indent + call


def _call(method: str, *args: str) -> str:
    return f"get_ipython().{method}({', '.join(map(repr, args))})"


class _LinesBefore:
    """Tells, line by line, whether a statement goes on: then no magic begins there."""

    def __init__(self) -> None:
        self._brackets = 0
        self._quote = ""  # of the string that is open
        self._ends_in_backslash = False

    @property
    def are_open(self) -> bool:
        """Whether a bracket, a string or a line with a backslash is open."""
        return bool(self._brackets or self._quote or self._ends_in_backslash)

    def add(self, line: str) -> None:
        """Takes in the next line, without its end."""
        self._ends_in_backslash = False
        position = 0
        while found := _LEXEMES[self._quote].search(line, position):
            position = found.end()
            self._take_in(found[0], is_last=position == len(line))
        if len(self._quote) == 1 and not self._ends_in_backslash:
            self._quote = ""  # an error of the program, which ends with the line

    def _take_in(self, lexeme: str, is_last: bool) -> None:
        if lexeme.startswith("\\"):
            self._ends_in_backslash = is_last and lexeme.rstrip() == "\\"
        elif self._quote:
            self._quote = ""
        elif lexeme[0] in "'\"":
            self._quote = lexeme
        elif lexeme[0] in "([{":
            self._brackets += 1
        elif lexeme[0] in ")]}":
            self._brackets = max(0, self._brackets - 1)
