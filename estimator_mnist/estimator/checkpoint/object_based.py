"""Checkpoints of tf.train.Checkpoint, which name variables by the objects they are in.

The original takes such an object as a Scaffold's saver. A checkpoint of it has keys
such as `net/kernel/.ATTRIBUTES/VARIABLE_VALUE`, and one entry with the graph of its
objects, which also knows what each variable is called.
"""

from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2

tf1 = tf.compat.v1

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"  # the entry with the objects


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
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    graph.ParseFromString(reader.get_tensor(OBJECT_GRAPH))
    return {
        attribute.full_name: attribute.checkpoint_key
        for node in graph.nodes
        for attribute in node.attributes
    }
