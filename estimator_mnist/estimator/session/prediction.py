"""Predicts as the original does, and keeps graph and session where that is certain."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.checkpoint.warm_start import WarmStartSettings
from estimator_mnist.estimator.inputs import ArrayInput
from estimator_mnist.estimator.python_state import UncertainError, Witness
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import certainty, model_graph, user_functions
from estimator_mnist.estimator.session.model_graph import InputGraph, ModelGraph
from estimator_mnist.estimator.session.user_functions import UserFunctions

tf1 = tf.compat.v1

_ENDING_OPS = {"IteratorGetNext", "IteratorGetNextSync"}


class Request(NamedTuple):
    """Holds what one call of Estimator.predict asks for.

    Attributes:
      checkpoint_path: None for initial values.
      fingerprint: paths.fingerprint of the checkpoint.
    """

    input_fn: Callable[..., Any]
    predict_keys: Sequence[str] | str | None
    hooks: Sequence
    checkpoint_path: str | None
    fingerprint: Hashable


class Stream(Protocol):
    """Gives the features of an input as numpy batches.

    Attributes:
      layout: certainty.layout of the features.
    """

    layout: tuple

    def batches(self) -> Generator[list, None, None]:
        """Yields lists of arrays, one per tensor, until the input ends."""


class ArrayStream:
    """Takes the features of numpy_input_fn, which need no graph to become batches."""

    def __init__(self, array_input: ArrayInput):
        specs, self._batches = array_input.arrays()
        self._specs, _ = user_functions.features_and_labels(specs)
        self.layout = certainty.layout(self._specs)

    def batches(self) -> Generator[list, None, None]:
        """Yields lists of arrays, one per feature, until the input ends."""
        features = len(tf.nest.flatten(self._specs))
        for arrays in self._batches:
            yield arrays[:features]


class DatasetStream:
    """Runs the Dataset in an input graph, in a session of its own."""

    def __init__(
        self, graph: tf.Graph, features: Any, hooks: Sequence, config: RunConfig
    ):
        """Takes the features and hooks that InputGraph.take returned."""
        self._graph, self._hooks = graph, hooks
        self._tensors = tf.nest.flatten(features)
        self.layout = certainty.layout(features)
        self._config = tf1.ConfigProto()
        self._config.CopyFrom(config.session_config)
        self._config.graph_options.rewrite_options.disable_meta_optimizer = True

    def batches(self) -> Generator[list, None, None]:
        """Yields lists of arrays, one per feature, until the input ends."""
        session = tf1.Session(graph=self._graph, config=self._config)
        # Not entered: it would be the default session of whoever takes the batches.
        with contextlib.closing(session):
            for hook in self._hooks:
                hook.after_create_session(session, None)
            fetch = session.make_callable(self._tensors)
            with contextlib.suppress(tf.errors.OutOfRangeError):
                while True:
                    yield fetch()


class KeptModel:
    """Holds a PREDICT graph in a session restored from one checkpoint.

    It is fed features: inputs have sessions of their own, so that calls of predict may
    take turns, and any of them may be closed.
    """

    def __init__(
        self,
        model: ModelGraph,
        features: Any,
        witness: Witness,
        config: RunConfig,
        request: Request,
    ):
        """Opens the session.

        Args:
          features: the tensors that model_fn was called with.
          witness: certainty.witness_of_model, taken before.
        """
        self._layout = certainty.layout(features)
        self._checkpoint = request.checkpoint_path, request.fingerprint
        self._witness = witness
        self._fed = tf.nest.flatten(features)
        with model.graph.as_default():
            # A session returns what is fed as it was given, strings as str.
            self._predictions = tf.nest.map_structure(
                tf.identity, model.spec.predictions
            )
        # The input's hooks are for the session that runs it.
        self._session = _open_session(
            dataclasses.replace(model, input_hooks=[]), config, request
        )

    def fits(self, request: Request) -> bool:
        """Returns whether model_fn would build the same graph, for this checkpoint."""
        checkpoint = request.checkpoint_path, request.fingerprint
        return checkpoint == self._checkpoint and self._witness.unchanged()

    def takes(self, layout: tuple) -> bool:
        """Returns whether model_fn could not tell such features from its own."""
        return layout == self._layout

    def run(self, stream: Stream, predict_keys: Any) -> Iterator[Any]:
        """Yields the predictions of each batch of `stream`."""
        fetches = select(self._predictions, predict_keys)
        with contextlib.closing(stream.batches()) as batches:
            for arrays in batches:
                if self._session.should_stop():
                    return
                fed = dict(zip(self._fed, arrays, strict=True))
                try:
                    batch = self._session.run(fetches, fed)
                except tf.errors.OutOfRangeError:
                    return  # the model itself has come to an end
                yield batch


class Predictor:
    """Predicts for one Estimator.

    Each call has a graph of its own with input and model, and a session. Only where
    `certainty` says that the result is the same is one model kept for the next calls.
    """

    def __init__(self, functions: UserFunctions, warm_start: WarmStartSettings | None):
        self._functions, self._warm_start = functions, warm_start
        self._config = functions.config
        self._kept: KeptModel | None = None

    def forget(self) -> None:
        """Drops the kept model, whose session holds a copy of all variables."""
        self._kept = None

    def batches(self, request: Request) -> Generator[Any, None, None]:
        """Yields batches of predictions."""
        kept = None if request.hooks else self._kept
        if kept and (arrays := _arrays_for(kept, request)):
            yield from kept.run(arrays, request.predict_keys)
            return
        input_graph = model_graph.build_input(self._functions, request.input_fn)
        if kept and (dataset := self._dataset_for(kept, request, input_graph)):
            yield from kept.run(dataset, request.predict_keys)
            return
        yield from self._build(request, input_graph)

    def _dataset_for(
        self, kept: KeptModel, request: Request, input_graph: InputGraph
    ) -> DatasetStream | None:
        """Returns the features for the kept model; None where they do not fit."""
        dataset = input_graph.result
        if not isinstance(dataset, tf.data.Dataset) or not kept.fits(request):
            return None
        features, _ = user_functions.features_and_labels(dataset.element_spec)
        with contextlib.suppress(UncertainError):
            certainty.check_input(request.input_fn, input_graph)
            if kept.takes(certainty.layout(features)):
                features, hooks = _quick_to_start(input_graph)
                return DatasetStream(input_graph.graph, features, hooks, self._config)
        return None

    def _build(self, request: Request, input_graph: InputGraph) -> Iterator[Any]:
        """Calls model_fn in the input's graph, and keeps the model where certain."""
        witness = certainty.witness_of_prediction(
            self._functions,
            request.input_fn,
            input_graph,
            request.hooks,
            request.checkpoint_path,
        )
        features, hooks = input_graph.take()
        _warn_if_endless(input_graph.graph, features)
        model = model_graph.add_model(self._functions, input_graph, features, hooks)
        model.warm_start(self._warm_start, request.checkpoint_path)
        select(model.spec.predictions, request.predict_keys)  # before a session opens
        if request.checkpoint_path:
            paths.check_exists(request.checkpoint_path)
        if witness and certainty.may_predict_again(model, features):
            kept = KeptModel(model, features, witness, self._config, request)
            self._kept = kept
            stream: Stream = DatasetStream(model.graph, features, hooks, self._config)
            if isinstance(request.input_fn, ArrayInput):
                stream = ArrayStream(request.input_fn)
            yield from kept.run(stream, request.predict_keys)
        else:
            yield from _run_once(model, self._config, request)


