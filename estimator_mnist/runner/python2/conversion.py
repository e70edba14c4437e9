"""Converts Python 2 in memory, part by part; line numbers stay the original's.

Imports no TensorFlow, and fissix only where a part is Python 2.
"""

import ast
import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

from estimator_mnist.runner import sources
from estimator_mnist.runner.python2 import signs

# Those of fissix's fixers that change what a program does, or whether it runs.
_FIXERS = (
    "asserts",
    "basestring",
    "dict",
    "except",
    "exec",
    "execfile",
    "filter",
    "future",
    "getcwdu",
    "has_key",
    "import",
    "imports",
    "imports2",
    "input",
    "intern",
    "isinstance",
    "itertools",
    "itertools_imports",
    "long",
    "map",
    "metaclass",
    "methodattrs",
    "ne",
    "next",
    "nonzero",
    "numliterals",
    "operator",
    "paren",
    "print",
    "raise",
    "raw_input",
    "reduce",
    "reload",
    "renames",
    "repr",
    "sorted",
    "standarderror",
    "sys_exc",
    "throw",
    "tuple_params",
    "types",
    "unicode",
    "urllib",
    "xrange",
    "xreadlines",
    "zip",
)
_OWN_FIXERS = ("division", "old_names", "pickle")
_FUTURE = re.compile(r"^from __future__ import ([^#\n]*)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import\b(.*)", re.MULTILINE)
_TAB = 8  # columns, in Python 2


def converted(
    parts: Sequence[sources.Part], python_2: bool = False, package: str | None = None
) -> list[sources.Part]:
    """Returns the parts of one file in Python 3: those of Python 2 converted.

    Args:
      parts: a script, a module or a notebook's cells.
      python_2: whether the program that they belong to is known to be Python 2.
      package: what the module belongs to, if it does: then `import name` of a file
        beside it becomes `from . import name`.
    """
    python_2 = python_2 or any(map(is_python_2, parts))
    if not python_2:
        return list(parts)
    # As in Jupyter, a cell's `from __future__ import division` counts for all others.
    future = " ".join(found for part in parts for found in _FUTURE.findall(part.code))
    tool = _tool("division" in future, "print_function" in future)
    return [
        part
        if signs.is_for_both(part.code) and _parses(part.code)
        else _convert(part, tool, bool(package))
        for part in parts
    ]


@functools.cache
def is_python_2(part: sources.Part) -> bool:
    """Returns whether the part can only have been written for Python 2.

    It does not parse as Python 3 but does once it is converted, or shows what only
    Python 2 has; see `signs`.
    """
    if part.python_2 or _parses(part.code):
        return part.python_2 or signs.shown_by(part.code)
    return _convert(part, _tool(False, False), False).python_2


@functools.cache
def _convert(part: sources.Part, tool: Any, in_package: bool) -> sources.Part:
    """Returns the converted part; the part itself where that is no Python 3, either."""
    from fissix.pgen2 import parse, tokenize

    code = part.code if part.code.endswith("\n") else part.code + "\n"
    try:
        tree = tool.refactor_string(code, part.name if in_package else "")
    except (parse.ParseError, tokenize.TokenError, IndentationError):
        return part
    new = _without_tabs(str(tree))
    if not _parses(new):
        return part
    if part.cell:
        new = _with_old_names(part.code, new)
    return part._replace(code=new, python_2=True, lines=tuple(_lines(tree)))


def _with_old_names(old: str, new: str) -> str:
    """Returns the cell with the old names of its modules, too: other cells have them.

    That is `import pickle; cPickle = pickle` for `import cPickle`.
    """
    from fissix.fixes.fix_imports import MAPPING

    names = re.findall(r"\w+", " ".join(_IMPORT.findall(old)))
    renamed = {name: MAPPING[name] for name in names if name in MAPPING}
    lines = new.split("\n")
    for node in reversed(list(ast.walk(ast.parse(new)))):  # columns stay true
        if not isinstance(node, ast.Import):
            continue
        imported = {alias.name for alias in node.names if not alias.asname}
        added = [f"; {a} = {b}" for a, b in renamed.items() if b in imported]
        row, column = (node.end_lineno or 1) - 1, node.end_col_offset or 0
        line = lines[row].encode()
        lines[row] = (line[:column] + "".join(added).encode() + line[column:]).decode()
    return "\n".join(lines)


@functools.cache
def _tool(true_division: bool, print_function: bool) -> Any:
    from fissix import refactor

    class Tool(refactor.RefactoringTool):
        """Refactors without logging, and raises errors."""

        def log_error(self, msg: str, *args: Any, **kwds: Any) -> None:
            raise

        def log_message(self, msg: str, *args: Any) -> None:
            pass

        log_debug = log_message

    left_out = {"division"} if true_division else set()
    left_out |= {"print"} if print_function else set()
    own = [f"{__package__}.fixes.fix_{name}" for name in {*_OWN_FIXERS} - left_out]
    fixers = [f"fissix.fixes.fix_{name}" for name in {*_FIXERS} - left_out]
    return Tool(sorted(fixers + own), {"print_function": print_function})


def _lines(tree: Any) -> Iterable[int]:
    """Yields, for each line of the converted code, its line in the original."""
    seen: dict[int, int] = {}
    line, latest = 1, 1
    for leaf in tree.leaves():
        line += leaf.prefix.count("\n")
        if leaf.lineno:  # of the original; 0 for what was added
            seen.setdefault(line, leaf.lineno)
        line += leaf.value.count("\n")
    for number in range(1, line + 1):
        # Fixers move code; to Python, a statement does not end before it begins.
        latest = max(latest, seen.get(number, latest))
        yield latest


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _without_tabs(code: str) -> str:
    """Returns the code indented by spaces, if Python 3 does not take its tabs."""
    try:
        ast.parse(code)
    except TabError:
        return re.sub(
            r"^[ \t]+",
            lambda found: found[0].expandtabs(_TAB),
            code,
            flags=re.MULTILINE,
        )
    except (SyntaxError, ValueError):
        pass
    return code
