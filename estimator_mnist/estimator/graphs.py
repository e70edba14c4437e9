"""Builds the graph of one mode, and opens sessions on it."""

import contextlib
import dataclasses

import tensorflow as tf

from estimator_mnist.estimator import calls, mismatch
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.spec import EstimatorSpec, ModeKeys

tf1 = tf.compat.v1

# The collection in which the hooks of tf.compat.v1.train look for the step's value.
GLOBAL_STEP_READ = "global_step_read_op_cache"


@dataclasses.dataclass
class ModelGraph:
    """A graph with input and model in it, and what a session on it needs."""

    graph: tf.Graph
    spec: EstimatorSpec
    input_hooks: list

    def __post_init__(self):
        self.scaffold = self.spec.scaffold
        # Asked now because a Scaffold gets a saver when its first session opens.
        self.own_saver = self.scaffold.saver is not None

    def initialize_locally(self, variables) -> None:
        """Has each session start with these variables, which model_fn did not make.

        A Scaffold with a local_init_op of its own cannot know them.
        """
        own = self.scaffold.local_init_op
        if own is not None:
            self.scaffold = tf1.train.Scaffold(
                copy_from_scaffold=self.scaffold,
                local_init_op=tf.group(own, tf1.variables_initializer(variables)),
            )

    def open_session(
        self, config: RunConfig, checkpoint_path: str | None, hooks, master: str = ""
    ) -> tf1.train.MonitoredSession:
        """A session restored from `checkpoint_path`, or initialised where it is None.

        Raises CheckpointMismatchError where the checkpoint is another model's. A
        saver of the model_fn's own may rename variables, so it is left to judge.
        """
        if checkpoint_path and not self.own_saver:
            mismatch.compare(checkpoint_path, tf1.global_variables())
        creator = tf1.train.ChiefSessionCreator(
            scaffold=self.scaffold,
            master=master,
            config=config.session_config,
            checkpoint_filename_with_path=checkpoint_path,
        )
        return tf1.train.MonitoredSession(
            session_creator=creator, hooks=[*self.input_hooks, *hooks]
        )


def build(make_inputs, model_fn, mode: str, config: RunConfig) -> ModelGraph:
    """Calls `make_inputs()` and `model_fn` in a new graph.

    Args:
      make_inputs: returns what an input_fn returns, a Dataset or tensors.
      model_fn: (features, labels, mode, config) -> EstimatorSpec.
    """
    with _new_graph(config) as graph:
        inputs, input_hooks = calls.to_tensors(make_inputs())
        if mode == ModeKeys.TRAIN:
            inputs = _after_reading_global_step(inputs)
        features, labels = calls.features_and_labels(inputs)
        labels = None if mode == ModeKeys.PREDICT else labels
        spec = model_fn(features, labels, mode, config)
    return ModelGraph(graph, spec, input_hooks)


def build_fed(specs, model_fn, config: RunConfig) -> tuple[ModelGraph, list]:
    """The PREDICT graph with placeholders for features of structure `specs`.

    Returns the graph and the placeholders in the order of the flattened components.
    """
    with _new_graph(config) as graph:
        features, fed = _placeholders(specs)
        spec = model_fn(features, None, ModeKeys.PREDICT, config)
    return ModelGraph(graph, spec, []), fed


@contextlib.contextmanager
def _new_graph(config):
    with tf.Graph().as_default() as graph, graph.device(config.device_fn):
        tf1.set_random_seed(config.tf_random_seed)
        tf1.train.create_global_step()
        yield graph


def _after_reading_global_step(inputs):
    """Inputs that are there only when the step has been read.

    Hooks count by that value. Read at the same time as the train_op adds to it, it
    would be the old one or the new one by chance.
    """
    with tf.name_scope(tf1.GraphKeys.GLOBAL_STEP):
        # Not identity, which of a reference variable is the variable itself.
        read = tf.add(tf1.train.get_global_step(), 0, "read")
    tf1.add_to_collection(GLOBAL_STEP_READ, read)
    with tf.control_dependencies([read]):
        return tf.nest.map_structure(
            lambda part: tf.identity(part) if tf.is_tensor(part) else part,
            inputs,
            expand_composites=True,
        )


def _placeholders(specs):
    components = tf.nest.flatten(specs, expand_composites=True)
    fed = [tf1.placeholder(spec.dtype, spec.shape) for spec in components]
    return tf.nest.pack_sequence_as(specs, fed, expand_composites=True), fed
