"""What to write instead of a name that is gone, of TensorFlow or of any other module.

`replacement` is the only lookup. It reads `replacement_tables` and, for tf.estimator,
the table of the runtime. `missing` finds the part of a name that is gone; `explain` is
the message of the error that its use raises.
"""

import contextlib
import importlib
import importlib.util
import sys
import types
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import abc, machinery
from typing import Any, NamedTuple

from estimator_mnist.estimator.canned import not_available
from estimator_mnist.tf1 import deep_paths
from estimator_mnist.tf1 import replacement_tables as tables

# Stands for what is not there: names may have any value, None too.
_ABSENT = object()
_PACKAGE = __name__.rpartition(".")[0]
_ESTIMATOR = "tf.estimator."
# A package of that name may be anybody's.
_NOT_HERE = (
    "neither beside the program nor installed: put its file there, or install the "
    "library that the program's author means"
)


class Missing(NamedTuple):
    """The part of a dotted name that does not exist, and what to write instead."""

    name: str
    replacement: str


def replacement(name: str) -> str | None:
    """Returns what to write instead of `name`; None where no table has it.

    Args:
      name: with its module, as "tf.contrib.slim.conv2d", "scipy.misc.imread" or
        "builtins.xrange". "tensorflow." and "estimator_mnist.tf1." are other spellings
        of "tf.".

    The tables do not know what is installed: `missing` tells whether `name` is gone.
    For names of tf.estimator that the runtime has, the answer is None.
    """
    answers = map(_row, _with_parents(_canonical(name)))
    return next((answer for answer in answers if answer), None)


def missing(name: str) -> Missing | None:
    """Returns the part of `name` that is gone, with its replacement.

    Returns None where all of `name` exists, and where nothing is known of it: members
    of objects that are neither modules nor classes, and names of other libraries that
    no table has. Such libraries are not imported.
    """
    name = _canonical(name)
    if name.partition(".")[0] == "tf":
        return _missing_from_tf(name)
    return _missing_from_library(name) or _missing_library(name)


def explain(name: str) -> str:
    """Returns a message: that `name` of TF 1.x is gone, and what to write instead."""
    name, instead = _canonical(name), replacement(name)
    if name.startswith("tf.contrib."):
        sentence = f"{name} was removed in TensorFlow 2.0, as all of tf.contrib"
    elif name in tables.TENSORFLOW_0:
        sentence = f"{name} was removed in TensorFlow 1.0"
    else:
        sentence = f"There is no {name} here"
    if instead:
        return f"{sentence}. Instead: {instead}."
    return f"{sentence}; nothing replaces it here."


def module_getattr(
    prefix: str, source: object = None, names: Collection[str] = ()
) -> Callable[[str], Any]:
    """Returns a `__getattr__` for the module that programs know as `prefix`.

    Args:
      prefix: as "tf.contrib.rnn".
      source: has those of `names` that are not a mapping.
      names: what the module has. A mapping tells where tf1 has them: {"VALID": "a.B"}
        is tf.a.B; its key "*" stands for any name.

    Other names raise AttributeError with their replacement; inner modules are
    `deep_paths`.
    """
    places = names if isinstance(names, Mapping) else {}

    def __getattr__(name: str) -> Any:
        if name in places:
            return find(places[name])
        if name in names:
            return getattr(source, name)
        if deep_paths.is_inner(prefix, name):
            below = "" if name == "python" else f".{name}"
            return deep_paths.InnerModule(f"{prefix}.python{below}")
        if "*" in places and not name.startswith("__"):
            with contextlib.suppress(AttributeError):
                return find(f"{places['*']}.{name}")
        raise AttributeError(explain(f"{prefix}.{name}"))

    return __getattr__


def find(path: str) -> Any:
    """Returns what tf1 has as `path`, "a.b"; AttributeError where it has nothing."""
    found: Any = importlib.import_module(_PACKAGE)
    for part in path.split("."):
        found = getattr(found, part)
    return found


