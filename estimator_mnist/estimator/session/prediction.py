"""Predicts; the model's graph and session are kept while the checkpoint stays."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.inputs import ArrayInput
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import user_functions
from estimator_mnist.estimator.session.model_graph import ModelGraph
from estimator_mnist.estimator.session.user_functions import UserFunctions

tf1 = tf.compat.v1


class Stream(Protocol):
    """Gives the features of an input as numpy batches.

    Attributes:
      specs: the structure of the features, a TypeSpec for each Tensor.
    """

    specs: Any

    def batches(self, session_config: tf.compat.v1.ConfigProto) -> Iterator[list]:
        """Yields lists of arrays, one per component tensor, until the input ends."""


class InputStream:
    """Runs an input_fn in a small graph of its own."""

    def __init__(
        self, functions: UserFunctions, input_fn: Callable[..., Any], step: int
    ):
        """Calls input_fn.

        Args:
          step: the global step that input_fn may ask for.
        """
        with tf.Graph().as_default() as self._graph:
            tf1.set_random_seed(functions.config.tf_random_seed)
            # A constant, because nothing counts here, and a variable takes 2 ms.
            read = tf.constant(step, tf.int64, name=tf1.GraphKeys.GLOBAL_STEP)
            tf1.add_to_collection(tf1.GraphKeys.GLOBAL_STEP, read)
            result = functions.inputs(input_fn, ModeKeys.PREDICT)
            initializers = _initializers(self._graph)
            if isinstance(result, tf.data.Dataset):
                iterator = tf1.data.make_initializable_iterator(_quick_to_start(result))
                initializers.append([iterator.initializer])
                result = iterator.get_next()
            elif not tf1.get_collection(tf1.GraphKeys.QUEUE_RUNNERS):
                _warn_of_repetition()
            features = tf.nest.map_structure(_as_tensor, features_of(result))
            self.specs = tf.nest.map_structure(tf.type_spec_from_value, features)
            self._components = tf.nest.flatten(features, expand_composites=True)
        self._initializers = initializers

    def batches(self, session_config: tf.compat.v1.ConfigProto) -> Iterator[list]:
        """Yields lists of arrays, one per component tensor, until the input ends."""
        config = tf1.ConfigProto()
        config.CopyFrom(session_config)
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        coordinator, threads = tf1.train.Coordinator(), []
        with tf1.Session(graph=self._graph, config=config) as session:
            for ops in self._initializers:
                session.run(ops)
            if self._graph.get_collection(tf1.GraphKeys.QUEUE_RUNNERS):
                threads = tf1.train.start_queue_runners(session, coordinator)
            fetch = session.make_callable(self._components)
            try:
                while True:
                    yield fetch()
            except tf.errors.OutOfRangeError:
                pass
            finally:
                coordinator.request_stop()
                coordinator.join(threads, ignore_live_threads=True)


class ArrayStream:
    """Takes the features of numpy_input_fn, which need no graph to become batches."""

    def __init__(self, array_input: ArrayInput):
        specs, self._batches = array_input.arrays()
        self.specs = features_of(specs)

    def batches(self, session_config: tf.compat.v1.ConfigProto) -> Iterator[list]:
        """Yields lists of arrays, one per feature, until the input ends."""
        del session_config
        features = len(tf.nest.flatten(self.specs))
        for arrays in self._batches:
            yield arrays[:features]


def _quick_to_start(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Drops what pays off in long runs only: a call may predict one example."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return dataset.with_options(options)


def _initializers(graph: tf.Graph) -> list[list]:
    """Returns ops to run in this order before the first batch, often none."""
    keys = tf1.GraphKeys
    variables = graph.get_collection(keys.GLOBAL_VARIABLES)
    variables = variables + graph.get_collection(keys.LOCAL_VARIABLES)
    ops = [[v.initializer for v in variables]]
    ops.append(graph.get_collection(keys.TABLE_INITIALIZERS))
    return [group for group in ops if group]


class Predictor:
    """Holds the PREDICT graph in a session restored from one checkpoint."""

    def __init__(
        self,
        key: Hashable,
        model: ModelGraph,
        fed: Sequence[tf.Tensor],
        config: RunConfig,
        checkpoint_path: str | None,
    ):
        """Opens the session.

        Args:
          key: cache_key of the features and the checkpoint.
          model, fed: what graphs.build_fed returned.
        """
        self.key = key
        self._fed, self._predictions = fed, model.spec.predictions
        # Hooks must see their own session begin and end.
        self.sharable = bool(checkpoint_path) and not model.spec.prediction_hooks
        self.session = _open_session(model, config, checkpoint_path, [])
        self._session_config = config.session_config

    def run(
        self, stream: Stream, predict_keys: Sequence[str] | str | None
    ) -> Iterator[Any]:
        """Yields the predictions of each batch of `stream`."""
        fetches = select(self._predictions, predict_keys)
        for arrays in stream.batches(self._session_config):
            if self.session.should_stop():
                return
            try:
                batch = self.session.run(
                    fetches, dict(zip(self._fed, arrays, strict=True))
                )
            except tf.errors.OutOfRangeError:
                return  # the model itself has come to an end
            yield batch


def run_once(
    model: ModelGraph,
    config: RunConfig,
    checkpoint_path: str | None,
    hooks: Sequence,
    predict_keys: Sequence[str] | str | None,
) -> Iterator[Any]:
    """Yields batches of predictions from a graph that holds its input."""
    fetches = select(model.spec.predictions, predict_keys)
    with _open_session(model, config, checkpoint_path, hooks) as session:
        while not session.should_stop():
            yield session.run(fetches)


def _open_session(
    model: ModelGraph,
    config: RunConfig,
    checkpoint_path: str | None,
    hooks: Sequence,
) -> tf.compat.v1.train.MonitoredSession:
    with model.graph.as_default():
        return model.open_session(
            config,
            checkpoint_path,
            [*hooks, *model.spec.prediction_hooks],
            master=config.evaluation_master,
        )


def cache_key(specs: Any, checkpoint_path: str | None) -> Hashable:
    """Returns a key of the features' structure and of the checkpoint as written."""
    written = checkpoint_path and paths.written_at(checkpoint_path)
    return specs, checkpoint_path, written


