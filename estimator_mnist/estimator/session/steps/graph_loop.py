"""Repeats the steps of a training by a loop in the graph."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist.estimator.session.model_graph import ModelGraph, ops_needed_by

tf1 = tf.compat.v1


class Loop:
    """Repeats a copy of what `train_op` needs in the graph.

    An iterator's next element comes from another thread, and the two changes of threads
    take up to half as long as a short step. So a step waits on its own thread, or the
    next batch is taken while a step is made. As many are taken as steps are made.
    """

    def __init__(
        self,
        train_op: tf.Operation,
        taken_ahead: frozenset[str] = frozenset(),
        waits: bool = False,
    ):
        """Adds the loop to the graph.

        Args:
          taken_ahead: names of the ops that make a batch and may do so during the step
            before, as `ops_to_take_ahead` returns them, if the input never ends.
          waits: whether a step's own thread waits for its batch. The input must not
            need that thread.
        """
        ops = [op for op in needed_by(train_op) if not is_handle(op)]
        batch_ops = [op for op in ops if op.name in taken_ahead]
        step = _Part.of([op for op in ops if op.name not in taken_ahead], waits)
        batch = [tensor for tensor in step.given if tensor.op.name in taken_ahead]
        source = _Part.of(batch_ops)

        def take() -> list[tf.Tensor]:
            return source.copied(source.given, batch)

        def make_step(done: tf.Tensor, *now: tf.Tensor) -> list[tf.Tensor]:
            values = dict(zip([tensor.name for tensor in batch], now, strict=True))
            given = [values.get(tensor.name, tensor) for tensor in step.given]
            made = step.copied(given, [train_op])
            following = list(now)
            if batch:
                # Values come into a loop one by one: this batch must be there first.
                with tf.control_dependencies(now):
                    is_more = done + 1 < self._count
                following = tf.nest.flatten(tf.cond(is_more, take, lambda: list(now)))
            with tf.control_dependencies(made):
                return [done + 1, *_of_shapes(following, batch)]

        with train_op.graph.as_default(), tf.name_scope("steps_per_run"):
            self._count = tf1.placeholder(tf.int32, [], "count")
            self._loop = tf1.while_loop(
                lambda done, *_: done < self._count,
                make_step,
                [tf.constant(0), *(take() if batch else [])],
                [tf.TensorShape([]), *(tensor.shape for tensor in batch)],
                parallel_iterations=1,
                return_same_structure=True,
            )[0]

    def run(self, session: tf.compat.v1.Session, steps: int) -> None:
        """Makes `steps` steps, 1 or more."""
        session.run(self._loop, {self._count: steps})


class Loops:
    """The loops of a model: one for an input that never ends, one for any other."""

    def __init__(self, model: ModelGraph, train_op: tf.Operation, may_end: bool):
        """Adds the loops to the graph.

        Args:
          may_end: whether an input that ends, or may end, is to be run, too.
        """
        self._cardinality = model.cardinality
        self._is_endless: bool | None = None
        if model.input_has_threads:
            self._endless = self._ending = Loop(train_op, waits=True)
            return
        if model.cardinality is not None:
            self._endless = Loop(train_op, ops_to_take_ahead(model, train_op))
        if may_end:
            # Taking what comes after the last batch would break the last step off.
            self._ending = Loop(train_op)

    def is_endless(self, session: tf.compat.v1.Session) -> bool:
        """Returns whether the input is known never to end."""
        if self._is_endless is None:
            self._is_endless = (
                self._cardinality is not None
                and session.run(self._cardinality) == tf.data.INFINITE_CARDINALITY
            )
        return self._is_endless

    def run(self, session: tf.compat.v1.Session, steps: int) -> None:
        """Makes `steps` steps, 1 or more."""
        loop = self._endless if self.is_endless(session) else self._ending
        loop.run(session, steps)


def ops_to_take_ahead(model: ModelGraph, train_op: tf.Operation) -> frozenset[str]:
    """Returns the names of the ops that may make a batch during the step before.

    These are the input's, a Dataset's or arrays', which read nothing of the model's.
    """
    needed = [op for op in needed_by(train_op) if not is_handle(op)]
    ops = [op for op in needed if op.name in model.input_ops]
    types = {out.dtype for op in ops for out in op.outputs}
    # What only names a value may name another one a step later.
    if types & {tf.resource, tf.variant}:
        return frozenset()
    return frozenset(op.name for op in ops)


def is_handle(op: tf.Operation) -> bool:
    """Returns whether `op` only says which variable, iterator or table is meant."""
    return not op.inputs and any(out.dtype == tf.resource for out in op.outputs)


def needed_by(train_op: tf.Operation) -> list[tf.Operation]:
    """Returns the ops that run for `train_op`, from handles on."""
    return ops_needed_by(train_op, is_handle)


class _Part(NamedTuple):
    """A part of a graph, to be copied.

    Attributes:
      given: the tensors that it reads and does not make.
    """

    definition: tf.compat.v1.GraphDef
    given: list[tf.Tensor]

    @classmethod
    def of(cls, ops: Sequence[tf.Operation], waits: bool = False) -> "_Part":
        own = {op.name for op in ops}
        read = {tensor.name: tensor for op in ops for tensor in op.inputs}
        outside = [tensor for tensor in read.values() if tensor.op.name not in own]
        definition = _definition(ops, own)
        for node in definition.node:
            if waits and node.op == "IteratorGetNext":
                node.op = "IteratorGetNextSync"
        return cls(definition, outside)

    def copied(
        self, given: Sequence[tf.Tensor], returned: Sequence[tf.Tensor | tf.Operation]
    ) -> list:
        """Adds a copy; returns its copies of `returned`.

        Args:
          given: what takes the place of self.given.
        """
        # Through identity, because a function sees what it is given by itself.
        shared = {
            tensor.name: tf.identity(value)
            for tensor, value in zip(self.given, given, strict=True)
        }
        names = [element.name for element in returned]
        found = tf.graph_util.import_graph_def(
            self.definition, shared, return_elements=names, name="step"
        )
        return _of_shapes(found, returned)


def _of_shapes(found: Sequence, originals: Sequence) -> list:
    """Returns `found`, whose tensors get the shapes that the originals have."""
    for tensor, original in zip(found, originals, strict=True):
        if tf.is_tensor(tensor):
            tensor.set_shape(original.shape)
    return list(found)


def _definition(ops: Sequence[tf.Operation], own: set[str]) -> tf.compat.v1.GraphDef:
    """Returns a GraphDef of `ops` alone, without what to place them beside."""
    definition = tf1.GraphDef()
    if ops:
        whole = ops[0].graph.as_graph_def()
        definition.library.CopyFrom(whole.library)
        definition.versions.CopyFrom(whole.versions)
    for op in ops:
        node = definition.node.add()
        node.CopyFrom(op.node_def)
        node.attr.pop("_class", None)
        # What they wait for outside is there before a copy begins.
        outside = {f"^{given.name}" for given in op.control_inputs} - {
            f"^{name}" for name in own
        }
        kept = [name for name in node.input if name not in outside]
        del node.input[:]
        node.input.extend(kept)
    return definition
