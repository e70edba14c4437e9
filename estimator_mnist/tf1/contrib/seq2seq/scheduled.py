"""Helpers that sometimes feed what was said, and the one of a program's functions.

Bengio, Vinyals, Jaitly and Shazeer, "Scheduled Sampling for Sequence Prediction with
Recurrent Neural Networks", 2015.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.seq2seq import helpers

tf1 = tf.compat.v1


class ScheduledEmbeddingTrainingHelper(helpers.Helper):
    """A TrainingHelper that now and then embeds a word drawn from the outputs instead.

    Its samples are the words drawn, -1 where none was.

    Args:
      inputs: [batch, time, ...].
      sequence_length: int [batch].
      embedding: function of ids, or the rows of an embedding.
      sampling_probability: of drawing a word, a scalar in [0, 1].
      time_major: whether inputs are [time, batch, ...].
      seed: of the words.
      scheduling_seed: of the choice whether to draw.
      name: of the scope.
    """

    def __init__(
        self,
        inputs: Any,
        sequence_length: tf.Tensor,
        embedding: Any,
        sampling_probability: float | tf.Tensor,
        time_major: bool = False,
        seed: int | None = None,
        scheduling_seed: int | None = None,
        name: str | None = None,
    ) -> None:
        self._embed = helpers.embedding_function(embedding)
        self._probability = _probability(sampling_probability)
        self._seeds = (seed, scheduling_seed)
        self._training = helpers.TrainingHelper(
            inputs, sequence_length, time_major, name
        )

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size."""
        return self._training.batch_size

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns the sequences of length 0, and the first step of the inputs."""
        return self._training.initialize(name)

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any = None, name: str | None = None
    ) -> tf.Tensor:
        """Returns ids drawn from the softmax, -1 for none, int32 [batch]."""
        del time, state
        with tf1.name_scope(name, "ScheduledEmbeddingTrainingHelperSample"):
            drawn = tf.random.categorical(
                outputs, 1, dtype=tf.int32, seed=self._seeds[0]
            )
            chosen = _drawn(self._probability, self.batch_size, self._seeds[1])
            return tf.where(chosen, tf.reshape(drawn, [-1]), -1)

    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor,
        name: str | None = None,
    ) -> helpers.Next:
        """Returns the sequences that end, inputs or embedded samples, and the state."""
        finished, inputs, state = self._training.next_inputs(time, outputs, state)

        def mixed() -> tf.Tensor:
            embedded = self._embed(tf.maximum(sample_ids, 0))
            return _where(sample_ids >= 0, embedded, inputs)

        with tf1.name_scope(name, "ScheduledEmbeddingTrainingHelperNextInputs"):
            over = tf.reduce_all(finished)
            return finished, tf1.cond(over, lambda: inputs, mixed), state


class ScheduledOutputTrainingHelper(helpers.Helper):
    """A TrainingHelper that now and then feeds the output instead.

    Its samples are 1 where the output is fed, else 0.

    Args:
      inputs: [batch, time, ...].
      sequence_length: int [batch].
      sampling_probability: of feeding the output, a scalar in [0, 1].
      time_major: whether inputs are [time, batch, ...].
      seed: of the choice.
      next_inputs_fn: makes an input of an output; None: the output itself.
      auxiliary_inputs: [batch, time, ...], appended to the inputs, and to what is fed
        instead.
      name: of the scope.
    """

    def __init__(
        self,
        inputs: Any,
        sequence_length: tf.Tensor,
        sampling_probability: float | tf.Tensor,
        time_major: bool = False,
        seed: int | None = None,
        next_inputs_fn: Callable[[Any], Any] | None = None,
        auxiliary_inputs: Any = None,
        name: str | None = None,
    ) -> None:
        self._probability = _probability(sampling_probability)
        self._seed, self._next_inputs_fn = seed, next_inputs_fn
        self._auxiliary = None
        if auxiliary_inputs is not None:
            inputs = tf.nest.map_structure(_joined, inputs, auxiliary_inputs)
            self._auxiliary = helpers.TrainingHelper(
                auxiliary_inputs, sequence_length, time_major
            )
        self._training = helpers.TrainingHelper(
            inputs, sequence_length, time_major, name
        )

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size."""
        return self._training.batch_size

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns the sequences of length 0, and the first step of the inputs."""
        return self._training.initialize(name)

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any = None, name: str | None = None
    ) -> tf.Tensor:
        """Returns for which elements the output is fed, int32 [batch]."""
        del time, outputs, state
        with tf1.name_scope(name, "ScheduledOutputTrainingHelperSample"):
            chosen = _drawn(self._probability, self.batch_size, self._seed)
            return tf.cast(chosen, tf.int32)

    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor,
        name: str | None = None,
    ) -> helpers.Next:
        """Returns the sequences that end, inputs or outputs, and the state."""
        finished, inputs, state = self._training.next_inputs(time, outputs, state)
        chosen = tf.cast(sample_ids, tf.bool)

        def mixed() -> Any:
            fed = self._next_inputs_fn(outputs) if self._next_inputs_fn else outputs
            if self._auxiliary is not None:
                more = self._auxiliary.next_inputs(time, outputs, state)[1]
                fed = tf.nest.map_structure(_joined, fed, more)
            return tf.nest.map_structure(
                lambda new, given: _where(chosen, new, given), fed, inputs
            )

        with tf1.name_scope(name, "ScheduledOutputTrainingHelperNextInputs"):
            none = tf.reduce_all(finished) | ~tf.reduce_any(chosen)
            return finished, tf1.cond(none, lambda: inputs, mixed), state


class InferenceHelper(helpers.Helper):
    """Decodes by functions of a program.

    Args:
      sample_fn: of outputs, returns samples.
      sample_shape: of the sample of an element, or its only size.
      sample_dtype: of samples.
      start_inputs: the first inputs [batch, ...].
      end_fn: of samples, returns which elements are finished, bool [batch].
      next_inputs_fn: of samples, returns the next inputs; None: the samples.
    """

    def __init__(
        self,
        sample_fn: Callable[[Any], tf.Tensor],
        sample_shape: Any,
        sample_dtype: tf.DType,
        start_inputs: tf.Tensor,
        end_fn: Callable[[tf.Tensor], tf.Tensor],
        next_inputs_fn: Callable[[tf.Tensor], Any] | None = None,
    ) -> None:
        self._sample_fn, self._end_fn = sample_fn, end_fn
        self._shape, self._dtype = tf.TensorShape(sample_shape), sample_dtype
        self._start = tf.convert_to_tensor(start_inputs, name="start_inputs")
        self._next_inputs_fn = next_inputs_fn

    @property
    def batch_size(self) -> tf.Tensor:
        """The batch size."""
        return tf.shape(self._start)[0]

    @property
    def sample_ids_shape(self) -> tf.TensorShape:
        """The shape of the sample of an element."""
        return self._shape

    @property
    def sample_ids_dtype(self) -> tf.DType:
        """The type of samples."""
        return self._dtype

    def initialize(self, name: str | None = None) -> tuple[tf.Tensor, Any]:
        """Returns that nothing is finished, and the first inputs."""
        del name
        return tf.fill([self.batch_size], False), self._start

    def sample(
        self, time: tf.Tensor, outputs: Any, state: Any, name: str | None = None
    ) -> tf.Tensor:
        """Returns the samples of the program's function."""
        del time, state, name
        return self._sample_fn(outputs)

    def next_inputs(
        self,
        time: tf.Tensor,
        outputs: Any,
        state: Any,
        sample_ids: tf.Tensor,
        name: str | None = None,
    ) -> helpers.Next:
        """Returns which elements are finished, the next inputs, and the state."""
        del time, outputs, name
        following = self._next_inputs_fn(sample_ids) if self._next_inputs_fn else None
        inputs = sample_ids if following is None else following
        return self._end_fn(sample_ids), inputs, state


def _probability(value: float | tf.Tensor) -> tf.Tensor:
    """Returns the probability; raises ValueError where it is no scalar."""
    probability = tf.convert_to_tensor(value, name="sampling_probability")
    if probability.shape.ndims not in (0, 1):
        raise ValueError(
            "sampling_probability must be either a scalar or a vector. saw shape: "
            f"{probability.shape}"
        )
    return probability


def _drawn(
    probability: tf.Tensor, batch_size: tf.Tensor, seed: int | None
) -> tf.Tensor:
    numbers = tf.random.uniform([batch_size], dtype=probability.dtype, seed=seed)
    return numbers < probability


def _joined(first: Any, second: Any) -> tf.Tensor:
    return tf.concat([first, second], -1)


def _where(chosen: tf.Tensor, new: tf.Tensor, given: tf.Tensor) -> tf.Tensor:
    """Returns the new rows of chosen elements [batch], else the given ones."""
    return tf.ensure_shape(tf1.where(chosen, new, given), given.shape)
