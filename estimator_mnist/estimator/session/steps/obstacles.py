"""Why the steps of a training cannot be made several in one session.run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import mirrored
from estimator_mnist.estimator.session.model_graph import (
    REFERENCE_VARIABLES,
    ModelGraph,
)
from estimator_mnist.estimator.session.steps import graph_loop

tf1 = tf.compat.v1

_FED = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
_FRAMES = ("Enter", "Switch")
_FUNCTIONS = ("StatefulPartitionedCall", "While", "If", "Case")
# What hooks of TensorFlow's do depends on every step, or on counting runs.
_STOCK_HOOKS = tuple(
    kind
    for kind in vars(tf1.train).values()
    if isinstance(kind, type) and issubclass(kind, tf1.train.SessionRunHook)
)


@runtime_checkable
class SaysEveryStep(Protocol):
    """A hook that says whether it must see every step."""

    every_step: bool


def to_several(
    model: ModelGraph,
    train_op: tf.Operation,
    config: RunConfig,
    hooks: Sequence,
    steps: float,
) -> str | None:
    """Returns why each step has to be a run of its own, or None.

    Args:
      hooks: those that user and model_fn gave.
      steps: how many are to be made; math.inf where nobody knows.
    """
    automatic = config.steps_per_run is None
    if automatic and steps < graph_loop.MOST_STEPS:
        return "there are few steps to make"
    for hook in hooks:
        if _needs_every_step(hook, automatic):
            return f"{type(hook).__name__} asks for every step"
    if config.cluster_spec.jobs:
        return "other machines take steps too"
    if mirrored.count(config.train_distribute) > 1:
        return "several devices make each step"
    if automatic and model.cardinality is None:
        return "its input is neither a Dataset nor arrays"
    needed = graph_loop.needed_by(train_op)
    if model.rows_by_number:
        needed = [op for op in needed if op.name not in model.input_ops]
    functions: Mapping[str, Any] = {}
    if any(op.type in _FUNCTIONS for op in needed):
        functions = _function_definitions(model.graph)
    for op in needed:
        complaint = _complaint(op, functions)
        if complaint:
            return f"{op.name} ({op.type}) {complaint}"
    return None


def _needs_every_step(hook: tf.compat.v1.train.SessionRunHook, automatic: bool) -> bool:
    if isinstance(hook, SaysEveryStep):
        return hook.every_step
    return automatic or type(hook) in _STOCK_HOOKS


def _function_definitions(graph: tf.Graph) -> Mapping[str, Any]:
    """Returns the FunctionDef of each function in the graph, by its name."""
    library = graph.as_graph_def().library
    return {function.signature.name: function for function in library.function}


def _complaint(op: tf.Operation, functions: Mapping[str, Any]) -> str | None:
    """Returns why a copy of `op` would not do as `op` does, or None.

    Args:
      functions: those of the graph, as `_function_definitions` returns them.
    """
    on_resource = any(tensor.dtype == tf.resource for tensor in op.inputs)
    if op.type in _FED:
        return "is fed"
    if op.type in REFERENCE_VARIABLES:
        return "is no resource variable"
    if op.type in _FRAMES:
        return "holds ops that are not looked into"
    if op.type in _FUNCTIONS:
        return _complaint_of_functions(op, functions)
    if op.op_def.is_stateful and not (on_resource or graph_loop.is_handle(op)):
        return None if op.type == "Assert" else "keeps a state of its own"
    return None


def _complaint_of_functions(
    op: tf.Operation, functions: Mapping[str, Any]
) -> str | None:
    """Returns why not to copy the functions that `op` calls; None for mere guards.

    Those of tf.debugging.assert_..., for example, either raise or do nothing.
    """
    for inner in set(_op_types_in(op.node_def, functions)) - {"Assert", *_FUNCTIONS}:
        if op.graph.op_def_for_type(inner).is_stateful:
            return f"calls a function with a state ({inner})"
    return None


def _op_types_in(node: Any, functions: Mapping[str, Any]) -> Iterator[str]:
    """Yields the types of ops in the functions that `node`, a NodeDef, calls."""
    for attribute in node.attr.values():
        for called in (attribute.func, *attribute.list.func):
            for inner in functions[called.name].node_def if called.name else ():
                yield inner.op
                yield from _op_types_in(inner, functions)
