"""Reads a whole program: its start, and by its imports all other files of it.

Executes nothing, and imports no TensorFlow.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from estimator_mnist import errors
from estimator_mnist.runner import modules, python2, search_paths, sources
from estimator_mnist.runner.notebooks import written
from estimator_mnist.runner.processes import eager as eager_execution

_IMPORTERS = ("importlib.import_module", "import_module", "__import__")


class Module(NamedTuple):
    """A module of a program.

    Attributes:
      name: as in `import a.b`.
      part: its file, as it is.
      package: what relative imports in it begin at; empty for none.
    """

    name: str
    part: sources.Part
    package: str


class Project(NamedTuple):
    """A program, and what its imports lead to.

    Attributes:
      program: its parts are converted where it is Python 2.
      modules: the parts of all its other files, converted, too.
      places: where its modules are found, as in `sys.path`.
      written: the modules and packages that a notebook writes.
    """

    program: sources.Program
    modules: list[sources.Part]
    places: list[str]
    written: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Returns whether the program has a module or package of this name itself."""
        if name in self.written:
            return True
        return modules.find(name, self.places) is not None or any(
            Path(place, name).is_dir() and modules.is_of_program(str(Path(place, name)))
            for place in self.places
        )


def read(path: Path, module: str | None = None, root: Path | None = None) -> Project:
    """Reads a program by its start.

    Args:
      path: of a script, a notebook or a module.
      module: the module's name, where it is started with `-m`.
      root: of a file that may belong to any program in this folder, and is only to be
        checked: its modules may also lie there and above its package.

    Raises:
      ScriptError: the start cannot be read, or is neither script nor notebook.
    """
    start = sources.Program(path, sources.read(path), module)
    places = modules.search_path(start.folder)
    if root:
        places += [str(root), str(_above_packages(path))]
    pairs = [pair for part in start.parts for pair in written.modules(part)]
    of_cells = [Module(name, part, name.rpartition(".")[0]) for name, part in pairs]
    found = [*of_cells, *_modules(start, places, of_cells)]
    of_modules = [entry.part for entry in found]
    # One Python ran them all.
    python_2 = any(map(python2.is_python_2, [*start.parts, *of_modules]))
    parts = python2.converted(start.parts, python_2, start.package)
    eager = _is_eager([*start.parts, *of_modules])
    program = start._replace(parts=parts, python_2=python_2, eager=eager)
    converted = [
        python2.converted([entry.part], python_2, entry.package)[0] for entry in found
    ]
    tops = frozenset(name.partition(".")[0] for name, _ in pairs)
    return Project(program, converted, places, tops)


def _is_eager(parts: list[sources.Part]) -> bool:
    trees = [_tree(Module("", part, "")) for part in parts]
    return eager_execution.is_relied_on(tree for tree in trees if tree)


def _above_packages(path: Path) -> Path:
    """Returns the folder that holds the outermost package of a file."""
    folder = path.resolve().parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _modules(
    start: sources.Program, places: list[str], of_cells: list[Module]
) -> Iterator[Module]:
    """Yields the program's other files; adds to `places` what the program adds."""
    base = Path.cwd() if start.path.suffix == ".py" else start.folder
    seen = {start.path.resolve()}
    waiting = [Module("", part, start.package or "") for part in start.parts]
    waiting += of_cells
    while waiting:
        entry = waiting.pop(0)
        tree = _tree(entry)
        if tree is None:
            continue
        places += search_paths.added(tree, entry.part.name, base)
        for name in _imported(tree, entry.package):
            file = modules.find(name, places)
            if file is None or file.resolve() in seen:
                continue
            seen.add(file.resolve())
            is_package = file.name == "__init__.py"
            package = name if is_package else name.rpartition(".")[0]
            for part in _readable(file):
                waiting.append(Module(name, part, package))
                yield waiting[-1]


def _readable(file: Path) -> list[sources.Part]:
    """Returns the parts of a module; none of one that cannot be imported."""
    try:
        return sources.read(file)
    except errors.ScriptError:
        return []


def _tree(entry: Module) -> ast.Module | None:
    """Returns the tree of a module; None where it is neither Python 3 nor 2."""
    (part,) = python2.converted([entry.part], package=entry.package)
    try:
        return sources.tree(part)
    except (SyntaxError, ValueError):
        return None


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Yields the names that may be modules, parents before what is in them."""
    for node in ast.walk(tree):
        for name in _names(node, package):
            parts = name.split(".")
            yield from (".".join(parts[: end + 1]) for end in range(len(parts)))


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = _absolute(node, package)
        yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)
    elif isinstance(node, ast.Call) and node.args:
        name = node.args[0]
        is_import = search_paths.dotted(node.func) in _IMPORTERS
        if is_import and isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """Returns the full name of the module that `from ... import` names."""
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *filter(None, [node.module])])
