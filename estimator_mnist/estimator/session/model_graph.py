"""Builds the graph of one mode, and opens sessions on it."""

import contextlib
import dataclasses

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import compatibility
from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.model_fn import EstimatorSpec, ModeKeys
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import fast_gradients, mirrored, user_functions

tf1 = tf.compat.v1

GRACE_SECS = 120  # TensorFlow's own
# The collection in which the hooks of tf.compat.v1.train look for the step's value.
GLOBAL_STEP_READ = "global_step_read_op_cache"


@dataclasses.dataclass
class ModelGraph:
    """A graph with input and model in it, and what a session on it needs."""

    graph: tf.Graph
    spec: EstimatorSpec
    input_hooks: list
    # int64: how many elements the Dataset of a training has; None without a Dataset.
    cardinality: tf.Tensor | None = None

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

        Raises as session_creator.
        """
        creator = self.session_creator(config, checkpoint_path, master)
        return self.enter(creator, hooks)

    def session_creator(
        self, config: RunConfig, checkpoint_path: str | None, master: str = ""
    ) -> tf1.train.SessionCreator:
        """What opens a session as `open_session` does.

        Raises CheckpointMismatchError where the checkpoint is another model's. A
        saver of the model_fn's own may rename variables, so it is left to judge.
        """
        if checkpoint_path and not self.own_saver:
            compatibility.compare(checkpoint_path, tf1.global_variables())
        return tf1.train.ChiefSessionCreator(
            scaffold=self.scaffold,
            master=master,
            config=servers.session_config(config, master),
            checkpoint_filename_with_path=checkpoint_path,
        )

    def worker_session_creator(self, config: RunConfig) -> tf1.train.SessionCreator:
        """What waits until the chief has the variables ready, and leaves them so."""
        return tf1.train.WorkerSessionCreator(
            scaffold=self.scaffold,
            master=config.master,
            config=servers.session_config(config, config.master),
            max_wait_secs=config.session_creation_timeout_secs,
        )

    def enter(
        self, creator: tf1.train.SessionCreator, hooks, grace_secs: int = GRACE_SECS
    ) -> tf1.train.MonitoredSession:
        """A session of `creator` with the input's hooks and these.

        Args:
          grace_secs: how long closing waits for threads, as queues have.
        """
        return tf1.train.MonitoredSession(
            session_creator=creator,
            hooks=[*self.input_hooks, *hooks],
            stop_grace_period_secs=grace_secs,
        )


def build(make_inputs, model_fn, mode: str, config: RunConfig) -> ModelGraph:
    """Calls `make_inputs()` and `model_fn` in a new graph.

    Args:
      make_inputs: returns what an input_fn returns, a Dataset or tensors.
      model_fn: (features, labels, mode, config) -> EstimatorSpec.
    """
    # Only who trains shares its variables with the tasks of a cluster.
    place = servers.device_fn if mode == ModeKeys.TRAIN else lambda c: c.device_fn
    strategy = config.train_distribute if mode == ModeKeys.TRAIN else None

    def spec_of(inputs):
        features, labels = user_functions.features_and_labels(inputs)
        labels = None if mode == ModeKeys.PREDICT else labels
        if mode != ModeKeys.TRAIN:
            return model_fn(features, labels, mode, config)
        with fast_gradients.fast_products(tf1.get_default_graph()):
            return model_fn(features, labels, mode, config)

    with _new_graph(config, place(config), strategy) as graph:
        result, cardinality = make_inputs(), None
        inputs, input_hooks = user_functions.batches(result, mirrored.count(strategy))
        if mode == ModeKeys.TRAIN:
            inputs = _after_reading_global_step(inputs)
            if isinstance(result, tf.data.Dataset):
                cardinality = tf.data.experimental.cardinality(result)
        spec = mirrored.on_each_device(strategy, spec_of, inputs)
    return ModelGraph(graph, spec, input_hooks, cardinality)


def build_fed(specs, model_fn, config: RunConfig) -> tuple[ModelGraph, list]:
    """The PREDICT graph with placeholders for features of structure `specs`.

    Returns the graph and the placeholders in the order of the flattened components.
    """
    with _new_graph(config, config.device_fn) as graph:
        features, fed = _placeholders(specs)
        spec = model_fn(features, None, ModeKeys.PREDICT, config)
    return ModelGraph(graph, spec, []), fed


@contextlib.contextmanager
def _new_graph(config, device_fn, strategy=None):
    with (
        tf.Graph().as_default() as graph,
        graph.device(device_fn),
        mirrored.scope(strategy),
    ):
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
