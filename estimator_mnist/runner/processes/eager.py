"""Whether a program is of the days when tf.compat.v1 left eager execution on.

TensorFlow 1.13 to 1.15 and 2.x both have `import tensorflow.compat.v1 as tf`: there,
ops make a graph; here they are computed at once, until the program says otherwise. What
else the program says tells which of them it was written for. Executes nothing, and
imports no TensorFlow.
"""

import ast
from collections.abc import Iterable

# The modules that both have.
_COMPAT = ("tensorflow.compat.v1", "tensorflow.compat.v2")
# Below tensorflow: what has a use in graphs alone, or sets the mode by itself.
_OF_GRAPHS = {
    "ConfigProto",
    "FileWriter",
    "Graph",
    "InteractiveSession",
    "MonitoredSession",
    "MonitoredTrainingSession",
    "Session",
    "SingularMonitoredSession",
    "Supervisor",
    "contrib",
    "disable_eager_execution",
    "disable_v2_behavior",
    "enable_eager_execution",
    "enable_v2_behavior",
    "estimator",
    "get_default_graph",
    "get_session",
    "global_variables_initializer",
    "make_initializable_iterator",
    "make_one_shot_iterator",
    "placeholder",
    "placeholder_with_default",
    "reset_default_graph",
    "set_session",
}
_METHODS_OF_GRAPHS = {"make_initializable_iterator", "make_one_shot_iterator"}
_EAGER_METHOD = "numpy"  # of a tensor
_TAPE = "tensorflow.GradientTape"
_DATASETS = ("tensorflow.data.", "tensorflow_datasets.load")


def is_relied_on(trees: Iterable[ast.Module]) -> bool:
    """Returns whether eager execution must stay on for a program.

    That is where it imports or names `tensorflow.compat.v1` or `.v2`, does what only
    eager execution can (`.numpy()`, a GradientTape, a loop over a tf.data.Dataset), and
    nowhere what needs a graph or sets the mode. All others are of TensorFlow 1.x.

    Args:
      trees: of all its files; a name that one binds is known to itself alone.
    """
    signs = [_Signs(tree) for tree in trees]
    return (
        any(each.names_compat for each in signs)
        and any(each.is_eager for each in signs)
        and not any(each.has_graphs for each in signs)
    )


class _Signs:
    """What a file says.

    Attributes:
      names_compat: that it knows tensorflow.compat.v1 or .v2.
      is_eager: that it does what no graph can.
      has_graphs: that it makes graphs, or sets the mode.
    """

    def __init__(self, tree: ast.Module) -> None:
        nodes = list(ast.walk(tree))
        self._names: dict[str, str] = {}
        self._imported: set[str] = set()
        for node in nodes:
            self._bind(node)
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        loops = [
            node for node in nodes if isinstance(node, ast.For | ast.comprehension)
        ]
        dotted = (
            {self._dotted(each) for each in nodes}
            | {*self._names.values()}
            | self._imported
        )
        known = {name for name in dotted if name.startswith("tensorflow.")}
        plain = {_without_compat(name) for name in known}
        methods = {_method(each) for each in calls}
        self.names_compat = any(
            f"{n}.".startswith(f"{c}.") for n in known for c in _COMPAT
        )
        self.has_graphs = bool(
            methods & _METHODS_OF_GRAPHS
            or any(_OF_GRAPHS & {*name.split(".")} for name in plain)
        )
        self.is_eager = (
            any(map(_gives_numpy, calls))
            or _TAPE in plain
            or any(self._is_dataset(each.iter) for each in loops)
        )

    def _bind(self, node: ast.AST) -> None:
        """Learns what a name stands for: a module of an import, or part of one."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                self._names[alias.asname or top] = alias.name if alias.asname else top
                self._imported.add(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                self._names[alias.asname or alias.name] = name
        elif isinstance(node, ast.Assign):
            value = self._start(node.value)
            for target in node.targets:
                if value and isinstance(target, ast.Name):
                    self._names.setdefault(target.id, value)

    def _dotted(self, node: ast.AST) -> str:
        """Returns "tensorflow.Session" for `tf.Session`; "" for what is no name."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, "")
        if isinstance(node, ast.Attribute):
            above = self._dotted(node.value)
            return f"{above}.{node.attr}" if above else ""
        return ""

    def _start(self, node: ast.AST) -> str:
        """Returns the dotted name that a chain of calls begins with."""
        while isinstance(node, ast.Call):
            function = node.func
            if not isinstance(function, ast.Attribute) or self._dotted(function):
                return self._dotted(function)
            node = function.value
        return self._dotted(node)

    def _is_dataset(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call) and not _method(node) and node.args:
            return any(map(self._is_dataset, node.args))  # enumerate(...), zip(...)
        return _without_compat(self._start(node)).startswith(_DATASETS)


def _method(call: ast.Call) -> str:
    """Returns "b" for `a.b()`; "" for a call of a name."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _gives_numpy(call: ast.Call) -> bool:
    return _method(call) == _EAGER_METHOD and not call.args and not call.keywords


def _without_compat(name: str) -> str:
    for module in _COMPAT:
        if f"{name}.".startswith(f"{module}."):
            return "tensorflow" + name.removeprefix(module)
    return name
