"""Builds the graph of one mode, and opens sessions on it."""

import contextlib
import copy
import dataclasses
import functools
import warnings
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import compatibility, paths, warm_start
from estimator_mnist.estimator.checkpoint.saver import CheckpointSaver
from estimator_mnist.estimator.checkpoint.warm_start import WarmStartSettings
from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.inputs import ArrayInput
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import fast_gradients, mirrored, user_functions
from estimator_mnist.estimator.session.user_functions import UserFunctions

tf1 = tf.compat.v1

GRACE_SECS = 120  # TensorFlow's own
# The collection in which the hooks of tf.compat.v1.train look for the step's value.
GLOBAL_STEP_READ = "global_step_read_op_cache"
# Types of TensorFlow 1's variables, which are read and written in place.
REFERENCE_VARIABLES = {"VariableV2", "Variable"}


def ops_needed_by(
    *ends: tf.Operation, is_first: Callable[[tf.Operation], bool] = lambda op: False
) -> list[tf.Operation]:
    """Returns the ops that run for `ends`, which are among them, from `is_first` on."""
    found: dict[str, tf.Operation] = {}
    waiting = list(ends)
    while waiting:
        op = waiting.pop()
        if op.name not in found:
            found[op.name] = op
            if not is_first(op):
                waiting += [tensor.op for tensor in op.inputs] + op.control_inputs
    return list(found.values())


@dataclasses.dataclass
class ModelGraph:
    """Holds a graph with input and model in it, and what a session on it needs.

    Attributes:
      cardinality: int64 Tensor, how many batches a training's Dataset or arrays have;
        None where the input is something else.
      scaffold: the spec's Scaffold, or a copy that initializes more variables.
      has_own_saver: whether model_fn gave the Scaffold its Saver.
      input_ops: names of the ops that input_fn made, with the iterator's.
      rows_by_number: whether these take the rows of arrays by a batch's number, so that
        a copy of them would do the same.
      input_options: those of the Dataset that input_fn returned; None for others.
    """

    graph: tf.Graph
    spec: EstimatorSpec
    input_hooks: list
    cardinality: tf.Tensor | None = None
    input_ops: frozenset[str] = frozenset()
    rows_by_number: bool = False
    input_options: tf.data.Options | None = None

    def __post_init__(self) -> None:
        self.scaffold = self.spec.scaffold
        # Asked now because a Scaffold gets a saver when its first session opens.
        self.has_own_saver = self.scaffold.saver is not None

    @property
    def input_has_threads(self) -> bool:
        """Returns whether the input needs none of the model's threads."""
        options = self.input_options
        return bool(options and options.threading.private_threadpool_size)

    @property
    def input_is_tuned(self) -> bool:
        """Returns whether TensorFlow may tune the input, from a thread that sleeps."""
        options = self.input_options
        return options is None or options.autotune.enabled is not False

    def warm_start(
        self, settings: WarmStartSettings | None, checkpoint_path: str | None
    ) -> None:
        """Begins with the variables that `settings` name, if there is no checkpoint.

        Args:
          checkpoint_path: what is to be restored, whether it exists or not.
        """
        if settings and not checkpoint_path:
            with self.graph.as_default():
                warm_start.warm_start(settings)

    def initialize_locally(self) -> None:
        """Has a local_init_op of the model's own initialize all local variables.

        It cannot know those that were made after it, such as metrics'.
        """
        own = self.scaffold.local_init_op
        if own is None:
            return
        known = {op.name for op in ops_needed_by(tf.group(own))}
        others = [v for v in tf1.local_variables() if v.op.name not in known]
        self.scaffold = tf1.train.Scaffold(
            copy_from_scaffold=self.scaffold,
            local_init_op=tf.group(own, tf1.variables_initializer(others)),
        )

    def open_session(
        self,
        config: RunConfig,
        checkpoint_path: str | None,
        hooks: Sequence,
        master: str = "",
    ) -> tf.compat.v1.train.MonitoredSession:
        """Opens a session restored from `checkpoint_path`, or initialised without one.

        Raises as session_creator.
        """
        creator = self.session_creator(config, checkpoint_path, master)
        return self.enter(creator, hooks)

    def session_creator(
        self, config: RunConfig, checkpoint_path: str | None, master: str = ""
    ) -> tf.compat.v1.train.SessionCreator:
        """Returns the creator of sessions such as `open_session` opens.

        Raises:
          CheckpointMismatchError: the checkpoint is another model's. A saver of the
            model_fn's own may rename variables, so that only it can tell.
        """
        if checkpoint_path and not self.has_own_saver:
            compatibility.compare(checkpoint_path, tf1.global_variables())
        return tf1.train.ChiefSessionCreator(
            scaffold=self.scaffold,
            master=master,
            config=servers.session_config(config, master),
            checkpoint_filename_with_path=self._for_saver(checkpoint_path),
        )

    def restore(self, session: tf.compat.v1.Session, checkpoint_path: str) -> None:
        """Restores a session that was opened before, as session_creator's would be."""
        self.scaffold.saver.restore(session, self._for_saver(checkpoint_path))

    def _for_saver(self, checkpoint_path: str | None) -> str | None:
        if checkpoint_path and not isinstance(self.scaffold.saver, CheckpointSaver):
            return paths.for_tensorflow(checkpoint_path)
        return checkpoint_path

    def worker_session_creator(
        self, config: RunConfig
    ) -> tf.compat.v1.train.SessionCreator:
        """Returns a creator that waits until the chief has made the variables ready."""
        return tf1.train.WorkerSessionCreator(
            scaffold=self.scaffold,
            master=config.master,
            config=servers.session_config(config, config.master),
            max_wait_secs=config.session_creation_timeout_secs,
        )

    def enter(
        self,
        creator: tf.compat.v1.train.SessionCreator,
        hooks: Sequence,
        grace_secs: int = GRACE_SECS,
    ) -> tf.compat.v1.train.MonitoredSession:
        """Opens a session of `creator` with the input's hooks and `hooks`.

        Args:
          grace_secs: seconds that closing waits for threads, such as those of queues.
        """
        return tf1.train.MonitoredSession(
            session_creator=creator,
            hooks=[*self.input_hooks, *hooks],
            stop_grace_period_secs=grace_secs,
        )


