"""Decoders, and the loop that runs them."""

import abc
import contextlib
from typing import Any, NamedTuple, Protocol, runtime_checkable

import tensorflow as tf

tf1 = tf.compat.v1


class Decoder(abc.ABC):
    """Base of decoders, for programs that write their own."""

    @property
    @abc.abstractmethod
    def batch_size(self) -> Any:
        """The batch size."""

    @property
    @abc.abstractmethod
    def output_size(self) -> Any:
        """The sizes of the outputs of an element."""

    @property
    @abc.abstractmethod
    def output_dtype(self) -> Any:
        """The types of the outputs."""

    @property
    def tracks_own_finished(self) -> bool:
        """Whether a step may say that what was finished is not."""
        return False

    @abc.abstractmethod
    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any, Any]:
        """Returns which elements are finished, the first inputs, and the state."""

    @abc.abstractmethod
    def step(
        self, time: tf.Tensor, inputs: Any, state: Any, name: str | None = None
    ) -> tuple[Any, Any, Any, tf.Tensor]:
        """Returns outputs, state, next inputs and which elements are finished."""

    def finalize(
        self, outputs: Any, final_state: Any, sequence_lengths: tf.Tensor
    ) -> tuple[Any, Any]:
        """Returns the final outputs and state; raises NotImplementedError: as given."""
        raise NotImplementedError


class BasicDecoderOutput(NamedTuple):
    """Outputs, or logits, and what was sampled of them."""

    rnn_output: Any
    sample_id: Any


class BasicDecoder(Decoder):
    """A cell, a helper that gives it inputs, and a layer for its outputs.

    Args:
      cell: of tf.nn.rnn_cell.
      helper: Helper.
      initial_state: of the cell.
      output_layer: layer of tf.layers, applied before sampling.
    """

    def __init__(
        self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None
    ) -> None:
        self._cell, self._helper = cell, helper
        self._initial_state, self._output_layer = initial_state, output_layer

    @property
    def batch_size(self) -> Any:
        """The helper's batch size."""
        return self._helper.batch_size

    @property
    def output_size(self) -> BasicDecoderOutput:
        """The sizes of the outputs of an element."""
        size = output_size(self._cell, self._output_layer)
        return BasicDecoderOutput(size, self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> BasicDecoderOutput:
        """The types of the outputs."""
        dtype = tf.nest.flatten(self._initial_state)[0].dtype
        return BasicDecoderOutput(dtype, self._helper.sample_ids_dtype)

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any, Any]:
        """Returns which elements are finished, the first inputs, and the state."""
        del name
        return (*self._helper.initialize(), self._initial_state)

    def step(
        self, time: tf.Tensor, inputs: Any, state: Any, name: str | None = None
    ) -> tuple[Any, Any, Any, tf.Tensor]:
        """Returns outputs, state, next inputs and which elements are finished."""
        with tf1.name_scope(name, "BasicDecoderStep", [time]):
            found, state = self._cell(inputs, state)
            if self._output_layer is not None:
                found = self._output_layer(found)
            ids = self._helper.sample(time=time, outputs=found, state=state)
            finished, inputs, state = self._helper.next_inputs(
                time=time, outputs=found, state=state, sample_ids=ids
            )
        return BasicDecoderOutput(found, ids), state, inputs, finished


def output_size(cell: Any, layer: Any) -> tf.TensorShape:
    """Returns the shape of an output of a cell and then a layer, where there is one."""
    shape = tf.TensorShape([None]).concatenate(cell.output_size)
    return (shape if layer is None else layer.compute_output_shape(shape))[1:]


@runtime_checkable
class _WithLengths(Protocol):
    """A state that knows the lengths, as that of beams, which are exchanged."""

    lengths: tf.Tensor


class _Loop(NamedTuple):
    """What the loop carries."""

    time: tf.Tensor
    outputs: Any
    state: Any
    inputs: Any
    finished: tf.Tensor
    lengths: tf.Tensor


