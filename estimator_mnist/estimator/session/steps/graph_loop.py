"""Repeats the steps of a training by a loop in the graph."""

from collections.abc import Sequence

import tensorflow as tf

from estimator_mnist.estimator.session.model_graph import ops_needed_by

tf1 = tf.compat.v1

MOST_STEPS = 100  # of one run; a training of fewer is not worth a loop
_USUAL_STEPS = MOST_STEPS - 1  # that the loop makes: the last is an ordinary one


class Loop:
    """Repeats a copy of what `train_op`, an attribute, needs in the graph."""

    def __init__(self, train_op: tf.Operation, apart: frozenset[str] = frozenset()):
        """Adds the loop to the graph.

        Args:
          apart: names of ops of an input that needs none of the model's threads. A step
            waits for its batch on its own thread then, for changing to another one and
            back takes up to half as long as a short step.
        """
        self.train_op = train_op
        graph, part = train_op.graph, needed_by(train_op)
        handles = [op.outputs[0] for op in part if is_handle(op)]
        copied = _definition([op for op in part if not is_handle(op)], graph)
        for node in copied.node:
            if node.name in apart and node.op == "IteratorGetNext":
                node.op = "IteratorGetNextSync"

        def step(done: tf.Tensor) -> tf.Tensor:
            # Through identity, because a function sees what it is given by itself.
            shared = {handle.name: tf.identity(handle) for handle in handles}
            made = tf.graph_util.import_graph_def(
                copied, shared, return_elements=[train_op.name], name="step"
            )
            with tf.control_dependencies(made):
                return done + 1

        with graph.as_default(), tf.name_scope("steps_per_run"):
            self._count = tf1.placeholder_with_default(_USUAL_STEPS, [], "count")
            done = tf1.while_loop(
                lambda done: done < self._count, step, [0], parallel_iterations=1
            )
        self._loop = done.op

    def run(self, session: tf.compat.v1.Session, steps: int) -> None:
        """Makes `steps` steps."""
        # Feeding and fetching take 0.1 ms each.
        fed = {} if steps == _USUAL_STEPS else {self._count: steps}
        session.run(self._loop, fed)


def is_handle(op: tf.Operation) -> bool:
    """Returns whether `op` only says which variable, iterator or table is meant."""
    return not op.inputs and any(out.dtype == tf.resource for out in op.outputs)


def needed_by(train_op: tf.Operation) -> list[tf.Operation]:
    """Returns the ops that run for `train_op`, from handles on."""
    return ops_needed_by(train_op, is_first=is_handle)


def _definition(ops: Sequence[tf.Operation], graph: tf.Graph) -> tf.compat.v1.GraphDef:
    """Returns a GraphDef of `ops` alone, without what to place them beside."""
    whole = graph.as_graph_def()
    definition = tf1.GraphDef(library=whole.library, versions=whole.versions)
    for op in ops:
        node = definition.node.add()
        node.CopyFrom(op.node_def)
        node.attr.pop("_class", None)
        outside = {f"^{given.name}" for given in op.control_inputs if is_handle(given)}
        kept = [name for name in node.input if name not in outside]
        del node.input[:]
        node.input.extend(kept)
    return definition
