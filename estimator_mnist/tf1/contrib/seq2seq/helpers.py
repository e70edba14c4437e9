"""Helpers of decoders: what is taken of the outputs, and what comes next."""

import abc
from collections.abc import Callable
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

Next = tuple[tf.Tensor, Any, Any]


class Helper(abc.ABC):
    """Base of helpers, for programs that write their own."""

    @property
    @abc.abstractmethod
    def batch_size(self) -> tf.Tensor:
        """The batch size, an int32 scalar."""

    @property
    def sample_ids_shape(self) -> tf.TensorShape:
        """The shape of the sample of an element."""
        return tf.TensorShape([])

    @property
    def sample_ids_dtype(self) -> tf.DType:
        """The type of samples."""
        return tf.int32

    @abc.abstractmethod
    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns which elements are finished, bool [batch], and the first inputs."""

    @abc.abstractmethod
    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any, name: str | None = None
    ) -> tf.Tensor:
        """Returns samples of the outputs."""

    @abc.abstractmethod
    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor,
        name: str | None = None,
    ) -> Next:
        """Returns which elements are finished, the next inputs, and the state."""


class CustomHelper(Helper):
    """A helper of three functions, with the arguments of the methods."""

    def __init__(
        self,
        initialize_fn: Callable[[], tuple[tf.Tensor, Any]],
        sample_fn: Callable[..., tf.Tensor],
        next_inputs_fn: Callable[..., Next],
        sample_ids_shape: tf.TensorShape | None = None,
        sample_ids_dtype: tf.DType | None = None,
    ) -> None:
        self._functions = (initialize_fn, sample_fn, next_inputs_fn)
        self._shape = tf.TensorShape(sample_ids_shape or [])
        self._dtype = sample_ids_dtype or tf.int32
        self._finished: list[tf.Tensor] = []

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size, known when `initialize` has been called."""
        if not self._finished:
            raise ValueError("batch_size accessed before initialize was called")
        return tf.size(self._finished[0])

    @property
    def sample_ids_shape(self) -> tf.TensorShape:
        """The shape of the sample of an element."""
        return self._shape

    @property
    def sample_ids_dtype(self) -> tf.DType:
        """The type of samples."""
        return self._dtype

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns what the first function returns."""
        with tf1.name_scope(name, "CustomHelperInitialize"):
            finished, inputs = self._functions[0]()
        self._finished[:] = [finished]
        return finished, inputs

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any, name: str | None = None
    ) -> tf.Tensor:
        """Returns what the second function returns."""
        with tf1.name_scope(name, "CustomHelperSample"):
            return self._functions[1](time=time, outputs=outputs, state=state)

    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor,
        name: str | None = None,
    ) -> Next:
        """Returns what the third function returns."""
        with tf1.name_scope(name, "CustomHelperNextInputs"):
            return self._functions[2](
                time=time, outputs=outputs, state=state, sample_ids=sample_ids
            )


class TrainingHelper(Helper):
    """Reads the inputs that are to follow, whatever is sampled.

    Args:
      inputs: structure of [batch, time, ...].
      sequence_length: int [batch].
      time_major: whether inputs are [time, batch, ...].
      name: of the scope.

    Raises:
      ValueError: the lengths are no vector.
    """

    def __init__(
        self,
        inputs: Any,
        sequence_length: tf.Tensor,
        time_major: bool = False,
        name: str | None = None,
    ) -> None:
        with tf1.name_scope(name, "TrainingHelper", [inputs, sequence_length]):
            self._inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
            self._length = tf.convert_to_tensor(sequence_length, name="sequence_length")
            if self._length.shape.ndims != 1:
                raise ValueError(
                    "Expected sequence_length to be a vector, but received shape: "
                    f"{self._length.shape}. Give one length per sequence."
                )
            steps = self._inputs if time_major else swapped(self._inputs)
            self._steps = tf.nest.map_structure(array_of, steps)
            self._zeros = tf.nest.map_structure(lambda x: tf.zeros_like(x[0]), steps)

    @property
    def inputs(self) -> Any:
        """The inputs."""
        return self._inputs

    @property
    def sequence_length(self) -> tf.Tensor:
        """The lengths."""
        return self._length

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size."""
        return tf.size(self._length)

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns the sequences of length 0, and the first step of the inputs."""
        with tf1.name_scope(name, "TrainingHelperInitialize"):
            finished = tf.equal(self._length, 0)
            return finished, self._read(finished, tf.constant(0))

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any = None, name: str | None = None
    ) -> tf.Tensor:
        """Returns the index of the greatest output, int32 [batch]."""
        del time, state
        with tf1.name_scope(name, "TrainingHelperSample", [outputs]):
            return tf.argmax(outputs, -1, tf.int32)

    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor | None = None,
        name: str | None = None,
    ) -> Next:
        """Returns the sequences that end, the next step of the inputs, and the state.

        When all have ended, the inputs are zeros.
        """
        del outputs, sample_ids
        with tf1.name_scope(name, "TrainingHelperNextInputs", [time]):
            finished = tf.greater_equal(time + 1, tf.cast(self._length, time.dtype))
            return finished, self._read(finished, time + 1), state

    def _read(self, finished: tf.Tensor, time: tf.Tensor) -> Any:
        return tf1.cond(
            tf.reduce_all(finished),
            lambda: self._zeros,
            lambda: tf.nest.map_structure(lambda each: each.read(time), self._steps),
        )


class GreedyEmbeddingHelper(Helper):
    """Embeds the index of the greatest output as the next input.

    Args:
      embedding: function of ids, or the rows of an embedding.
      start_tokens: int32 [batch].
      end_token: int32 scalar that finishes a sequence.

    Raises:
      ValueError: the tokens have another rank.
    """

    def __init__(
        self, embedding: Any, start_tokens: tf.Tensor, end_token: int | tf.Tensor
    ) -> None:
        self._embed = embedding_function(embedding)
        self._start, self._end = tokens(start_tokens, end_token)
        self._first = self._embed(self._start)

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size."""
        return tf.size(self._start)

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns that nothing is finished, and the embedded start tokens."""
        del name
        return tf.zeros_like(self._start, tf.bool), self._first

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any = None, name: str | None = None
    ) -> tf.Tensor:
        """Returns the index of the greatest output, int32 [batch]."""
        del time, state, name
        return tf.argmax(outputs, -1, tf.int32)

    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor,
        name: str | None = None,
    ) -> Next:
        """Returns the sequences that end, the embedded samples, and the state."""
        del time, outputs, name
        finished = tf.equal(sample_ids, self._end)
        inputs = tf1.cond(
            tf.reduce_all(finished),
            lambda: self._first,
            lambda: self._embed(sample_ids),
        )
        return finished, inputs, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """Draws the next id from the softmax of the outputs.

    Args:
      embedding: function of ids, or the rows of an embedding.
      start_tokens: int32 [batch].
      end_token: int32 scalar that finishes a sequence.
      softmax_temperature: divides the outputs; None: 1.
      seed: of the draws.
    """

    def __init__(
        self,
        embedding: Any,
        start_tokens: tf.Tensor,
        end_token: int | tf.Tensor,
        softmax_temperature: float | tf.Tensor | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._temperature, self._seed = softmax_temperature, seed

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any = None, name: str | None = None
    ) -> tf.Tensor:
        """Returns ids drawn from the softmax, int32 [batch]."""
        del time, state, name
        logits = outputs if self._temperature is None else outputs / self._temperature
        drawn = tf.random.categorical(logits, 1, dtype=tf.int32, seed=self._seed)
        return tf.reshape(drawn, [-1])


def embedding_function(embedding: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns a function of ids: the embedding, or the look-up in its rows."""
    if callable(embedding):
        return embedding
    return lambda ids: tf1.nn.embedding_lookup(embedding, ids)


def tokens(
    start_tokens: tf.Tensor, end_token: int | tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns both as int32 tensors; raises ValueError where their rank is another."""
    start = tf.convert_to_tensor(start_tokens, tf.int32, name="start_tokens")
    end = tf.convert_to_tensor(end_token, tf.int32, name="end_token")
    if start.shape.ndims != 1:
        raise ValueError(
            f"start_tokens must be a vector: one per sequence, not {start}"
        )
    if end.shape.ndims != 0:
        raise ValueError(f"end_token must be a scalar, not {end}")
    return start, end


def swapped(structure: Any) -> Any:
    """Returns tensors [time, batch, ...] of [batch, time, ...], or the reverse."""

    def turned(tensor: tf.Tensor) -> tf.Tensor:
        return tf.transpose(tensor, [1, 0, *range(2, tensor.shape.rank)])

    return tf.nest.map_structure(turned, structure)


def array_of(steps: tf.Tensor) -> tf.TensorArray:
    array = tf.TensorArray(
        steps.dtype, tf.shape(steps)[0], element_shape=steps.shape[1:]
    )
    return array.unstack(steps)