class ModuleFinder:
    """Finds modules of tf1 that are no files, as the last of sys.meta_path.

    They are the families of tf.contrib that are a table of names, and `deep_paths`.
    """

    @staticmethod
    def find_spec(
        fullname: str, places: object = None, target: object = None
    ) -> machinery.ModuleSpec | None:
        """Raises ModuleNotFoundError that names the replacement of a missing one."""
        del places, target
        if not fullname.startswith(f"{_PACKAGE}."):
            return None
        module = deep_paths.module(fullname)
        if module is None and missing(fullname):
            # With `fullname` for a name, `from ... import` would drop the message.
            name = _canonical(fullname)
            raise ModuleNotFoundError(explain(name), name=name)
        if module is None:
            with contextlib.suppress(AttributeError):
                module = find(fullname.removeprefix(f"{_PACKAGE}."))
        path = f"tf{fullname.removeprefix(_PACKAGE)}"
        if isinstance(module, types.ModuleType) and deep_paths.public(path) != path:
            module = deep_paths.InnerModule(path)
        if isinstance(module, types.ModuleType) and module.__name__ == fullname:
            return machinery.ModuleSpec(fullname, _Loader(module), is_package=True)
        return None


class _Loader(abc.Loader):
    """Loads a module that exists already."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module

    def create_module(self, spec: machinery.ModuleSpec) -> types.ModuleType:
        """Returns the module."""
        return self._module

    def exec_module(self, module: types.ModuleType) -> None:
        """Does nothing: the module is complete."""


def _canonical(name: str) -> str:
    """Returns the name as the tables spell it."""
    if any(path in tables.WHOLE_MODULES for path in _with_parents(name)):
        return name
    for prefix in ("tensorflow", _PACKAGE):
        if f"{name}.".startswith(f"{prefix}."):
            return deep_paths.public("tf" + name.removeprefix(prefix))
    return deep_paths.public(name)


def _with_parents(name: str) -> Iterator[str]:
    """Yields "a.b.c", "a.b" and "a"."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _row(name: str) -> str | None:
    for table in (tables.TENSORFLOW, tables.TENSORFLOW_0, tables.UNUSABLE):
        if name in table:
            return table[name]
    if name in tables.ESTIMATOR:
        return _of_estimator(tables.ESTIMATOR[name])
    if name.startswith(_ESTIMATOR):
        return not_available.remedy(name.removeprefix(_ESTIMATOR))
    return tables.LIBRARIES.get(name) or tables.WHOLE_MODULES.get(name)


def _of_estimator(name: str) -> str | None:
    """Returns the name itself where the runtime has it, else the runtime's remedy."""
    remedy = not_available.remedy(name)
    if remedy or _missing_from_tf(_ESTIMATOR + name):
        return remedy
    return _ESTIMATOR + name


def _missing_from_tf(name: str) -> Missing | None:
    found: object = importlib.import_module(_PACKAGE)
    for path in reversed([*_with_parents(name)][:-1]):
        if _is_unusable(path):
            return Missing(path, replacement(path) or explain(path))
        if not isinstance(found, types.ModuleType | type):
            return None
        try:
            found = getattr(found, path.rpartition(".")[2])
        except AttributeError:
            return Missing(path, replacement(path) or explain(path))
    return None


def _is_unusable(name: str) -> bool:
    """Returns whether `name` exists only so that its use can raise an error."""
    if name in tables.UNUSABLE:
        return True
    below = name.removeprefix(_ESTIMATOR)
    return below != name and not_available.remedy(below) is not None


def _missing_from_library(name: str) -> Missing | None:
    for path in _with_parents(name):
        if path in tables.LIBRARIES:
            gone = path if _first_missing(path) else None
            return Missing(path, tables.LIBRARIES[path]) if gone else None
        if path in tables.WHOLE_MODULES:
            gone = _first_missing(name)
            return Missing(gone, tables.WHOLE_MODULES[path]) if gone else None
    return None


def _missing_library(name: str) -> Missing | None:
    top = name.partition(".")[0]
    if top in sys.modules or importlib.util.find_spec(top):
        return None
    if top in tables.PACKAGES:
        return Missing(top, f"not installed here: pip install {tables.PACKAGES[top]}")
    return Missing(top, _NOT_HERE)


def _first_missing(name: str) -> str | None:
    """Returns the shortest beginning of `name` that importing does not find."""
    found: object = None
    for path in reversed([*_with_parents(name)]):
        if "." in path and not isinstance(found, types.ModuleType):
            return None  # members of classes and other objects are not examined
        found = _member(found, path)
        if found is _ABSENT:
            return path
    return None


def _member(module: object, path: str) -> object:
    """Returns the attribute or module of this path; _ABSENT where there is none."""
    name = path.rpartition(".")[2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is only deprecated
        try:
            if hasattr(module, name):
                return getattr(module, name)
            return importlib.import_module(path)
        except Exception:  # a library may raise anything while it is imported
            return _ABSENT
