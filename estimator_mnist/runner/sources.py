"""Reads scripts and notebooks as parts of plain Python, line for line.

Imports no TensorFlow: errors of a file are printed before that takes its seconds.
"""

import ast
import json
import linecache
import re
import tokenize
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from estimator_mnist import errors, files, json_files
from estimator_mnist.runner.notebooks import magics

_PYTHON_2 = re.compile(
    "Missing parentheses in call to '(print|exec)'"
    "|multiple exception types must be parenthesized"
    "|leading zeros in decimal integer literals"
    "|inconsistent use of tabs"
    "|invalid decimal literal"
)
_NOT_CONVERTED = (
    "This is Python 2, and could not be converted: some line is not Python 2, either."
)


class Part(NamedTuple):
    """A script, a module or a cell of a notebook.

    Attributes:
      name: of its file, in tracebacks.
      code: plain Python; of Python 3 once `python2` has converted it.
      cell: the number of the cell, from 1; None for a script or module.
      python_2: whether it was written for Python 2.
      lines: of converted code, for each line that of the original, from 1; empty where
        they are the same.
    """

    name: str
    code: str
    cell: int | None = None
    python_2: bool = False
    lines: tuple[int, ...] = ()


class Program(NamedTuple):
    """A program as it is started.

    Attributes:
      path: the script or notebook, or the file of the module.
      parts: in their order.
      module: its name where it was started with `-m`; else None.
      python_2: whether one of its files was written for Python 2, and so all are.
      eager: whether it relies on the eager execution of TensorFlow 2.
    """

    path: Path
    parts: Sequence[Part]
    module: str | None = None
    python_2: bool = False
    eager: bool = False

    @property
    def folder(self) -> Path:
        """Returns the first folder of `sys.path`: the script's, or the current one."""
        return Path.cwd() if self.module else self.path.resolve().parent

    @property
    def package(self) -> str | None:
        """Returns the package that relative imports begin at; None for a script."""
        if self.module is None:
            return None
        is_package = self.path.name == "__main__.py"
        package = self.module if is_package else self.module.rpartition(".")[0]
        return package.removesuffix(".__main__")


def read(path: Path) -> list[Part]:
    """Returns a script's only part, or a notebook's code cells, numbered as in Jupyter.

    Raises:
      ScriptError: the file is missing, unreadable, or neither script nor notebook.
    """
    if path.suffix not in (".py", ".ipynb"):
        raise errors.ScriptError(
            f"{path}: neither a script (.py) nor a notebook (.ipynb): give the flags "
            "of the script after its name."
        )
    try:
        files.check_is_file(path)
        if path.suffix == ".ipynb":
            return _read_notebook(path)
        with tokenize.open(path) as file:  # in the encoding of its coding line
            return [_part(str(path), file.read())]
    except errors.NotAFileError as error:
        raise errors.ScriptError(str(error)) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise errors.ScriptError(f"{path}: cannot be read: {_reason(error)}") from error


def place(name: str, line: int) -> str:
    """Returns the place of a line: `old.py:3`, or `old.ipynb, cell 7, line 3`."""
    return f"{name}, line {line}" if ", cell " in name else f"{name}:{line}"


def parse(part: Part) -> ast.Module:
    """Returns the part's tree; raises ScriptError for what is not Python 3."""
    try:
        return tree(part)
    except (SyntaxError, ValueError) as error:  # ValueError: null bytes
        raise errors.ScriptError(_syntax_message(part.name, error)) from error
    except (RecursionError, MemoryError) as error:  # which one depends on Python
        raise too_deep(part.name) from error


def too_deep(name: str) -> errors.ScriptError:
    """Returns the error of brackets or operators that are nested too deeply."""
    return errors.ScriptError(
        f"{name}: an expression is nested too deeply for Python: divide it."
    )


def tree(part: Part) -> ast.Module:
    """Returns the part's tree, with the original's line numbers.

    Raises:
      SyntaxError, ValueError: it is not Python 3.
    """
    tree = ast.parse(part.code, part.name)
    if part.lines:
        for node in ast.walk(tree):
            if isinstance(node, ast.expr | ast.stmt | ast.ExceptHandler | ast.arg):
                _relocate(node, part.lines)
    return tree


def _relocate(node: Any, lines: Sequence[int]) -> None:
    node.lineno = lines[node.lineno - 1]
    node.end_lineno = lines[node.end_lineno - 1]
    node.col_offset = node.end_col_offset = -1  # not known: no carets below the line


def _syntax_message(name: str, error: Exception) -> str:
    message = f"{place(name, getattr(error, 'lineno', None) or 1)}: {_reason(error)}"
    text = getattr(error, "text", None)
    if text and text.strip():
        message += f"\n    {text.strip()}"
    return "\n".join(filter(None, [message, python_2_hint(message)]))


def python_2_hint(message: str) -> str | None:
    """Returns what to look for, if a SyntaxError's message is of Python 2."""
    return _NOT_CONVERTED if _PYTHON_2.search(message) else None


def _reason(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return error.msg
    return isinstance(error, OSError) and error.strerror or str(error)


def _read_notebook(path: Path) -> list[Part]:
    try:
        with files.opened(path) as file:
            notebook = json_files.parse(file.read())
        language, python_2 = _language(notebook), _is_python_2(notebook)
        sources = [_source(cell) for cell in _cells(notebook) if _is_code(cell)]
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise errors.ScriptError(
            f"{path}: no Jupyter notebook, or a damaged one: {error!r}"
        ) from error
    if not language.startswith("python"):
        raise errors.ScriptError(f"{path}: a notebook of {language}, not of Python.")
    # As in Jupyter, an empty cell does not count.
    sources = [source for source in sources if source.strip()]
    return [
        _part(f"{path.name}, cell {number}", source, number, python_2)
        for number, source in enumerate(sources, 1)
    ]


def notebook_with(path: Path, codes: Mapping[int, str]) -> str:
    """Returns the text of a notebook with other code in some cells, and Python 3's.

    Args:
      path: of the notebook.
      codes: number of a cell, as parts have it -> its code.
    """
    with files.opened(path) as file:
        notebook = json_files.parse(file.read())
    cells = [cell for cell in _cells(notebook) if _is_code(cell)]
    for number, cell in enumerate(filter(_source, cells), 1):
        if number in codes:
            cell["input" if "input" in cell else "source"] = codes[number]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook["metadata"] = {"kernelspec": kernel}
    return json.dumps(notebook, indent=1) + "\n"


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    if "worksheets" in notebook:  # nbformat 3
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    return notebook["cells"]


def _is_code(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code"


def _source(cell: dict[str, Any]) -> str:
    source = cell["input"] if "input" in cell else cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata", {})
    for key, entry in (("language_info", "name"), ("kernelspec", "language")):
        if metadata.get(key, {}).get(entry):
            return metadata[key][entry].lower()
    return "python"


def _is_python_2(notebook: dict[str, Any]) -> bool:
    """Returns whether a notebook says that it was run by Python 2."""
    metadata = notebook.get("metadata", {})
    version = metadata.get("language_info", {}).get("version", "")
    kernel = metadata.get("kernelspec", {}).get("name")
    return version.startswith("2.") or kernel == "python2"


def _part(
    name: str, source: str, cell: int | None = None, python_2: bool = False
) -> Part:
    # Tracebacks and AutoGraph read the source from this cache.
    lines = f"{source}\n".splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    code = source if cell is None else magics.to_python(source)
    return Part(name, code, cell, python_2)