def build(
    functions: UserFunctions,
    input_fn: Callable[..., Any],
    mode: str,
    start_step: int = 0,
    device_fn: Callable | None = None,
) -> ModelGraph:
    """Calls input_fn and model_fn in a new graph.

    Args:
      start_step: global step that training begins at, for an input_fn that names it.
      device_fn: places the ops; None for the RunConfig's own.

    Raises as the user's functions do, and UserFunctions.spec.
    """
    training, config = mode == ModeKeys.TRAIN, functions.config
    strategy = mirrored.strategy_of(config, mode)

    def spec_of(batch: Any) -> EstimatorSpec:
        features, labels = user_functions.features_and_labels(batch)
        labels = None if mode == ModeKeys.PREDICT else labels
        with _products_of(mode):
            return functions.spec(features, labels, mode)

    with _new_graph(config, device_fn or config.device_fn, strategy) as graph:
        before = op_names(graph)
        result = functions.inputs(input_fn, mode, start_step)
        inputs, input_hooks = user_functions.batches(result, mirrored.count(strategy))
        input_ops = op_names(graph) - before
        options, cardinality = _options(result), None
        if training:
            inputs = _after_reading_global_step(inputs)
            cardinality = _cardinality(input_fn, result)
        spec = mirrored.on_each_device(strategy, spec_of, inputs)
    return ModelGraph(
        graph,
        spec,
        input_hooks,
        cardinality,
        input_ops,
        rows_by_number=isinstance(input_fn, ArrayInput),
        input_options=options,
    )


def _options(result: Any) -> tf.data.Options | None:
    """Returns the options of what input_fn returned, if that is a Dataset."""
    if not isinstance(result, tf.data.Dataset):
        return None
    with warnings.catch_warnings():
        # That a graph may hold other options: it does where it is another process's.
        warnings.simplefilter("ignore")
        return result.options()


def _cardinality(input_fn: Callable[..., Any], result: Any) -> tf.Tensor | None:
    """Returns how many batches there are, int64 []; None where nobody knows."""
    if isinstance(result, tf.data.Dataset):
        return tf.data.experimental.cardinality(result)
    if isinstance(input_fn, ArrayInput):
        endless, unknown = (
            tf.data.INFINITE_CARDINALITY,
            tf.data.UNKNOWN_CARDINALITY,
        )
        return tf.constant(endless if input_fn.is_endless else unknown, tf.int64)
    return None


@dataclasses.dataclass
class InputGraph:
    """Holds a graph of PREDICT mode in which input_fn has been called, and no more.

    Attributes:
      result: what input_fn returned.
      ops_before: names of the ops that the graph had before: those of the global step.
      collections_before: how many elements each collection had before.
    """

    graph: tf.Graph
    result: Any
    ops_before: frozenset[str]
    collections_before: dict[str, int]

    def take(self) -> tuple[Any, list]:
        """Returns features, and hooks that a session needs for them.

        Labels are dropped, since predicting needs none.
        """
        with self.graph.as_default():
            (batch,), hooks = user_functions.batches(self.result, 1)
            features, _ = user_functions.features_and_labels(batch)
        return features, hooks