def features_of(inputs: Any) -> Any:
    """Returns the first part of a pair, since predicting needs no labels."""
    features, _ = user_functions.features_and_labels(inputs)
    return features


def _as_tensor(part: Any) -> Any:
    is_tensor = tf.is_tensor(part) or isinstance(part, tf.RaggedTensor)
    return part if is_tensor else tf.convert_to_tensor(part)


def _warn_of_repetition() -> None:
    tf1.logging.warning(
        "input_fn has returned tensors, with neither a tf.data.Dataset nor a "
        "QueueRunner behind them: predict yields forever. Return a Dataset, or stop "
        "taking predictions."
    )


def select(predictions: Any, predict_keys: Sequence[str] | str | None) -> Any:
    """Returns the predictions that `predict_keys` (list, or a single name) names.

    Raises:
      ValueError: predictions are not a dict, or have none of these keys.
    """
    if not predict_keys:
        return predictions
    if not isinstance(predictions, dict):
        raise ValueError(
            "predict_keys argument is not valid in case of non-dict predictions."
        )
    selected = {key: v for key, v in predictions.items() if key in predict_keys}
    if not selected:
        raise ValueError(
            f"Expected to run at least one output from {list(predictions)}, "
            f"provided {predict_keys}."
        )
    return selected


def examples(batch: Any) -> Iterator[Any]:
    """Yields a batch of predictions one example at a time.

    Raises:
      ValueError: the arrays of a dict have different lengths.
    """
    if not isinstance(batch, dict):
        yield from batch
        return
    lengths = {key: np.shape(value)[0] for key, value in batch.items()}
    first = next(iter(lengths.values()), 0)
    others = [key for key, length in lengths.items() if length != first]
    if others:
        raise ValueError(
            f"Batch length of predictions should be same. {others[0]} has different "
            f"batch length than others. Given: {lengths}. Use "
            "yield_single_examples=False or predict_keys."
        )
    for index in range(first):
        yield {key: value[index] for key, value in batch.items()}
