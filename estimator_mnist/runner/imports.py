"""Gives tf1 for `import tensorflow` to a TF 1.x program and the modules in its folder.

A module's imports go through the `__import__` of its own builtins. A program's modules
get builtins whose `__import__` knows tf1; libraries keep the usual ones, and with them
the TensorFlow that they were written for.
"""

import builtins
import importlib.machinery
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator_mnist import tf1
from estimator_mnist.tf1 import deep_paths

# Path -> shorter path to the same module of tf1.
_SHORTER = {
    "tensorflow.compat.v1": "tensorflow",
}
# Inner module, whose names are TF 2's for good once it is imported -> the public one.
_PUBLIC = {"tensorflow.python.data": "tensorflow.data"}
# What tf1 raises for a missing name; the message says what to write instead.
MISSING = (AttributeError, ImportError, NotImplementedError)


def importer(stand_ins: Mapping[str, types.ModuleType]) -> Callable[..., Any]:
    """Returns an `__import__` that gives tf1 for `tensorflow`, and the stand-ins.

    Args:
      stand_ins: module by its full name, for example "IPython.display".
    """

    def import_(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        top = name.partition(".")[0]
        if level == 0 and name in stand_ins:
            return stand_ins[name if fromlist else top]
        if level or top != "tensorflow":
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        return _import_tensorflow(name, fromlist)

    return import_


def _import_tensorflow(name: str, fromlist: Sequence[str] | None) -> Any:
    try:
        found = find(deep_paths.public_module(name) if fromlist else name)
        for part in fromlist or ():
            if part != "*":
                find(f"{name}.{part}")
    except MISSING as error:
        return _import_real(name, fromlist, error)
    return found if fromlist else tf1


def find(name: str) -> Any:
    """Returns what tf1 has as `tensorflow.a.b`; raises one of MISSING."""
    found: Any = tf1
    for part in plain(name).split(".")[1:]:
        found = getattr(found, part)
    return found


def plain(name: str) -> str:
    """Returns `tensorflow.layers` for `tensorflow.compat.v1.layers`: both are tf1's."""
    for path, instead in _SHORTER.items():
        while f"{name}.".startswith(f"{path}."):
            name = instead + name[len(path) :]
    for path, instead in _PUBLIC.items():
        first = name.removeprefix(f"{path}.").partition(".")[0]
        if name == path or (name.startswith(f"{path}.") and _has(instead, first)):
            name = instead + name[len(path) :]
    return deep_paths.public(name)


def _has(name: str, attribute: str) -> bool:
    return hasattr(find(name), attribute)


def _import_real(name: str, fromlist: Sequence[str] | None, reason: Exception) -> Any:
    """Imports inner modules of TensorFlow, as `tensorflow.python.framework`.

    Raises ImportError with the words of `reason` where TensorFlow has none, either.
    """
    try:
        found = builtins.__import__(name, fromlist=fromlist or ())
    except ImportError:
        raise ImportError(str(reason), name=name) from None
    for part in fromlist or ():
        if part != "*" and not hasattr(found, part):
            raise ImportError(str(reason), name=name)
    return found


class ProgramModulesFinder:
    """Finds the modules in the program's folder, for sys.meta_path.

    Attributes:
      files: paths of the modules found so far.
    """

    def __init__(self, folder: Path, names: Mapping[str, object]) -> None:
        """Takes the folder, and the builtins of the modules in it."""
        self._folder = folder
        self._builtins = dict(names)
        self.files: set[str] = set()

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Returns the spec of a Python file in the folder; None for other modules."""
        top = name.partition(".")[0]
        places = [str(self._folder)] if path is None else list(path)
        if path is not None and not self._is_in_folder(top, places):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, places)
        if spec is None or not _is_plain_source(spec.loader):
            return None
        file = str(spec.origin)
        spec.loader = _Loader(name, file, self._builtins)
        self.files.add(file)
        return spec

    def _is_in_folder(self, top: str, places: Sequence[str]) -> bool:
        package = self._folder / top
        return top != __name__.partition(".")[0] and any(
            Path(place).resolve().is_relative_to(package) for place in places
        )


def _is_plain_source(loader: object) -> bool:
    # Not a subclass: a program's own loader does more than read the source.
    return type(loader) is importlib.machinery.SourceFileLoader


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with other builtins."""

    def __init__(self, name: str, path: str, names: Mapping[str, object]) -> None:
        super().__init__(name, path)
        self._builtins = names

    def exec_module(self, module: types.ModuleType) -> None:
        vars(module)["__builtins__"] = self._builtins
        super().exec_module(module)
