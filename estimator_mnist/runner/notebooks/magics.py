"""Turns IPython's magics and shell lines into plain Python, line for line.

Imports nothing of IPython, whose parser comes with all the rest of it. `shell` says
what the calls do.
"""

import ast
import re
import textwrap

# Cell magics after which the cell runs: they measure or redirect it.
RUN_THE_CELL = ("time", "timeit", "capture", "prun")
# Line magics whose line runs: they measure it.
RUN_THE_LINE = ("time", "timeit", "prun", "memit")
# Cell magics that hand the cell to a shell; as a line of its own, %bash does, too.
SHELLS = ("bash", "sh", "script", "system", "sx", "cmd", "perl", "ruby")
# IPython knows these without %, where the line is not Python.
_WITHOUT_PERCENT = (
    "pip", "conda", "cd", "ls", "mkdir", "rmdir", "rm", "cp", "mv", "cat",
    "env", "load_ext", "matplotlib", "pylab",
)  # fmt: skip
_PYLAB = "import numpy as np, matplotlib.pyplot as plt; from matplotlib.pylab import *"

_CELL_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*(.*)")
_SHELL_CELL = re.compile(rf"\s*%({'|'.join(SHELLS)})[ \t]*()$")
# A target begins with no blank: those of a long line could be divided in many ways.
_TARGET = r"(\s*)(?:([\w\[(*][\w.,\[\]()'\" *]*=)\s*)?"
_LINE_MAGIC = re.compile(_TARGET + r"%[ \t]*([A-Za-z_]\w*)[ \t]*(.*)")
_SHELL = re.compile(_TARGET + r"!(!?)(.+)")
_HELP = re.compile(r"(\s*)(\?{1,2}\s*[%\w.*]+|[%\w.*]+\?{1,2})\s*$")
_AUTOMATIC = re.compile(rf"(\s*)({'|'.join(_WITHOUT_PERCENT)})(?:[ \t]+(.*))?$")
_PROMPT = re.compile(r"\s*(>>> ?|In \[\d+\]: ?)")
_PROMPTS = re.compile(r"^\s*(>>> ?|\.\.\.:? ?|In \[\d+\]: ?)")
_OPTIONS = re.compile(r"(?:-[A-Za-z]\s*\d*\s+)*")
# By the quote of the string that is open: what ends it, or what begins outside of one.
_LEXEMES = {
    "": re.compile(r"""#.*|'{3}|"{3}|['"]|[][(){}]|\\\s*$"""),
    **{quote: re.compile(rf"\\.?|{quote}") for quote in ("'", '"', "'''", '"""')},
}


def to_python(cell: str) -> str:
    """Returns the cell with its magics as calls of `get_ipython()`, line for line."""
    if is_python(cell) and not _PROMPT.match(cell):
        return cell
    lines = _as_typed(cell).split("\n")
    first = _begin_cell_magics(lines)
    before = _LinesBefore()
    for line in lines[:first]:
        before.add(line)
    for i in range(first, len(lines)):
        if not before.are_open and _line_to_python(lines[i]) != lines[i]:
            _join_continued(lines, i)
            lines[i] = _line_to_python(lines[i])
        before.add(lines[i])
    return "\n".join(lines)


def is_python(text: str) -> bool:
    """Returns whether the text parses as Python 3."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _as_typed(cell: str) -> str:
    """Returns the cell without the prompts or the indentation that all of it has."""
    lines = cell.split("\n")
    start = next(line for line in lines if line.strip())
    if _PROMPT.match(start):
        return "\n".join(_PROMPTS.sub("", line) for line in lines)
    return textwrap.dedent(cell) if start[0] in " \t" else cell


def _begin_cell_magics(lines: list[str]) -> int:
    """Replaces the cell magics at the beginning; returns the index of the line after.

    That is the end, where the cell is not for Python.
    """
    for i, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        magic = _CELL_MAGIC.match(line) or _SHELL_CELL.match(line)
        if not magic:
            return i
        name, rest = magic.groups()
        if name not in RUN_THE_CELL:
            body = "\n".join(lines[i + 1 :]).rstrip("\n") + "\n"
            lines[i:] = [_call("run_cell_magic", name, rest.strip(), body)]
            return len(lines)
        lines[i] = _call("begin_cell_magic", name, rest.strip())
        if name == "timeit" and (setup := rest[_end_of_options(rest) :]):
            lines[i] += f"; {setup}"
    return len(lines)


def _join_continued(lines: list[str], i: int) -> None:
    """Appends to line i those that a backslash joins to it, and empties them."""
    joined, j = lines[i], i
    while joined.endswith("\\") and j + 1 < len(lines):
        j += 1
        joined, lines[j] = f"{joined[:-1].rstrip()} {lines[j].strip()}", ""
    lines[i] = joined


def _line_to_python(line: str) -> str:
    if found := _LINE_MAGIC.match(line):
        indent, target, name, rest = found.groups()
        return _magic_to_python(indent, target, name, rest.strip())
    if found := _SHELL.match(line):
        indent, target, twice, command = found.groups()
        method = "getoutput" if target or twice else "system"
        return _join(indent, target, _call(method, command.strip()))
    if found := _HELP.match(line):
        indent, text = found.groups()
        return indent + _call("run_line_magic", "pinfo", text.strip("? "))
    if (found := _AUTOMATIC.match(line)) and not is_python(line.strip()):
        indent, name, rest = found.groups()
        return _magic_to_python(indent, None, name, rest or "")
    return line


def _magic_to_python(indent: str, target: str | None, name: str, rest: str) -> str:
    if name == "pylab":
        return indent + _PYLAB
    if name in RUN_THE_LINE and rest:
        return _join(indent, target, _measured(name, rest))
    return _join(indent, target, _call("run_line_magic", name, rest))


def _measured(name: str, rest: str) -> str:
    """Returns Python for `%time REST`, in which REST stays code, seen by `--check`."""
    start = 0 if name == "time" else _end_of_options(rest)
    options, code = rest[:start].strip(), rest[start:]
    try:
        (statement,) = ast.parse(code).body
    except (SyntaxError, ValueError):  # ValueError: several statements
        return code
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign) or not value:
        return code
    expression = ast.get_source_segment(code, value)
    before = code.encode()[: value.col_offset].decode()
    # What is timed often has no name afterwards, and in IPython neither here.
    before = before.rstrip("( ") if name == "time" else ""
    measured = f"get_ipython().measure({name!r}, {options!r}, lambda: {expression})"
    return f"{before} {measured}".lstrip()


def _end_of_options(rest: str) -> int:
    found = _OPTIONS.match(f"{rest} ")
    return min(found.end(), len(rest)) if found else 0


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
        """Returns whether a bracket, a string or a line with a backslash is open."""
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
