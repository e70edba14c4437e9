"""Tells which modules are the program's own: neither Python's nor installed.

Imports no TensorFlow, and executes nothing of what it finds.
"""

import functools
import site
import sys
import sysconfig
from collections.abc import Iterable
from importlib import machinery
from pathlib import Path

from estimator_mnist import errors

# Folders of installed packages, wherever an environment has them.
_INSTALLED = {"site-packages", "dist-packages"}
_OURS = __name__.partition(".")[0]


def search_path(folder: Path) -> list[str]:
    """Returns the `sys.path` of a program that starts in `folder`.

    The folder takes the place of the one that Python itself put first; the current
    folder comes last, for programs that expect it in PYTHONPATH.
    """
    path = [str(folder), *sys.path[1:]]
    here = str(Path.cwd())
    return path if here in path else [*path, here]


def is_of_program(file: str) -> bool:
    """Returns whether a file is neither Python's, nor installed, nor this package's."""
    path = Path(file).resolve()
    if _INSTALLED.intersection(path.parts):
        return False
    return not any(path.is_relative_to(folder) for folder in _not_of_programs())


def find(name: str, places: Iterable[str]) -> Path | None:
    """Returns the file of a module of the program; None for all other modules.

    Args:
      name: as in `import a.b`.
      places: folders, as in `sys.path`.
    """
    if name in sys.builtin_module_names or not has_own_name(name):
        return None
    spec, path = None, list(places)
    for last in name.split("."):
        spec = machinery.PathFinder.find_spec(last, path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or ())
    return own_file(spec)


def start_of(name: str) -> Path:
    """Returns the file that `python -m NAME` runs, of a module or package.

    Raises:
      ScriptError: the program has no such module, in the current folder or elsewhere in
        `sys.path`.
    """
    places = search_path(Path.cwd())
    file = find(name, places)
    if file is None or file.name == "__init__.py":
        file = find(f"{name}.__main__", places)
    if file is None:
        raise errors.ScriptError(
            f"-m {name}: no such module in {Path.cwd()}: start it in the folder that "
            f"holds {name.partition('.')[0]}, by the module's name, without .py."
        )
    return file


def own_file(spec: machinery.ModuleSpec | None) -> Path | None:
    """Returns the Python file of a module of the program; None for other modules."""
    # Not a subclass: a program's own loader does more than read the source.
    if spec is None or type(spec.loader) is not machinery.SourceFileLoader:
        return None
    file = str(spec.origin)
    return Path(file) if is_of_program(file) else None


def is_own_namespace(spec: machinery.ModuleSpec) -> bool:
    """Returns whether this is a folder of the program without `__init__.py`."""
    folders = list(spec.submodule_search_locations or ())
    return spec.origin is None and any(map(is_of_program, folders))


def has_own_name(name: str) -> bool:
    """Returns whether a module of this name can be a program's: this package's not."""
    return name.partition(".")[0] != _OURS


@functools.cache
def _not_of_programs() -> list[Path]:
    folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    folders += [*site.getsitepackages(), site.getusersitepackages()]
    ours = Path(__file__).resolve().parents[1]
    return [ours, *(Path(folder).resolve() for folder in folders)]