def _arrays_for(kept: KeptModel, request: Request) -> ArrayStream | None:
    """Returns the features of arrays for the kept model; None where they do not fit."""
    input_fn = request.input_fn
    if not certainty.is_arrays_in_order(input_fn) or not kept.fits(request):
        return None
    stream = ArrayStream(input_fn)
    return stream if kept.takes(stream.layout) else None


def _run_once(model: ModelGraph, config: RunConfig, request: Request) -> Iterator[Any]:
    """Yields batches of predictions from a graph that holds its input."""
    fetches = select(model.spec.predictions, request.predict_keys)
    session = _open_session(model, config, request)

    def end(*exception: Any) -> bool | None:
        with model.graph.as_default():
            return session.__exit__(*exception)

    with contextlib.ExitStack() as ending:
        ending.push(end)
        while not session.should_stop():
            # For hooks; not while somebody else has the batch, whose graph it is not.
            with model.graph.as_default():
                batch = session.run(fetches)
            yield batch


def _open_session(
    model: ModelGraph, config: RunConfig, request: Request
) -> tf.compat.v1.train.MonitoredSession:
    with model.graph.as_default():
        return model.open_session(
            config,
            request.checkpoint_path,
            [*request.hooks, *model.spec.prediction_hooks],
            master=config.evaluation_master,
        )


def _quick_to_start(input_graph: InputGraph) -> tuple[Any, list]:
    """Returns what InputGraph.take does, without what pays off in long runs only.

    A call may predict one example.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    with input_graph.graph.as_default():
        dataset = input_graph.result.with_options(options)
        specs = tf.nest.flatten(dataset.element_spec)
        if all(type(spec) is tf.TensorSpec for spec in specs):
            return _iterated(dataset, specs)
    return dataclasses.replace(input_graph, result=dataset).take()


def _iterated(dataset: tf.data.Dataset, specs: list) -> tuple[Any, list]:
    """Returns features, and hooks for their session, of a Dataset of tensors alone.

    Three ops are all that there is to an iterator: making them directly takes a third
    of the millisecond that tf.data's own functions take for any kind of element.

    Args:
      specs: the TensorSpecs of an element.
    """
    elements = {
        "output_types": [spec.dtype for spec in specs],
        "output_shapes": [spec.shape for spec in specs],
    }
    iterator = tf.raw_ops.IteratorV2(shared_name="", container="", **elements)
    variant = tf.data.experimental.to_variant(dataset)
    initializer = tf.raw_ops.MakeIterator(dataset=variant, iterator=iterator)
    tensors = tf.raw_ops.IteratorGetNext(iterator=iterator, **elements)
    batch = tf.nest.pack_sequence_as(dataset.element_spec, tensors)
    features, _ = user_functions.features_and_labels(batch)
    return features, [user_functions.InitializeIterator(initializer)]


def _warn_if_endless(graph: tf.Graph, features: Any) -> None:
    """Warns where nothing behind the features comes to an end."""
    parts = tf.nest.flatten(features, expand_composites=True)
    tensors = [part for part in parts if isinstance(part, tf.Tensor)]
    types = {op.type for op in certainty.ops_behind(tensors)}
    has_queue = graph.get_collection(tf1.GraphKeys.QUEUE_RUNNERS)
    if not types & _ENDING_OPS and not has_queue:
        tf1.logging.warning(
            "Input graph does not use tf.data.Dataset or contain a QueueRunner. That "
            "means predict yields forever. This is probably a mistake."
        )


def begun(batches: Generator[Any, None, None]) -> Generator[Any, None, None]:
    """Returns `batches` after the first has been made, which restores the model.

    Raises as making it does.
    """
    first = list(itertools.islice(batches, 1))

    def all_of_them() -> Generator[Any, None, None]:
        with contextlib.closing(batches):
            yield from first
            yield from batches

    return all_of_them()


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
            f"Expected to run at least one output from {predictions.keys()}, "
            f"provided {errors.sample(predict_keys)}."
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
