"""Lists the names in a program that no longer exist, without running the program."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from estimator_mnist import errors
from estimator_mnist.runner import loading, namespaces, project, sources
from estimator_mnist.runner.notebooks import stand_ins
from estimator_mnist.runner.processes import process_wide
from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.libraries import library_names

_SHORT = {"tensorflow": "tf", "numpy": "np"}
# A program that catches these does without the missing name.
_CAUGHT = {
    "ImportError",
    "ModuleNotFoundError",
    "AttributeError",
    "NameError",
    "Exception",
    None,
}
_STANDS_IN_FOR = {*stand_ins.STANDS_IN_FOR, *loading.NAMES}
# Tests of Python's version, and those that are true of Python 2.
_VERSION = re.compile(r"\b(version_info|hexversion|PY[23])\b")
_IS_PYTHON_2 = re.compile(r"PY2$|(<=?|==) *\(?2\b|< *\(?3\b")
_IS_PYTHON_3 = re.compile(r"PY3$|(>=?|==) *\(?3\b|> *\(?2\b")
# What a finding can be at: nodes with line numbers.
_Place = ast.expr | ast.stmt


class Finding(NamedTuple):
    """A name that no longer exists, in the lines `first` to `last` of a part."""

    part: str
    first: int
    last: int
    name: str
    replacement: str


def findings(whole: project.Project, follow: bool = True) -> list[Finding]:
    """Returns what is missing in a program.

    Args:
      whole: the program: a name that one cell of a notebook binds is known to all.
      follow: whether to look into the modules that it imports, too.

    Raises:
      ScriptError: parts or modules are not Python; the message names all of them.
    """
    parts = whole.program.parts
    broken = {part.name: finding for part in parts for finding in _not_python(part)}
    whole_parts = [part for part in parts if part.name not in broken]
    with (
        process_wide.tf_estimator(),
        process_wide.numbers(),
        library_names.library_names(),
    ):
        found = [*broken.values(), *_of_program(_parse(whole_parts))]
        trees = _parse(whole.modules if follow else [])
        for name, tree in trees.items():
            found += _of_program({name: tree})
    return [finding for finding in found if not _is_of_program(finding.name, whole)]


def _not_python(part: sources.Part) -> Iterator[Finding]:
    """Yields a cell that is not Python, as the blanks of an exercise are not.

    The other cells run without it. A script does not.
    """
    if not part.cell:
        return
    try:
        sources.parse(part)
    except errors.ScriptError as error:
        line = getattr(error.__cause__, "lineno", None) or 1
        message = str(error).removeprefix(sources.place(part.name, line) + ": ")
        yield Finding(part.name, line, line, "not Python", message)


def _parse(parts: Iterable[sources.Part]) -> dict[str, ast.Module]:
    trees, messages = {}, []
    for part in parts:
        try:
            trees[part.name] = sources.parse(part)
        except errors.ScriptError as error:
            messages.append(str(error))
    if messages:
        raise errors.ScriptError("\n".join(messages))
    return trees


def _of_program(trees: Mapping[str, ast.Module]) -> list[Finding]:
    names = _Names(trees.values())
    return [
        Finding(part, node.lineno, node.end_lineno or node.lineno, name, instead)
        for part, tree in trees.items()
        for node, name, instead in _Search(names).of(tree)
    ]


class _Names:
    """The names of a program that stand for modules and their members.

    Attributes:
      bound: all names that the program binds, to anything.
    """

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        nodes = [node for tree in trees for node in ast.walk(tree)]
        imported = [pair for node in nodes for pair in _imported(node)]
        self._has_all_of_tensorflow = ("*", "tensorflow.*") in imported
        self._meaning, self.bound = dict(imported), {name for name, _ in imported}
        aliases = self._add_aliases(nodes)
        others = {
            name for node in nodes if node not in aliases for name in _bound(node)
        }
        self.bound |= others | set(self._meaning)
        for name in {"*", *others}:
            self._meaning.pop(name, None)

    def _add_aliases(self, nodes: Iterable[ast.AST]) -> set[ast.AST]:
        """Adds names like `layers = tf.layers`, and returns the nodes of such names."""
        aliases: set[ast.AST] = set()
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, dotted = node.targets[0], self.dotted(node.value)
                if isinstance(target, ast.Name) and dotted:
                    self._meaning.setdefault(target.id, dotted)
                    aliases.add(target)
        return aliases

    def dotted(self, node: ast.expr) -> str | None:
        """Returns `tensorflow.layers.dense` for the node of `tf.layers.dense`."""
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return owner and f"{owner}.{node.attr}"
        if not isinstance(node, ast.Name):
            return None
        return self._meaning.get(node.id) or self.from_tensorflow(node.id)

    def from_tensorflow(self, name: str) -> str | None:
        """Returns the full name of what `from tensorflow import *` has bound."""
        dotted = f"tensorflow.{name}"
        if not self._has_all_of_tensorflow or name in {*self.bound, *dir(builtins)}:
            return None
        is_known = replacements.replacement(dotted) or not namespaces.missing(dotted)
        return dotted if is_known else None


class _Search(ast.NodeVisitor):
    """Collects the missing names of a tree, each once for a line.

    The methods are called by the visitor, one for each kind of node.
    """

    def __init__(self, names: _Names) -> None:
        self._names = names
        self._found: dict[tuple[int, str], tuple[_Place, str, str]] = {}

    def of(self, tree: ast.Module) -> Iterable[tuple[_Place, str, str]]:
        """Returns (node, name, what to write instead) for each."""
        self.visit(tree)
        return self._found.values()

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._look_up(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or node.module is None:
            return
        for alias in node.names:
            below = "" if alias.name == "*" else f".{alias.name}"
            self._look_up(node, node.module + below)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self._names.dotted(node)
        if dotted is None:
            self.generic_visit(node)
        elif isinstance(node.ctx, ast.Load):
            self._look_up(node, dotted)

    def visit_Name(self, node: ast.Name) -> None:
        from_all = self._names.from_tensorflow(node.id)
        if from_all:
            self._look_up(node, from_all)
        elif node.id not in self._names.bound:
            missing = replacements.missing(f"builtins.{node.id}")
            if missing:
                self._add(node, node.id, missing.replacement)

    def visit_If(self, node: ast.If) -> None:
        test = ast.unparse(node.test)
        if not _VERSION.search(test):
            self.generic_visit(node)
            return
        if _IS_PYTHON_3.search(test):
            children = node.body
        else:
            children = node.orelse if _IS_PYTHON_2.search(test) else []
        for child in children:
            self.visit(child)

    def visit_Try(self, node: ast.Try) -> None:
        caught = {name for handler in node.handlers for name in _caught(handler)}
        body = [] if caught & _CAUGHT else node.body
        for child in [*body, *node.handlers, *node.orelse, *node.finalbody]:
            self.visit(child)

    def _look_up(self, node: _Place, dotted: str) -> None:
        if dotted.partition(".")[0] in _STANDS_IN_FOR:
            return
        missing = namespaces.missing(dotted)
        if missing:
            self._add(node, _short(missing.name), missing.replacement)

    def _add(self, node: _Place, name: str, replacement: str) -> None:
        self._found.setdefault((node.lineno, name), (node, name, replacement))


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yields pairs of a name and the dotted name that it stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
    if isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _bound(node: ast.AST) -> Iterator[str]:
    """Yields the names that a node binds, imports of other modules left out."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif (
        isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler)
        and node.name
    ):
        yield node.name
    elif isinstance(node, ast.ImportFrom) and node.level:
        yield from (alias.asname or alias.name for alias in node.names)


def _caught(handler: ast.ExceptHandler) -> Iterator[str | None]:
    """Yields the names of the errors that a handler catches; None for all errors."""
    kinds = handler.type
    for kind in kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]:
        if isinstance(kind, ast.Name):
            yield kind.id
        elif isinstance(kind, ast.Attribute):
            yield kind.attr
        elif kind is None:
            yield None


def _is_of_program(name: str, whole: project.Project) -> bool:
    top = name.partition(".")[0]
    return top not in _SHORT.values() and whole.has(top)


def _short(name: str) -> str:
    top, dot, rest = name.partition(".")
    return _SHORT.get(top, top) + dot + rest
