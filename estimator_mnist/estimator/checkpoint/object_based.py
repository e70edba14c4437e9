"""Checkpoints of tf.train.Checkpoint, which name variables by the objects they are in.

The original takes such an object as a Scaffold's saver. A checkpoint of it has keys
such as `net/kernel/.ATTRIBUTES/VARIABLE_VALUE`, and one entry with the graph of its
objects, which also knows what each variable is called.
"""

from collections import deque
from collections.abc import Collection
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2

tf1 = tf.compat.v1

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"  # the entry with the objects
_OF_VARIABLE = "VARIABLE_VALUE"  # the attribute that a variable's value is
# The children that an optimizer object of Keras has, in each of its versions.
_ITERATIONS, _LEARNING_RATE = (
    {"_iterations", "iter"},
    {"_learning_rate", "learning_rate"},
)


class Stored(NamedTuple):
    """A variable of an object-based checkpoint."""

    key: str  # what the reader knows it by
    path: str  # of the object, by the names of attributes, from the saved one
    of_optimizer: bool  # whether nothing but an optimizer holds it
    counts_steps: bool  # whether it is an optimizer's number of steps


class OpenGraph(tf.Graph):
    """A graph that can be added to after a Scaffold has been finalized in it."""

    def finalize(self) -> None:
        """Leaves the graph as it is."""


def saver_of(checkpoint: tf.train.Checkpoint) -> tf.compat.v1.train.Saver:
    """Returns the Saver that a Scaffold makes of `checkpoint`.

    The default graph must be an OpenGraph if anything is to be added to it later.
    """
    nothing = tf.no_op()
    # What a Scaffold is given it does not make: all but the saver.
    scaffold = tf1.train.Scaffold(
        init_op=nothing,
        ready_op=nothing,
        ready_for_local_init_op=nothing,
        local_init_op=nothing,
        summary_op=nothing,
        saver=checkpoint,
    )
    return scaffold.finalize().saver


def is_object_based(reader: Any) -> bool:
    """Returns whether `reader`, of paths.reader, reads a checkpoint of objects."""
    return reader.has_tensor(OBJECT_GRAPH)


def keys(reader: Any) -> dict[str, str]:
    """Returns the keys of an object-based checkpoint's variables, by their names."""
    return {
        attribute.full_name: attribute.checkpoint_key
        for node in _nodes(reader)
        for attribute in node.attributes
    }


def stored(reader: Any) -> list[Stored]:
    """Returns the variables of an object-based checkpoint.

    An object that several hold, as an optimizer and a model do a weight, is stored
    once, under whichever path came first. The path here is one that leads through no
    optimizer, where there is one.
    """
    nodes = _nodes(reader)
    optimizers = {number for number, node in enumerate(nodes) if _is_optimizer(node)}
    outside, everywhere = _paths(nodes, optimizers), _paths(nodes, set())
    counters = {
        child.node_id
        for number in optimizers
        for child in nodes[number].children
        if child.local_name in _ITERATIONS
    }
    return [
        Stored(
            attribute.checkpoint_key,
            _name(outside.get(number) or everywhere.get(number, ""), attribute.name),
            number not in outside,
            number in counters,
        )
        for number, node in enumerate(nodes)
        for attribute in node.attributes
    ]


def _name(path: str, attribute: str) -> str:
    """Returns the path of a variable, or of one attribute of an object with several."""
    return path if attribute == _OF_VARIABLE else f"{path}/{attribute}"


def _nodes(reader: Any) -> Any:
    """Returns the objects of a checkpoint, as its graph of them has them."""
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    graph.ParseFromString(reader.get_tensor(OBJECT_GRAPH))
    return graph.nodes


def _is_optimizer(node: Any) -> bool:
    names = {child.local_name for child in node.children}
    return bool(names & _ITERATIONS and names & _LEARNING_RATE)


def _paths(nodes: Any, closed: Collection[int]) -> dict[int, str]:
    """Returns the shortest path of each object, those below `closed` ones left out."""
    found = {0: ""}
    waiting = deque(found)
    while waiting:
        number = waiting.popleft()
        for child in nodes[number].children if number not in closed else ():
            if child.node_id not in found:
                path = f"{found[number]}/{child.local_name}".lstrip("/")
                found[child.node_id] = path
                waiting.append(child.node_id)
    return found
