"""Attention that only moves forward over the memory.

Raffel, Luong, Liu, Weiss and Eck, "Online and Linear-Time Attention by Enforcing
Monotonic Alignments", 2017.
"""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.seq2seq import mechanisms

tf1 = tf.compat.v1


def safe_cumprod(x: tf.Tensor, *args: Any, **kwargs: Any) -> tf.Tensor:
    """Returns tf.cumprod of x in [0, 1], by logarithms: no gradient is infinite."""
    with tf1.name_scope(None, "SafeCumprod", [x]):
        x = tf.convert_to_tensor(x)
        tiny = x.dtype.as_numpy_dtype(_TINY[x.dtype])
        return tf.exp(
            tf.cumsum(tf.math.log(tf.clip_by_value(x, tiny, 1)), *args, **kwargs)
        )


# The smallest normal numbers.
_TINY = {tf.float16: 6.104e-05, tf.float32: 1.17549435e-38, tf.float64: 2.3e-308}


def monotonic_attention(
    p_choose_i: tf.Tensor, previous_attention: tf.Tensor, mode: str
) -> tf.Tensor:
    """Returns the distribution over steps [batch, time] of an output step.

    Args:
      p_choose_i: probability that a step, when it is looked at, is chosen.
      previous_attention: the distribution of the output step before.
      mode: "recursive", exact and slow; "parallel", which loses accuracy where the
        probabilities are near 0 or 1; "hard", for probabilities that are 0 or 1.

    Raises:
      ValueError: another mode.
    """
    p = tf.convert_to_tensor(p_choose_i, name="p_choose_i")
    before = tf.convert_to_tensor(previous_attention, name="previous_attention")
    if mode == "recursive":
        return p * _arrivals(p, before)
    if mode == "parallel":
        passed = safe_cumprod(1 - p, axis=1, exclusive=True)
        return p * passed * tf.cumsum(before / tf.clip_by_value(passed, 1e-10, 1.0), 1)
    if mode == "hard":
        p = p * tf.cumsum(before, 1)
        return p * tf.math.cumprod(1 - p, 1, exclusive=True)
    raise ValueError(f"mode must be 'recursive', 'parallel', or 'hard', not {mode!r}.")


def _arrivals(p: tf.Tensor, before: tf.Tensor) -> tf.Tensor:
    """Returns the probability that each step is looked at."""
    passes = tf.concat([tf.ones_like(p[:, :1]), 1 - p[:, :-1]], 1)

    def arrive(so_far: tf.Tensor, step: tuple) -> tf.Tensor:
        share, first = step
        return share * so_far + first

    arrived = tf.scan(
        arrive,
        (tf.transpose(passes), tf.transpose(before)),
        initializer=tf.zeros_like(p[:, 0]),
    )
    return tf.transpose(arrived)


class _Choice:
    """How scores become alignments: by a sigmoid with noise, in one of the modes."""

    def __init__(self, mode: str, noise: float, seed: int | None) -> None:
        self._mode, self._noise, self._seed = mode, noise, seed

    def alignments(self, score: tf.Tensor, before: tf.Tensor) -> tf.Tensor:
        """Returns the distribution [batch, time] of scores of that shape."""
        if self._noise > 0:
            shape = tf.shape(score)
            normal = tf1.random_normal(shape, dtype=score.dtype, seed=self._seed)
            score += self._noise * normal
        hard = self._mode == "hard"
        p = tf.cast(score > 0, score.dtype) if hard else tf.sigmoid(score)
        return monotonic_attention(p, before, self._mode)


def _with_bias(score: tf.Tensor, start: float) -> tf.Tensor:
    first = tf1.constant_initializer(start)
    return score + tf1.get_variable(
        "attention_score_bias", [], dtype=score.dtype, initializer=first
    )


def _at_first_step(steps: Any, batch_size: Any, dtype: tf.DType) -> tf.Tensor:
    return tf.one_hot(tf.zeros([batch_size], tf.int32), steps, dtype=dtype)


