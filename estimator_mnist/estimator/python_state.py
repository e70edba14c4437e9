"""Remembers what of Python a function reads, to tell later whether it has changed.

A function that builds a graph builds the same one again where its code is the same, and
so are the objects behind every global, closure cell and default that the code names.
They are compared by identity, which is quick. Where that says nothing (an object with
attributes, an import, a global that the function writes), the state is uncertain.
"""

import builtins
import dataclasses
import dis
import enum
import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import tensorflow as tf

_MISSING = object()
# Objects that a model_fn may lead to, and elements of one container.
_MOST = 1000

# What they give depends on their arguments and the graph alone.
_LIBRARIES = (
    "tensorflow",
    "tf_keras",
    "keras",
    "numpy",
    "math",
    "collections",
    "functools",
    "itertools",
    "operator",
    "typing",
    "estimator_mnist.estimator",
    "estimator_mnist.tf1",
)
# What they give depends on a generator's state or on files as well.
_OPEN_LIBRARIES = (
    "numpy.random",
    "tensorflow.python.lib.io",
    "tensorflow.python.framework.load_library",
)
_OPEN_NAMES = {
    "load",
    "loadtxt",
    "genfromtxt",
    "fromfile",
    "memmap",
    "load_checkpoint",
    "load_variable",
    "list_variables",
    "latest_checkpoint",
    "get_checkpoint_state",
    "checkpoint_exists",
}
_BUILTINS = {
    *("abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float"),
    *("frozenset", "int", "isinstance", "issubclass", "len", "list", "map", "max"),
    *("min", "object", "pow", "range", "repr", "reversed", "round", "set", "slice"),
    *("sorted", "str", "sum", "tuple", "type", "zip", "__debug__"),
}
_IMMUTABLE = (
    *(type(None), bool, int, float, complex, str, bytes, range, type(...), enum.Enum),
    *(tf.DType, tf.TensorShape, np.generic, np.dtype, np.ufunc),
)
# NumPy's functions are of a type of their own.
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, type(np.mean))
_CONTAINERS = (dict, list, set, tuple, frozenset)

_GLOBAL_READS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_CELL_READS = {"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"}
_ATTRIBUTE_READS = {"LOAD_ATTR", "LOAD_METHOD"}
_ATTRIBUTE_WRITES = {"STORE_ATTR", "DELETE_ATTR"}
_WRITES = {"STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_NAME"}
_CELL_WRITES = {"STORE_DEREF", "DELETE_DEREF"}
_FILLERS = {"CACHE", "EXTENDED_ARG"}


class UncertainError(Exception):
    """Says what a function depends on that cannot be compared."""


