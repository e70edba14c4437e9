"""What old programs find below `tensorflow` and `keras`: the one lookup.

`find` is what an import or attribute gives; `missing` is what `--check` says of it.
Both follow the tables here, and `tf1` and its tables for all other names.
"""

import functools
import importlib
import types
import warnings
from collections.abc import Mapping
from typing import Any

from estimator_mnist import tf1
from estimator_mnist.tf1 import deep_paths, legacy_keras, replacements
from estimator_mnist.tf1.overlay import Overlay

# What tf1 raises for a missing name; the message says what to write instead.
MISSING = (AttributeError, ImportError, NotImplementedError)
# First parts of names that mean something else in the program's modules.
ROOTS = ("keras", "tensorflow")
# Path -> shorter or later path to the same module.
_SAME: Mapping[str, str] = {
    "tensorflow.compat.v1": "tensorflow",
    "tensorflow.python.estimator": "tensorflow_estimator.python.estimator",
    "tensorflow.python.keras": "tensorflow.keras",
}
# Module of Keras 2.0 to 2.2 -> where its names are in that of TF 1.x.
_KERAS: Mapping[str, str] = {
    "backend.tensorflow_backend": "backend",
    "engine": "layers",
    "engine.base_layer": "layers",
    "engine.network": "models",
    "engine.topology": "layers",
    "engine.training": "models",
    "layers.advanced_activations": "layers",
    "layers.convolutional": "layers",
    "layers.core": "layers",
    "layers.embeddings": "layers",
    "layers.local": "layers",
    "layers.merge": "layers",
    "layers.noise": "layers",
    "layers.normalization": "layers",
    "layers.pooling": "layers",
    "layers.recurrent": "layers",
    "layers.wrappers": "layers",
    "objectives": "losses",
    "utils.data_utils": "utils",
    "utils.generic_utils": "utils",
    "utils.np_utils": "utils",
    "utils.vis_utils": "utils",
}
# Inner module, whose names are TF 2's for good once it is imported -> the public one.
_PUBLIC = {"tensorflow.python.data": "tensorflow.data"}
# Inner module -> the public one that has the names which it has lost.
_LOST: Mapping[str, str] = {
    "tensorflow.python.framework.graph_util": "tensorflow.graph_util",
    "tensorflow.python.framework.ops": "tensorflow",
    "tensorflow.python.layers.normalization": "tensorflow.layers",
    "tensorflow.python.ops.control_flow_ops": "tensorflow",
    "tensorflow.python.ops.math_ops": "tensorflow",
    "tensorflow.python.ops.rnn_cell_impl": "tensorflow.nn.rnn_cell",
    "tensorflow.python.ops.variables": "tensorflow",
}
_INNER = "tensorflow.python"
# Names that came late, and would hide those of Python in programs that `import *`.
_TOO_LATE_FOR_ALL = {"io", "math", "print", "queue", "random", "signal"}


def find(name: str) -> Any:
    """Returns what a program finds as `tensorflow.a.b` or `keras.a.b`.

    Raises:
      AttributeError, ImportError, NotImplementedError: it is gone; the message says
        what to write instead.
    """
    root, path = _root_and_path(plain(name))
    for part in filter(None, path.split(".")):
        root = getattr(root, part)
    return root


def _root_and_path(name: str) -> tuple[Any, str]:
    if f"{name}.".startswith(f"{_INNER}."):
        return _inner(_INNER), name[len(_INNER) :]
    top, _, path = name.partition(".")
    if top == "tensorflow":
        return tf1, path
    return _keras() if top == "keras" else importlib.import_module(top), path


def root(name: str) -> types.ModuleType:
    """Returns what `import NAME` binds: the first part, with what is below it."""
    top = name.partition(".")[0]
    if plain(name).startswith(f"{_INNER}."):
        return Overlay(tf1, python=_inner(_INNER))
    return find(top)


def missing(name: str) -> replacements.Missing | None:
    """Returns the part of a dotted name that is gone; None where nothing is.

    Args:
      name: of any module; see `replacements.missing`.
    """
    name = plain(name)
    if name.partition(".")[0] != "keras" and not name.startswith(f"{_INNER}."):
        return replacements.missing(name)
    parts = name.split(".")
    for end in range(2, len(parts) + 1):
        path = ".".join(parts[:end])
        try:
            found = find(path)
        except MISSING:
            # A row may be of what is below the part that is gone.
            instead = replacements.replacement(name)
            return replacements.Missing(path, instead or f"{parts[0]} has it no longer")
        if not isinstance(found, types.ModuleType):
            return None  # members of classes and other objects are not examined
    return None


def plain(name: str) -> str:
    """Returns `tensorflow.layers` for `tensorflow.compat.v1.layers`: both are tf1's."""
    for path, instead in _SAME.items():
        while f"{name}.".startswith(f"{path}."):
            name = instead + name[len(path) :]
    for path, instead in _PUBLIC.items():
        first = name.removeprefix(f"{path}.").partition(".")[0]
        if name == path or (name.startswith(f"{path}.") and _has(instead, first)):
            name = instead + name[len(path) :]
    return deep_paths.public(name)


class Everything(types.ModuleType):
    """A module whose `import *` gives all its public names."""

    def __init__(self, module: types.ModuleType) -> None:
        super().__init__(module.__name__)
        names = set(dir(module)) - {*tf1.OWN, *_TOO_LATE_FOR_ALL}
        self.__all__ = sorted(name for name in names if not name.startswith("_"))
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


class _Inner(types.ModuleType):
    """An inner module of TensorFlow, with the names that it has lost since."""

    def __init__(self, path: str, module: types.ModuleType) -> None:
        super().__init__(path, module.__doc__)
        vars(self).update(_path=path, _module=module)

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}"
        found = _member(self._module, name)
        if isinstance(found, types.ModuleType):
            return _inner(path) if found.__name__ == path else found
        if found is not None:
            return found
        if self._path in _LOST:
            return getattr(find(_LOST[self._path]), name)
        raise AttributeError(replacements.explain(path))

    def __setattr__(self, name: str, value: object) -> None:
        # A program that replaces a part of TensorFlow does so for TensorFlow.
        setattr(self._module, name, value)

    def __dir__(self) -> list[str]:
        return dir(self._module)


@functools.cache
def _keras() -> types.ModuleType:
    """Returns the Keras of TF 1.x, with the modules of the package of its time."""
    root = legacy_keras.keras()
    names = {path: getattr(root, target) for path, target in _KERAS.items()}
    for path, module in names.items():
        above, _, last = path.rpartition(".")
        vars(_overlay_at(root, above))[last] = Overlay(module)
    return root


def _overlay_at(root: types.ModuleType, path: str) -> types.ModuleType:
    """Returns the module at this path, which is made an overlay first."""
    if not path:
        return root
    if not isinstance(vars(root).get(path), Overlay):
        vars(root)[path] = Overlay(getattr(root, path))
    return vars(root)[path]


@functools.cache
def _inner(path: str) -> _Inner:
    return _Inner(path, importlib.import_module(path))


def _member(module: types.ModuleType, name: str) -> Any:
    """Returns an attribute or module below a module; None where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is only deprecated
        try:
            if hasattr(module, name):
                return getattr(module, name)
            return importlib.import_module(f"{module.__name__}.{name}")
        except ImportError:
            return None


def _has(name: str, attribute: str) -> bool:
    return hasattr(find(name), attribute)