def dynamic_decode(
    decoder: Any,
    output_time_major: bool = False,
    impute_finished: bool = False,
    maximum_iterations: int | tf.Tensor | None = None,
    parallel_iterations: int = 32,
    swap_memory: bool = False,
    scope: Any = None,
    **kwargs: Any,
) -> tuple[Any, Any, tf.Tensor]:
    """Returns the outputs of all steps, the final state, and lengths, int32 [batch].

    Args:
      decoder: Decoder.
      output_time_major: whether outputs are [time, batch, ...].
      impute_finished: whether a finished element keeps its state and outputs zeros.
      maximum_iterations: steps after which all are finished; None: no bound.
      parallel_iterations: of tf.while_loop.
      swap_memory: of tf.while_loop.
      scope: of variables, "decoder".
      **kwargs: for the decoder's `initialize` and `step`.

    Raises:
      ValueError: the maximum is no scalar.
    """
    with tf1.variable_scope(scope, "decoder"):
        run = _Run(decoder, _bound(maximum_iterations), impute_finished, kwargs)
        last = _Loop(
            *tf1.while_loop(
                lambda *now: tf.logical_not(tf.reduce_all(_Loop(*now).finished)),
                lambda *now: tuple(run.step(_Loop(*now))),
                tuple(run.first()),
                parallel_iterations=parallel_iterations,
                swap_memory=swap_memory,
            )
        )
        outputs = tf.nest.map_structure(lambda each: each.stack(), last.outputs)
        state = last.state
        with contextlib.suppress(NotImplementedError):  # what there is is final
            outputs, state = decoder.finalize(outputs, state, last.lengths)
        if not output_time_major:
            outputs = tf.nest.map_structure(_swapped, outputs)
    return outputs, state, last.lengths


class _Run:
    """The steps of one loop."""

    def __init__(
        self, decoder: Any, bound: tf.Tensor, imputes: bool, options: dict[str, Any]
    ) -> None:
        self._decoder, self._bound = decoder, bound
        self._imputes, self._options = imputes, options
        self._start = decoder.initialize(**options)
        self._zeros = tf.nest.map_structure(
            lambda size, dtype: _zeros(decoder.batch_size, size, dtype),
            decoder.output_size,
            decoder.output_dtype,
        )

    def first(self) -> _Loop:
        """Returns what the loop begins with."""
        finished, inputs, state = self._start
        finished = tf.logical_or(finished, tf.greater_equal(0, self._bound))
        arrays = tf.nest.map_structure(_array, self._zeros)
        lengths = tf.zeros_like(finished, tf.int32)
        return _Loop(tf.constant(0), arrays, state, inputs, finished, lengths)

    def step(self, now: _Loop) -> _Loop:
        """Returns what the loop carries after a step of the decoder."""
        made, state, inputs, ended = self._decoder.step(
            now.time, now.inputs, now.state, **self._options
        )
        tf.nest.assert_same_structure(made, self._zeros)
        if not self._decoder.tracks_own_finished:
            ended = tf.logical_or(ended, now.finished)
        if self._imputes:
            made = _where(now.finished, self._zeros, made)
            state = _where(now.finished, now.state, state)
        outputs = tf.nest.map_structure(
            lambda array, each: array.write(now.time, each), now.outputs, made
        )
        time = now.time + 1
        so_far = tf.fill(tf.shape(now.lengths), time)
        lengths = tf1.where(now.finished, now.lengths, so_far)
        if self._decoder.tracks_own_finished and isinstance(state, _WithLengths):
            lengths = tf.cast(state.lengths, tf.int32)
        ended = tf.logical_or(ended, tf.greater_equal(time, self._bound))
        return _Loop(time, outputs, state, inputs, ended, lengths)


def _bound(maximum_iterations: Any) -> tf.Tensor:
    if maximum_iterations is None:
        return tf.constant(tf.int32.max)
    bound = tf.convert_to_tensor(maximum_iterations, tf.int32)
    if bound.shape.ndims != 0:
        raise ValueError(f"maximum_iterations must be a scalar, not {bound.shape}")
    return bound


def _zeros(batch_size: Any, size: Any, dtype: tf.DType) -> tf.Tensor:
    size = tf.TensorShape(size).as_list()
    zeros = tf.zeros(tf.concat([[batch_size], tf.constant(size, tf.int32)], 0), dtype)
    batch = tf.get_static_value(tf.convert_to_tensor(batch_size))
    return tf.ensure_shape(zeros, [None if batch is None else int(batch), *size])


def _array(zeros: tf.Tensor) -> tf.TensorArray:
    return tf.TensorArray(zeros.dtype, 0, dynamic_size=True, element_shape=zeros.shape)


def _where(finished: tf.Tensor, old: Any, new: Any) -> Any:
    """Returns the old values of finished elements; what has no batch is new."""

    def chosen(was: Any, became: Any) -> Any:
        if isinstance(was, tf.TensorArray) or became.shape.rank == 0:
            return became
        found = tf1.where(finished, was, became)
        found.set_shape(was.shape)
        return found

    return tf.nest.map_structure(chosen, old, new)


def _swapped(steps: Any) -> Any:
    if isinstance(steps, tf.TensorArray):
        return steps
    return tf.transpose(steps, [1, 0, *range(2, steps.shape.rank)])