@runtime_checkable
class FunctionOfArguments(Protocol):
    """Is implemented by a function that declares to depend on its arguments alone.

    What it has closed over, and what it reads besides, never changes, and it changes
    nothing: each call with equal arguments gives an equal result.
    """

    is_function_of_arguments: bool

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the result."""


_Function = TypeVar("_Function", bound=Callable[..., Any])


def function_of_arguments(function: _Function) -> _Function:
    """Declares `function` a FunctionOfArguments; for use as a decorator."""
    vars(function)["is_function_of_arguments"] = True
    return function


@dataclasses.dataclass
class Witness:
    """Holds the objects that functions read when it was made, and where they were.

    Attributes:
      names: (namespace, name, object or _MISSING).
      cells: (closure cell, its content).
      functions: (function, its code, its defaults).
      contents: (container, its elements in order).
    """

    names: list[tuple[Mapping[str, Any], str, Any]] = dataclasses.field(
        default_factory=list
    )
    cells: list[tuple[types.CellType, Any]] = dataclasses.field(default_factory=list)
    functions: list[tuple[types.FunctionType, types.CodeType, tuple | None]] = (
        dataclasses.field(default_factory=list)
    )
    contents: list[tuple[Any, list]] = dataclasses.field(default_factory=list)

    def add_elements(self, containers: Iterable[Any]) -> None:
        """Adds what is in the dicts among `containers`, without following it."""
        self.contents.extend(
            (one, _elements(one)) for one in containers if isinstance(one, dict)
        )

    def unchanged(self) -> bool:
        """Returns whether the same objects are in the same places still."""
        return (
            all(space.get(name, _MISSING) is value for space, name, value in self.names)
            and all(_content(cell) is value for cell, value in self.cells)
            and all(
                function.__code__ is code and function.__defaults__ is defaults
                for function, code, defaults in self.functions
            )
            and all(
                _same_objects(_elements(container), elements)
                for container, elements in self.contents
            )
        )


def witness(*roots: Any) -> Witness:
    """Returns what the functions among `roots`, and all that they call, read now.

    Args:
      roots: functions, or values such as containers of functions.

    Raises:
      UncertainError: part of it cannot be compared.
    """
    search = _Search()
    for root in roots:
        search.follow(root)
    return search.found


class _Search:
    """Follows names from function to function, each object once."""

    def __init__(self) -> None:
        self.found = Witness()
        self._seen: dict[int, Any] = {}

    def follow(self, value: Any) -> None:
        """Records `value` and what it leads to."""
        if value is _MISSING or _is(value, _IMMUTABLE) or _is_library(value):
            return
        if id(value) in self._seen:
            return
        if len(self._seen) == _MOST:
            raise UncertainError(f"more than {_MOST} objects")
        self._seen[id(value)] = value
        if _is(value, types.FunctionType):
            self._follow_function(value)
        elif type(value) is functools.partial:
            self.follow(value.func)
            self.follow(value.args)
            self.follow(value.keywords)
        elif type(value) in _CONTAINERS:
            self._follow_elements(value)
        else:
            raise UncertainError(f"an object of {type(value)}")

    def _follow_elements(self, container: Any) -> None:
        if len(container) > _MOST:
            raise UncertainError(f"a {type(container).__name__} of {len(container)}")
        elements = _elements(container)
        self.found.contents.append((container, elements))
        for element in elements:
            self.follow(element)

    def _follow_function(self, function: types.FunctionType) -> None:
        if isinstance(function, FunctionOfArguments):
            return
        code, defaults = function.__code__, function.__defaults__
        self.found.functions.append((function, code, defaults))
        self.follow(defaults)
        self.follow(function.__kwdefaults__)
        cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        self.found.cells.extend((cell, _content(cell)) for cell in cells.values())
        self._follow_code(code, function.__globals__, cells)

    def _follow_code(
        self,
        code: types.CodeType,
        namespace: Mapping[str, Any],
        cells: Mapping[str, types.CellType],
    ) -> None:
        for operation, name, attributes in _reads(code, set(cells)):
            if operation in _GLOBAL_READS:
                value = self._global(namespace, name)
            elif name in cells:
                value = _content(cells[name])
            else:
                continue  # a variable of the function itself
            self._follow_attributes(value, attributes)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                self._follow_code(constant, namespace, cells)

    def _global(self, namespace: Mapping[str, Any], name: str) -> Any:
        value = self._read(namespace, name)
        if value is not _MISSING:
            return value
        value = vars(builtins).get(name, _MISSING)
        is_error = isinstance(value, type) and issubclass(value, BaseException)
        if value is _MISSING or is_error or name in _BUILTINS:
            return _MISSING
        raise UncertainError(f"the function {name}")

    def _follow_attributes(self, value: Any, attributes: list[str]) -> None:
        """Follows value.a.b as far as modules and classes go, and what is there."""
        for name in attributes:
            if _is(value, types.ModuleType) and _is_library(value):
                value = getattr(value, name, _MISSING)
            elif _is(value, types.ModuleType):
                value = self._read(vars(value), name)
            elif _is(value, type) and not _is_library(value):
                value = self._class_attribute(value, name)
            elif _is(value, types.FunctionType) and not _is_library(value):
                raise UncertainError(f"an attribute of {value}")
            else:
                break
        self.follow(value)

    def _class_attribute(self, kind: type, name: str) -> Any:
        for base in kind.__mro__:
            value = self._read(vars(base), name)
            if value is not _MISSING:
                return value
        raise UncertainError(f"{name} of {kind}")

    def _read(self, namespace: Mapping[str, Any], name: str) -> Any:
        value = namespace.get(name, _MISSING)
        self.found.names.append((namespace, name, value))
        return value


def _reads(code: types.CodeType, outer: set[str]) -> Iterator[tuple[str, str, list]]:
    """Yields (operation, name, attributes read of it) for what is not a local.

    Args:
      outer: names of cells that belong to the functions around the code.
    """
    read: tuple[str, str, list] | None = None
    for instruction in dis.get_instructions(code):
        operation, name = instruction.opname, instruction.argval
        if operation in _FILLERS:
            continue
        if operation in _WRITES or (operation in _CELL_WRITES and name in outer):
            raise UncertainError(f"{operation} of {name}")
        if read and operation in _ATTRIBUTE_WRITES:
            raise UncertainError(f"{operation} of {read[1]}")
        if read and operation in _ATTRIBUTE_READS:
            read[2].append(name)
            continue
        if read:
            yield read
        is_read = operation in _GLOBAL_READS or operation in _CELL_READS
        read = (operation, name, []) if is_read else None
    if read:
        yield read


def _is(value: Any, kinds: Any) -> bool:
    """Returns isinstance, but never asks the object, as flags would read sys.argv."""
    return issubclass(type(value), kinds)


def _is_library(value: Any) -> bool:
    """Returns whether `value` is a module, class or function of a trusted library."""
    if _is(value, types.ModuleType):
        module, name = value.__name__, ""
    elif _is(value, (type, *_FUNCTIONS)) and not _is_bound(value):
        module, name = str(value.__module__), value.__name__
    else:
        return False
    is_open = name in _OPEN_NAMES or _in(module, _OPEN_LIBRARIES)
    return _in(module, _LIBRARIES) and not is_open


def _is_bound(value: Any) -> bool:
    """Returns whether a function of C is a method of some object."""
    return _is(value, types.BuiltinFunctionType) and not _is(
        value.__self__, (type(None), types.ModuleType)
    )


def _in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in packages)


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _MISSING


def _elements(container: Any) -> list:
    """Returns what is in a container, of a dict the keys and then the values."""
    if isinstance(container, dict):
        return [*container, *container.values()]
    return list(container)


def _same_objects(some: list, others: list) -> bool:
    return len(some) == len(others) and all(map(lambda a, b: a is b, some, others))