def build_input(functions: UserFunctions, input_fn: Callable[..., Any]) -> InputGraph:
    """Calls input_fn for PREDICT mode in a new graph."""
    device_fn = functions.config.device_fn
    create_step = tf1.train.create_global_step if device_fn else _copied_global_step
    with _new_graph(functions.config, device_fn, create_step=create_step) as graph:
        ops, collections = op_names(graph), collection_sizes(graph)
        result = functions.inputs(input_fn, ModeKeys.PREDICT)
    return InputGraph(graph, result, ops, collections)


def add_model(
    functions: UserFunctions, input_graph: InputGraph, features: Any, hooks: list
) -> ModelGraph:
    """Calls model_fn for PREDICT mode in the graph that `features` are in.

    Args:
      features, hooks: what input_graph.take returned.
    """
    graph = input_graph.graph
    input_ops = op_names(graph) - input_graph.ops_before
    with graph.as_default(), graph.device(functions.config.device_fn):
        spec = functions.spec(features, None, ModeKeys.PREDICT)
    return ModelGraph(graph, spec, hooks, input_ops=input_ops)


def op_names(graph: tf.Graph) -> frozenset[str]:
    """Returns the names of all ops."""
    return frozenset(op.name for op in graph.get_operations())


def collection_sizes(graph: tf.Graph) -> dict[str, int]:
    """Returns how many elements each collection has that is not empty."""
    # TensorFlow's scopes are in collections as well, with tuples as keys.
    keys = [key for key in graph.collections if isinstance(key, str)]
    sizes = {key: len(graph.get_collection(key)) for key in keys}
    return {key: size for key, size in sizes.items() if size}


@contextlib.contextmanager
def _new_graph(
    config: RunConfig,
    device_fn: Callable | None,
    strategy: Any = None,
    create_step: Callable[[], tf.Variable] = tf1.train.create_global_step,
) -> Iterator[tf.Graph]:
    with (
        tf.Graph().as_default() as graph,
        graph.device(device_fn),
        mirrored.scope(strategy),
    ):
        tf1.set_random_seed(config.tf_random_seed)
        create_step()
        yield graph


def _copied_global_step() -> tf.Variable:
    """Creates the same as tf.train.create_global_step, from a copy of its ops.

    That takes a quarter of the 1.6 ms, which a call of predict with a Dataset would
    notice.
    """
    with tf.variable_creator_scope(_copy_global_step):
        return tf1.train.create_global_step()


def _copy_global_step(create_next: Callable[..., Any], **options: Any) -> tf.Variable:
    if not tf1.resource_variables_enabled():
        return create_next(**options)
    ops, variable, from_proto = _original_global_step()
    tf.graph_util.import_graph_def(ops, name="")
    copied = from_proto(variable)
    tf1.get_default_graph().add_to_collections(options["collections"], copied)
    return copied


@functools.cache
def _original_global_step() -> tuple[Any, Any, Callable[[Any], tf.Variable]]:
    """Returns the ops and the variable as protos, and what reads the latter."""
    with tf.Graph().as_default() as graph:
        step = tf1.train.create_global_step()
        return graph.as_graph_def(), step.to_proto(), type(step).from_proto


def _products_of(mode: str) -> contextlib.AbstractContextManager:
    """Returns the context for model_fn: products get fast gradients in training."""
    if mode == ModeKeys.TRAIN:
        return fast_gradients.fast_products(tf1.get_default_graph())
    return contextlib.nullcontext()


def _after_reading_global_step(inputs: Any) -> Any:
    """Makes inputs wait until the step has been read.

    Hooks count by that value. Read at the same time as the train_op adds to it, it
    would be the old one or the new one by chance.
    """
    # The op by which the variable itself is fetched, which hooks of users do.
    step = tf1.get_default_graph().as_graph_element(tf1.train.get_global_step())
    with tf.name_scope(tf1.GraphKeys.GLOBAL_STEP):
        # Not identity, because that of a reference variable is the variable itself.
        read = tf.add(step, 0, "read")
    tf1.add_to_collection(GLOBAL_STEP_READ, read)
    with tf.control_dependencies([read]):
        return _identity(inputs)


def _identity(part: Any) -> Any:
    """Returns `part` with tf.identity of each Tensor in it; a Variable stays one.

    Unlike tf.nest it sorts no keys, which may not compare, such as "a" with 1.
    """
    if isinstance(part, MutableMapping):
        mapped = copy.copy(part)
        mapped.update({key: _identity(value) for key, value in part.items()})
        return mapped
    if isinstance(part, (list, tuple)):
        values = map(_identity, part)
        is_named = isinstance(part, tuple) and hasattr(part, "_fields")
        return type(part)(*values) if is_named else type(part)(values)
    if isinstance(part, tf.Variable):
        return part
    return tf.nest.map_structure(
        lambda leaf: tf.identity(leaf) if tf.is_tensor(leaf) else leaf,
        part,
        expand_composites=True,
    )
