"""Predicts; the model's graph and session are kept while the checkpoint stays."""

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.inputs import ArrayInput
from estimator_mnist.estimator.session import user_functions
from estimator_mnist.estimator.session.model_graph import ModelGraph

tf1 = tf.compat.v1


class InputStream:
    """The features of an input_fn as numpy batches, from a small graph of their own."""

    def __init__(self, make_inputs, seed: int | None, step: int):
        with tf.Graph().as_default() as self._graph:
            tf1.set_random_seed(seed)
            # A constant, because nothing counts here, and a variable takes 2 ms.
            step = tf.constant(step, tf.int64, name=tf1.GraphKeys.GLOBAL_STEP)
            tf1.add_to_collection(tf1.GraphKeys.GLOBAL_STEP, step)
            result = make_inputs()
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

    def batches(self, session_config):
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
    """The features of numpy_input_fn, which need no graph to become batches."""

    def __init__(self, array_input: ArrayInput):
        specs, self._batches = array_input.arrays()
        self.specs = features_of(specs)

    def batches(self, session_config):
        """Yields lists of arrays, one per feature, until the input ends."""
        del session_config
        features = len(tf.nest.flatten(self.specs))
        for arrays in self._batches:
            yield arrays[:features]


def _quick_to_start(dataset):
    """Leaves out what pays off in long runs only: a call may predict one example."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return dataset.with_options(options)


def _initializers(graph) -> list[list]:
    """Ops to run in this order before the first batch; most inputs need none."""
    keys = tf1.GraphKeys
    variables = graph.get_collection(keys.GLOBAL_VARIABLES)
    variables = variables + graph.get_collection(keys.LOCAL_VARIABLES)
    ops = [[v.initializer for v in variables]]
    ops.append(graph.get_collection(keys.TABLE_INITIALIZERS))
    return [group for group in ops if group]


class Predictor:
    """The PREDICT graph in a session restored from one checkpoint."""

    def __init__(self, key, model: ModelGraph, fed, config, checkpoint_path):
        """Opens the session.

        Args:
          key: cache_key of the features and the checkpoint.
          model, fed: what graphs.build_fed returned.
        """
        self.key = key
        self._fed, self._predictions = fed, model.spec.predictions
        # Hooks must see their own session begin and end.
        self.sharable = checkpoint_path and not model.spec.prediction_hooks
        self.session = _open_session(model, config, checkpoint_path, [])
        self._session_config = config.session_config

    def run(self, stream: InputStream, predict_keys):
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


def run_once(model: ModelGraph, config, checkpoint_path, hooks, predict_keys):
    """Yields batches of predictions from a graph that holds its input."""
    fetches = select(model.spec.predictions, predict_keys)
    with _open_session(model, config, checkpoint_path, hooks) as session:
        while not session.should_stop():
            yield session.run(fetches)


def _open_session(model, config, checkpoint_path, hooks):
    with model.graph.as_default():
        return model.open_session(
            config,
            checkpoint_path,
            [*hooks, *model.spec.prediction_hooks],
            master=config.evaluation_master,
        )


def cache_key(specs, checkpoint_path: str | None):
    """Equal for features of equal structure and an unchanged checkpoint."""
    written = checkpoint_path and paths.written_at(checkpoint_path)
    return specs, checkpoint_path, written


def features_of(inputs):
    """Predicting needs no labels: of a pair only the first part."""
    features, _ = user_functions.features_and_labels(inputs)
    return features


def _as_tensor(part):
    is_tensor = tf.is_tensor(part) or isinstance(part, tf.RaggedTensor)
    return part if is_tensor else tf.convert_to_tensor(part)


def _warn_of_repetition():
    tf1.logging.warning(
        "input_fn has returned tensors, with neither a tf.data.Dataset nor a "
        "QueueRunner behind them: predict yields forever. Return a Dataset, or stop "
        "taking predictions."
    )


def select(predictions, predict_keys):
    """The predictions that `predict_keys` (list, or a single name) asks for."""
    if not predict_keys:
        return predictions
    if not isinstance(predictions, dict):
        raise ValueError(
            "predict_keys argument is not valid in case of non-dict predictions."
        )
    chosen = {key: v for key, v in predictions.items() if key in predict_keys}
    if not chosen:
        raise ValueError(
            f"Expected to run at least one output from {list(predictions)}, "
            f"provided {predict_keys}."
        )
    return chosen


def examples(batch):
    """Yields a batch of predictions one example at a time."""
    if not isinstance(batch, dict):
        yield from batch
        return
    lengths = {key: np.shape(value)[0] for key, value in batch.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "Batch length of predictions should be same, given: "
            f"{lengths}. Use yield_single_examples=False or predict_keys."
        )
    for index in range(next(iter(lengths.values()), 0)):
        yield {key: value[index] for key, value in batch.items()}
