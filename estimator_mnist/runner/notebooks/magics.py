"""Turns IPython's magics and shell lines into plain Python, line for line.

Imports nothing of IPython, whose parser comes with all the rest of it. `shell` says
what the calls do.
"""

import ast
import re
import textwrap
import tokenize

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
_TARGET = r"(\s*)(?:([\w.,\[\]()'\" *]+=)\s*)?"
_LINE_MAGIC = re.compile(_TARGET + r"%[ \t]*([A-Za-z_]\w*)[ \t]*(.*)")
_SHELL = re.compile(_TARGET + r"!(!?)(.+)")
_HELP = re.compile(r"(\s*)(\?{1,2}\s*[%\w.*]+|[%\w.*]+\?{1,2})\s*$")
_AUTOMATIC = re.compile(rf"(\s*)({'|'.join(_WITHOUT_PERCENT)})(?:[ \t]+(.*))?$")
_PROMPT = re.compile(r"\s*(>>> ?|In \[\d+\]: ?)")
_PROMPTS = re.compile(r"^\s*(>>> ?|\.\.\.:? ?|In \[\d+\]: ?)")
_OPTIONS = re.compile(r"(?:-[A-Za-z]\s*\d*\s+)*")


def to_python(cell: str) -> str:
    """Returns the cell with its magics as calls of `get_ipython()`, line for line."""
    if is_python(cell) and not _PROMPT.match(cell):
        return cell
    lines = _as_typed(cell).split("\n")
    first = _begin_cell_magics(lines)
    for i in range(first, len(lines)):
        if _line_to_python(lines[i]) == lines[i] or is_open("\n".join(lines[:i])):
            continue
        _join_continued(lines, i)
        lines[i] = _line_to_python(lines[i])
    return "\n".join(lines)


def is_python(text: str) -> bool:
    """Returns whether the text parses as Python 3."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def is_open(text: str) -> bool:
    """Returns whether a bracket or string is open at the end of the text.

    What follows is then no statement, and no magic.
    """
    lines = iter(text.splitlines(keepends=True))
    try:
        for _ in tokenize.generate_tokens(lambda: next(lines, "")):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:  # for example of the indentation
        return False
    return text.rstrip(" \t").endswith("\\")


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