class BahdanauMonotonicAttention(mechanisms.AttentionMechanism):
    """Monotonic attention with the scores of BahdanauAttention, and a bias.

    Args:
      num_units, memory, memory_sequence_length, normalize, dtype: as of
        BahdanauAttention.
      score_mask_value: score of steps without attention; None: minus infinity.
      sigmoid_noise: standard deviation of what is added to the scores.
      sigmoid_noise_seed: of the noise.
      score_bias_init: first value of the bias.
      mode: of `monotonic_attention`.
      custom_key_value_fn: not used.
      name: of the scope.
    """

    def __init__(
        self,
        num_units: int,
        memory: tf.Tensor,
        memory_sequence_length: tf.Tensor | None = None,
        normalize: bool = False,
        score_mask_value: float | None = None,
        sigmoid_noise: float = 0.0,
        sigmoid_noise_seed: int | None = None,
        score_bias_init: float = 0.0,
        mode: str = "parallel",
        dtype: tf.DType | None = None,
        custom_key_value_fn: None = None,
        name: str = "BahdanauMonotonicAttention",
    ) -> None:
        super().__init__(
            mechanisms.dense(num_units, "query_layer", dtype or tf.float32),
            num_units,
            memory,
            memory_sequence_length,
            None,
            score_mask_value,
            dtype,
            name,
        )
        self._normalizes, self._bias = normalize, score_bias_init
        self._choice = _Choice(mode, sigmoid_noise, sigmoid_noise_seed)

    def initial_alignments(self, batch_size: Any, dtype: tf.DType) -> tf.Tensor:
        """Returns [batch, time] with all attention at the first step."""
        return _at_first_step(self.alignments_size, batch_size, dtype)

    def _scope(self) -> str:
        return "bahdanau_monotonic_attention"

    def _score(self, query: tf.Tensor) -> tf.Tensor:
        score = mechanisms.additive_score(self.keys, query, self._normalizes)
        return _with_bias(score, self._bias)

    def _aligned(self, score: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        return self._choice.alignments(score, state)


class LuongMonotonicAttention(mechanisms.AttentionMechanism):
    """Monotonic attention with the scores of LuongAttention, and a bias.

    Args:
      num_units, memory, memory_sequence_length, scale, dtype: as of LuongAttention.
      score_mask_value: score of steps without attention; None: minus infinity.
      sigmoid_noise: standard deviation of what is added to the scores.
      sigmoid_noise_seed: of the noise.
      score_bias_init: first value of the bias.
      mode: of `monotonic_attention`.
      custom_key_value_fn: not used.
      name: of the scope.
    """

    def __init__(
        self,
        num_units: int,
        memory: tf.Tensor,
        memory_sequence_length: tf.Tensor | None = None,
        scale: bool = False,
        score_mask_value: float | None = None,
        sigmoid_noise: float = 0.0,
        sigmoid_noise_seed: int | None = None,
        score_bias_init: float = 0.0,
        mode: str = "parallel",
        dtype: tf.DType | None = None,
        custom_key_value_fn: None = None,
        name: str = "LuongMonotonicAttention",
    ) -> None:
        super().__init__(
            None,
            num_units,
            memory,
            memory_sequence_length,
            None,
            score_mask_value,
            dtype,
            name,
        )
        self._scales, self._bias = scale, score_bias_init
        self._choice = _Choice(mode, sigmoid_noise, sigmoid_noise_seed)

    def initial_alignments(self, batch_size: Any, dtype: tf.DType) -> tf.Tensor:
        """Returns [batch, time] with all attention at the first step."""
        return _at_first_step(self.alignments_size, batch_size, dtype)

    def _scope(self) -> str:
        return "luong_monotonic_attention"

    def _score(self, query: tf.Tensor) -> tf.Tensor:
        score = mechanisms.multiplicative_score(self.keys, query, self._scales)
        return _with_bias(score, self._bias)

    def _aligned(self, score: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        return self._choice.alignments(score, state)


def hardmax(logits: tf.Tensor, name: str | None = None) -> tf.Tensor:
    """Returns 1 at the greatest of the last axis, 0 elsewhere."""
    with tf1.name_scope(name, "Hardmax", [logits]):
        logits = tf.convert_to_tensor(logits)
        return tf.one_hot(
            tf.argmax(logits, -1), tf.shape(logits)[-1], dtype=logits.dtype
        )
