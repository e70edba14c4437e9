"""Lists what of a program would not run, and what to write instead; runs none of it."""

import ast
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from estimator_mnist import errors
from estimator_mnist.runner import imports, magics, mends, sources
from estimator_mnist.tf1 import numpy_names, removed

# TensorFlow's inner modules are the real ones.
_INNER = ("tensorflow.python", "tensorflow.core")
_SHORT = {"tensorflow": "tf", "numpy": "np"}
# A program that catches these has its own way around what is missing.
_CAUGHT = {"ImportError", "ModuleNotFoundError", "AttributeError", "NameError"}
_CAUGHT |= {"Exception", None}


class Finding(NamedTuple):
    """A name that is gone, in the lines `first` to `last` of a part."""

    part: str
    first: int
    last: int
    name: str
    mend: str


def findings(parts: Sequence[sources.Part], folder: Path) -> list[Finding]:
    """What is gone, in the parts and in the modules of `folder` that they import.

    Raises ScriptError, with all of them, for parts that are not Python 3.
    """
    trees = _trees(parts)
    found = _of_program(trees)
    seen = set()
    while wanted := _siblings(trees, folder) - seen:
        seen |= wanted
        modules = [part for path in sorted(wanted) for part in sources.read(path)]
        trees = _trees(modules)
        for name, tree in trees.items():
            found += _of_program({name: tree})
    return [finding for finding in found if not _is_sibling(folder, finding.name)]


def _trees(parts):
    trees, messages = {}, []
    for part in parts:
        try:
            trees[part.name] = sources.parse(part)
        except errors.ScriptError as error:
            messages.append(str(error))
    if messages:
        raise errors.ScriptError("\n".join(messages))
    return trees


def _of_program(trees):
    names = _Names(trees.values())
    with numpy_names.numpy_names():
        return [
            Finding(part, node.lineno, node.end_lineno, _short(name), mend)
            for part, tree in trees.items()
            for node, name, mend in _Search(names).of(tree)
        ]


class _Names:
    """Names that stand for modules and what is in them, and all that are bound."""

    def __init__(self, trees: Iterable[ast.Module]):
        nodes = [node for tree in trees for node in ast.walk(tree)]
        self.meaning = dict(pair for node in nodes for pair in _imported(node))
        aliases = set()
        for node in nodes:
            target = _target(node)
            dotted = target and self.dotted(node.value)
            if dotted:  # `layers = tf.layers`
                self.meaning.setdefault(target.id, dotted)
                aliases.add(target)
        others = {
            name for node in nodes if node not in aliases for name in _bound(node)
        }
        self.bound = others | set(self.meaning)
        for name in others:
            self.meaning.pop(name, None)

    def dotted(self, node: ast.expr) -> str | None:
        """`tensorflow.layers.dense` of the tree of `tf.layers.dense`."""
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return owner and f"{owner}.{node.attr}"
        return self.meaning.get(node.id) if isinstance(node, ast.Name) else None


class _Search(ast.NodeVisitor):
    def __init__(self, names: _Names):
        self._names, self._found = names, {}

    def of(self, tree) -> Iterator[tuple[ast.AST, str, str]]:
        self.visit(tree)
        return iter(self._found.values())

    def visit_Import(self, node):
        for alias in node.names:
            self._look_up(node, alias.name)

    def visit_ImportFrom(self, node):
        if not node.level:
            for alias in node.names:
                star = alias.name == "*"
                self._look_up(
                    node, node.module if star else f"{node.module}.{alias.name}"
                )

    def visit_Attribute(self, node):
        dotted = self._names.dotted(node)
        if dotted is None:
            self.generic_visit(node)
        elif isinstance(node.ctx, ast.Load):
            self._look_up(node, dotted)

    def visit_Name(self, node):
        mend = mends.of_builtin(node.id)
        if mend and node.id not in self._names.bound:
            self._add(node, node.id, mend)

    def visit_Try(self, node):
        caught = {name for handler in node.handlers for name in _caught(handler)}
        body = [] if caught & _CAUGHT else node.body
        for child in [*body, *node.handlers, *node.orelse, *node.finalbody]:
            self.visit(child)

    def _look_up(self, node, dotted):
        gone = _gone(dotted)
        if gone:
            self._add(node, *gone)

    def _add(self, node, name, mend):
        self._found.setdefault((node.lineno, name), (node, name, mend))


def _gone(dotted):
    """The part of the name that is gone, and the mend; None where it is there."""
    top = dotted.partition(".")[0]
    if top == "tensorflow" and not dotted.startswith(_INNER):
        return _gone_from_tf1(dotted)
    known = mends.of_name(dotted)
    if known:
        return known
    if top == "tensorflow":
        gone = mends.first_missing(dotted)
        return gone and (gone, "TensorFlow no longer has it")
    known = top in magics.STANDS_IN_FOR or top in sys.modules
    if known or importlib.util.find_spec(top):
        return None
    return top, f"not installed here: pip install {top}, if it still exists"


def _gone_from_tf1(dotted):
    name, *parts = imports.plain(dotted).split(".")
    for part in parts:
        name += f".{part}"
        reason = removed.why_missing(name)
        if reason:
            return name, removed.replacement(name) or reason
    return None


def _imported(node):
    """Pairs of a name and what it stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
    if isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _target(node):
    """The only name that an assignment binds; None for anything else."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.targets[0] if isinstance(node.targets[0], ast.Name) else None
    return None


def _bound(node):
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler):
        yield node.name
    elif isinstance(node, ast.ImportFrom) and node.level:
        yield from (alias.asname or alias.name for alias in node.names)


def _caught(handler):
    kinds = handler.type
    for kind in kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]:
        yield kind and (getattr(kind, "id", None) or getattr(kind, "attr", "?"))


def _siblings(trees, folder):
    """Files of the modules in `folder` that the trees import."""
    files = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            for _, dotted in _imported(node):
                files.add(_sibling(folder, dotted))
                files.add(_sibling(folder, dotted.rpartition(".")[0]))
    return files - {None}


def _sibling(folder, dotted):
    if dotted.partition(".")[0] in ("", "tensorflow"):
        return None
    path = folder.joinpath(*dotted.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _is_sibling(folder, name):
    top = name.partition(".")[0]
    return bool(_sibling(folder, top)) or (folder / top).is_dir()


def _short(name):
    top, dot, rest = name.partition(".")
    return _SHORT.get(top, top) + dot + rest
