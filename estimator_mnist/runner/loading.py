"""Stands for Python's own modules that load others, in a program's modules.

What they load from the program's files is the program's, too.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Callable
from typing import Any

from estimator_mnist.runner import modules
from estimator_mnist.runner.imports import ProgramModulesFinder
from estimator_mnist.tf1.overlay import Overlay

# The module that Python has no more.
NAMES = ("imp",)


def stand_ins(
    finder: ProgramModulesFinder, import_: Callable[..., Any]
) -> dict[str, types.ModuleType]:
    """Returns what stands for `importlib` and `imp`, by their names.

    Args:
      finder: loads the program's modules.
      import_: the program's `__import__`.
    """
    loads = _Loads(finder, import_)
    machinery = Overlay(importlib.machinery, SourceFileLoader=finder.loader)
    util = Overlay(importlib.util, spec_from_file_location=loads.spec_of_file)
    return {
        "imp": _Imp(loads),
        "importlib": Overlay(
            importlib, import_module=loads.module, machinery=machinery, util=util
        ),
        "importlib.machinery": machinery,
        "importlib.util": util,
    }


class _Loads:
    """Loads modules by name or by file."""

    def __init__(
        self, finder: ProgramModulesFinder, import_: Callable[..., Any]
    ) -> None:
        self._finder, self._import = finder, import_

    def module(self, name: str, package: str | None = None) -> Any:
        """Is `importlib.import_module`."""
        if name.startswith("."):
            return importlib.import_module(name, package)
        return self._import(name, fromlist=("__name__",))

    def spec_of_file(
        self, name: str, location: Any = None, **options: Any
    ) -> importlib.machinery.ModuleSpec | None:
        """Is `importlib.util.spec_from_file_location`."""
        file = os.fsdecode(location) if location is not None else ""
        if file.endswith(".py") and modules.is_of_program(file):
            options.setdefault("loader", self._finder.loader(name, file))
        return importlib.util.spec_from_file_location(name, location, **options)

    def source(self, name: str, pathname: str, file: Any = None) -> types.ModuleType:
        """Is `imp.load_source`."""
        del file  # the open file, which is read by its name
        spec = self.spec_of_file(name, pathname)
        if spec is None or spec.loader is None:
            raise ImportError(f"{pathname}: not a file of Python", name=name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module


class _Imp(types.ModuleType):
    """Has the functions of `imp` that programs used."""

    def __init__(self, loads: _Loads) -> None:
        super().__init__("imp")
        self.load_source, self.reload = loads.source, importlib.reload
        self.new_module = types.ModuleType
