"""Gives libraries the names that they have removed, while an old script runs.

As `numpy_names` does for numpy: scipy.misc's pictures, scikit-learn's old modules, and
functions of the standard library.
"""

import collections.abc
import contextlib
import importlib
import importlib.util
import inspect
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from importlib import abc, machinery
from typing import Any, NamedTuple

# Module that is gone -> the module that has its names today.
MODULES: Mapping[str, str] = {
    "scipy.misc": "estimator_mnist.tf1.libraries.scipy_misc",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.externals.joblib": "joblib",
    "sklearn.grid_search": "sklearn.model_selection",
}
_COLLECTIONS = (
    "Callable",
    "Hashable",
    "Iterable",
    "Iterator",
    "Mapping",
    "MutableMapping",
    "MutableSequence",
    "MutableSet",
    "Sequence",
    "Set",
    "Sized",
)


class ArgSpec(NamedTuple):
    """What `inspect.getargspec` returned."""

    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


def getargspec(func: Callable[..., Any]) -> ArgSpec:
    """Returns the arguments of a function."""
    return ArgSpec(*inspect.getfullargspec(func)[:4])


# Module -> its names of old, and what they stand for.
ATTRIBUTES: Mapping[types.ModuleType, Mapping[str, Any]] = {
    collections: {name: getattr(collections.abc, name) for name in _COLLECTIONS},
    inspect: {"getargspec": getargspec},
    time: {"clock": time.perf_counter},
}


@contextlib.contextmanager
def library_names() -> Iterator[None]:
    """Gives the modules above their names back, until the end of the block.

    Names that a module has stay its own. Until the end the whole process has them.
    """
    added = [
        (module, name)
        for module, names in ATTRIBUTES.items()
        for name in names
        if name not in vars(module)
    ]
    for module, name in added:
        setattr(module, name, ATTRIBUTES[module][name])
    sys.meta_path.insert(0, _Finder)
    try:
        yield
    finally:
        sys.meta_path.remove(_Finder)
        for module, name in added:
            vars(module).pop(name, None)
        for name in MODULES:
            if isinstance(sys.modules.get(name), _Renamed):
                _forget(name)


class _Renamed(types.ModuleType):
    """Stands for a module under its old name."""


class _Loader(abc.Loader):
    """Makes the module of an old name from that of today."""

    def create_module(self, spec: machinery.ModuleSpec) -> types.ModuleType:
        """Returns a module with the same names."""
        module = _Renamed(spec.name)
        vars(module).update(_names_of(MODULES[spec.name]))
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Does nothing: the module is complete."""


class _Finder:
    """Finds the modules of `MODULES`, for sys.meta_path."""

    @staticmethod
    def find_spec(
        fullname: str, path: object = None, target: object = None
    ) -> machinery.ModuleSpec | None:
        """Returns the spec of an old name, if the library of today is installed."""
        del path, target
        today = MODULES.get(fullname)
        if today is None or not importlib.util.find_spec(today):
            return None
        return machinery.ModuleSpec(fullname, _Loader())


def _names_of(name: str) -> dict[str, Any]:
    names = vars(importlib.import_module(name))
    return {k: v for k, v in names.items() if not k.startswith("__")}


def _forget(name: str) -> None:
    module = sys.modules.pop(name)
    parent, _, child = name.rpartition(".")
    if vars(sys.modules.get(parent, types)).get(child) is module:
        delattr(sys.modules[parent], child)
