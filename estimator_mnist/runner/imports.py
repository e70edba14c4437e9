"""What `import tensorflow` gives to a TF 1.x program, and to the modules beside it.

A module's imports go through the `__import__` of its own builtins. A program's modules
get builtins whose `__import__` knows tf1; libraries keep the usual ones, and with them
the TensorFlow they were written for.
"""

import builtins
import importlib.machinery
import types
from collections.abc import Mapping
from pathlib import Path

from estimator_mnist import tf1

# Other paths to the same.
_SAME = {
    "tensorflow.compat.v1": "tensorflow",
    "tensorflow.contrib.learn.python.learn": "tensorflow.contrib.learn",
}
# In these tf1 says itself what to write instead.
MISSING = (AttributeError, ImportError, NotImplementedError)


def importer(stand_ins: Mapping[str, types.ModuleType]):
    """An `__import__` that gives tf1 for `tensorflow`, and the stand-ins."""

    def import_(name, globals=None, locals=None, fromlist=(), level=0):
        top = name.partition(".")[0]
        if level == 0 and name in stand_ins:
            return stand_ins[name if fromlist else top]
        if level or top != "tensorflow":
            return builtins.__import__(name, globals, locals, fromlist, level)
        return _import_tensorflow(name, fromlist)

    return import_


def _import_tensorflow(name, fromlist):
    try:
        found = find(name)
        for part in fromlist or ():
            if part != "*":
                find(f"{name}.{part}")
    except MISSING as error:
        return _real(name, fromlist, error)
    return found if fromlist else tf1


def find(name: str):
    """What tf1 has as `tensorflow.a.b`; raises one of MISSING."""
    found = tf1
    for part in plain(name).split(".")[1:]:
        found = getattr(found, part)
    return found


def plain(name: str) -> str:
    """`tensorflow.layers` for `tensorflow.compat.v1.layers`: both are tf1's."""
    for path, instead in _SAME.items():
        while f"{name}.".startswith(f"{path}."):
            name = instead + name[len(path) :]
    return name


def _real(name, fromlist, reason):
    """TensorFlow's own inner modules, `tensorflow.python.framework` and the like."""
    try:
        found = builtins.__import__(name, fromlist=fromlist)
    except ImportError:
        raise ImportError(str(reason), name=name) from None
    for part in fromlist or ():
        if part != "*" and not hasattr(found, part):
            raise ImportError(str(reason), name=name)
    return found


class Siblings:
    """Finds the modules in the program's folder, and gives them its builtins."""

    def __init__(self, folder: Path, names: Mapping[str, object]):
        self._folder = folder
        self._builtins = dict(names)
        self.files: set[str] = set()

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        places = [str(self._folder)] if path is None else list(path)
        if path is not None and not self._is_beside(top, places):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, places)
        if (
            spec is None
            or type(spec.loader) is not importlib.machinery.SourceFileLoader
        ):
            return None
        spec.loader = _Loader(name, spec.loader.path, self._builtins)
        self.files.add(spec.loader.path)
        return spec

    def _is_beside(self, top, places):
        beside = self._folder / top
        return top != __name__.partition(".")[0] and any(
            Path(place).resolve().is_relative_to(beside) for place in places
        )


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name, path, names):
        super().__init__(name, path)
        self._builtins = names

    def exec_module(self, module):
        vars(module)["__builtins__"] = self._builtins
        super().exec_module(module)
