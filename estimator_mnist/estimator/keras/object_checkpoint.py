"""Checkpoints in which a Keras model's variables are called by their place in it.

That is the format of tf.train.Checkpoint and Model.save_weights: a checkpoint of an
Estimator loads into the Keras model that it was made from, and into others like it.
"""

import dataclasses
from collections.abc import Mapping

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import object_based, paths
from estimator_mnist.estimator.checkpoint.saver import CheckpointSaver
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1


@dataclasses.dataclass(frozen=True)
class ObjectCheckpoint:
    """Holds the names that object-based checkpoints of one model use.

    Attributes:
      keys: name of a variable in the graph -> its key in the checkpoint.
      object_graph: the description of the model's parts, a serialized proto.
    """

    keys: Mapping[str, str]
    object_graph: bytes

    def scaffold(self, mode: str, config: RunConfig) -> tf.compat.v1.train.Scaffold:
        """Returns a Scaffold whose saver saves and restores the default graph so."""
        variables = {variable.op.name: variable for variable in tf1.global_variables()}
        saved = {
            key: variables[name] for name, key in self.keys.items() if name in variables
        }
        saved[object_based.OBJECT_GRAPH] = tf1.get_variable(
            "object_graph",
            initializer=tf.constant(self.object_graph),
            trainable=False,
            collections=[tf1.GraphKeys.LOCAL_VARIABLES],
        )
        if mode != ModeKeys.TRAIN:
            return tf1.train.Scaffold(saver=tf1.train.Saver(saved))
        saver = CheckpointSaver(
            config.keep_checkpoint_max,
            config.keep_checkpoint_every_n_hours,
            variables=saved,
        )
        return tf1.train.Scaffold(saver=saver)


def read(path: str) -> ObjectCheckpoint:
    """Returns the names that the object-based checkpoint at `path` uses."""
    reader = paths.reader(path)
    graph = reader.get_tensor(object_based.OBJECT_GRAPH)
    return ObjectCheckpoint(object_based.keys(reader), graph)
