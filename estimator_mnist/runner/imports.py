"""Gives a TF 1.x program what its imports gave it then, and libraries today's.

A module's imports go through the `__import__` of its own builtins. A program's modules
get builtins whose `__import__` knows tf1; libraries keep the usual ones, and with them
the TensorFlow and the Keras that they were written for.
"""

import builtins
import importlib.machinery
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from estimator_mnist import errors
from estimator_mnist.runner import modules, namespaces, python2, rewriting, sources
from estimator_mnist.tf1 import deep_paths


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
        if level == 0 and top in namespaces.ROOTS and not _is_of_program(top):
            return _import_old(name, fromlist or ())
        found = builtins.__import__(name, globals, locals, fromlist or (), level)
        if level == 0 and not fromlist and top in stand_ins:  # `import os.path`
            return stand_ins[top]
        return found

    return import_


def _is_of_program(top: str) -> bool:
    """Returns whether the program has a module of this name itself."""
    if top == "tensorflow":  # asked often
        return False
    return modules.find(top, sys.path) is not None


def _import_old(name: str, fromlist: Sequence[str]) -> Any:
    try:
        found = namespaces.find(deep_paths.public_module(name) if fromlist else name)
        for part in fromlist:
            if part == "*":
                return namespaces.Everything(found)
            if part != "__name__":
                namespaces.find(f"{name}.{part}")
    except namespaces.MISSING as error:
        return _import_real(name, fromlist, error)
    return found if fromlist else namespaces.root(name)


def _import_real(name: str, fromlist: Sequence[str], reason: Exception) -> Any:
    """Imports modules of TensorFlow that tf1 does not have, as `tensorflow.core`.

    Raises ImportError with the words of `reason` where TensorFlow has none, either.
    """
    try:
        found = builtins.__import__(name, fromlist=fromlist)
    except ImportError:
        raise ImportError(str(reason), name=name) from None
    for part in fromlist:
        if part != "*" and not hasattr(found, part):
            raise ImportError(str(reason), name=name)
    return found


class ProgramModulesFinder:
    """Finds the program's modules, as the first of sys.meta_path; see `modules`.

    Attributes:
      builtins: of the program's modules.
      files: paths of the modules found so far.
      names: their names, and those of their namespace packages.
    """

    def __init__(self, names: Mapping[str, object], python_2: bool = False) -> None:
        """Takes the builtins of the program's modules, and whether it is Python 2."""
        self.builtins = names
        self._python_2 = python_2
        self.files: set[str] = set()
        self.names: set[str] = set()

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Returns what the other finders find, loaded by us if it is the program's."""
        spec = self._found_by_others(name, path, target)
        if spec is None or not modules.has_own_name(name):
            return spec
        if modules.own_file(spec):
            spec.loader = self.loader(name, str(spec.origin))
            self.names.add(name)
        elif modules.is_own_namespace(spec):
            self.names.add(name)
        return spec

    def loader(self, name: str, file: str) -> importlib.machinery.SourceFileLoader:
        """Returns what loads a module of the program from its file."""
        self.files.add(file)
        return _Loader(name, file, self.builtins, self._python_2)

    def _found_by_others(
        self,
        name: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None,
    ) -> importlib.machinery.ModuleSpec | None:
        for finder in list(sys.meta_path):
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of the program, with other builtins, past Python's cache."""

    def __init__(
        self, name: str, path: str, names: Mapping[str, object], python_2: bool
    ) -> None:
        super().__init__(name, path)
        self._builtins, self._python_2 = names, python_2

    def get_code(self, fullname: str) -> types.CodeType:
        """Returns the code that `rewriting` makes of the file; raises SyntaxError."""
        try:
            parts = sources.read(Path(self.path))
        except errors.ScriptError as error:
            raise SyntaxError(str(error)) from None
        package = fullname if self.is_package(fullname) else fullname.rpartition(".")[0]
        (part,) = python2.converted(parts, self._python_2, package)
        return rewriting.code(part)

    def exec_module(self, module: types.ModuleType) -> None:
        """Executes the module with the builtins of the program."""
        vars(module)["__builtins__"] = self._builtins
        super().exec_module(module)
