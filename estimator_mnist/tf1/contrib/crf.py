"""tf.contrib.crf: linear-chain conditional random fields.

Lafferty, McCallum and Pereira, "Conditional Random Fields", 2001. Scores are [batch,
time, n] for n tags, lengths [batch], and transitions [n, n] from a tag to the next.
"""

import numpy as np
import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

__all__ = [
    "crf_binary_score",
    "crf_decode",
    "crf_log_likelihood",
    "crf_log_norm",
    "crf_multitag_sequence_score",
    "crf_sequence_score",
    "crf_unary_score",
    "viterbi_decode",
]


def crf_log_likelihood(
    inputs: tf.Tensor,
    tag_indices: tf.Tensor,
    sequence_lengths: tf.Tensor,
    transition_params: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the log-likelihood of tags [batch], and the transitions.

    Args:
      inputs: scores.
      tag_indices: int [batch, time].
      sequence_lengths: lengths.
      transition_params: None: the variable `transitions`, which is made.
    """
    n = inputs.shape.as_list()[2]
    if transition_params is None:
        transition_params = tf1.get_variable("transitions", [n, n])
    score = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return score - crf_log_norm(inputs, sequence_lengths, transition_params), (
        transition_params
    )


def crf_sequence_score(
    inputs: tf.Tensor,
    tag_indices: tf.Tensor,
    sequence_lengths: tf.Tensor,
    transition_params: tf.Tensor,
) -> tf.Tensor:
    """Returns the score of tags [batch, time]: [batch]."""
    unary = crf_unary_score(tag_indices, sequence_lengths, inputs)
    return unary + crf_binary_score(tag_indices, sequence_lengths, transition_params)


def crf_unary_score(
    tag_indices: tf.Tensor, sequence_lengths: tf.Tensor, inputs: tf.Tensor
) -> tf.Tensor:
    """Returns the sum of the scores of tags: [batch]."""
    inputs = tf.convert_to_tensor(inputs)
    scores = tf.gather(inputs, tag_indices, axis=2, batch_dims=2)
    mask = tf.sequence_mask(sequence_lengths, tf.shape(inputs)[1], scores.dtype)
    return tf.reduce_sum(scores * mask, 1)


def crf_binary_score(
    tag_indices: tf.Tensor, sequence_lengths: tf.Tensor, transition_params: tf.Tensor
) -> tf.Tensor:
    """Returns the sum of the transitions between tags: [batch]."""
    tags = tf.convert_to_tensor(tag_indices)
    pairs = tf.stack([tags[:, :-1], tags[:, 1:]], 2)
    scores = tf.gather_nd(transition_params, pairs)
    more = tf.maximum(tf.cast(sequence_lengths, tf.int32) - 1, 0)
    mask = tf.sequence_mask(more, tf.shape(tags)[1] - 1, scores.dtype)
    return tf.reduce_sum(scores * mask, 1)


def crf_log_norm(
    inputs: tf.Tensor, sequence_lengths: tf.Tensor, transition_params: tf.Tensor
) -> tf.Tensor:
    """Returns the logarithm of the sum over all sequences of tags: [batch]."""
    inputs, lengths = tf.convert_to_tensor(inputs), tf.cast(sequence_lengths, tf.int32)
    last = tf.reduce_logsumexp(_alphas(inputs, lengths, transition_params)[-1], 1)
    return tf.where(tf.less_equal(lengths, 0), tf.zeros_like(last), last)


def crf_multitag_sequence_score(
    inputs: tf.Tensor,
    tag_bitmap: tf.Tensor,
    sequence_lengths: tf.Tensor,
    transition_params: tf.Tensor,
) -> tf.Tensor:
    """Returns `crf_log_norm` over the tags that bool [batch, time, n] allows."""
    inputs = tf.convert_to_tensor(inputs)
    never = tf.fill(tf.shape(inputs), tf.constant(-np.inf, inputs.dtype))
    allowed = tf.where(tag_bitmap, inputs, never)
    return crf_log_norm(allowed, sequence_lengths, transition_params)


def crf_decode(
    potentials: tf.Tensor, transition_params: tf.Tensor, sequence_length: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the best tags, int32 [batch, time], 0 after the end, and their score."""
    potentials = tf.convert_to_tensor(potentials)
    lengths = tf.cast(sequence_length, tf.int32)
    steps, numbers = _steps(potentials)

    def forward(carried: tuple[tf.Tensor, tf.Tensor], step: tuple) -> tuple:
        scores, _ = carried
        each = scores[:, :, None] + transition_params
        best = tf.reduce_max(each, 1) + step[0]
        back = tf.argmax(each, 1, tf.int32)
        goes_on = (step[1] < lengths)[:, None]
        same = tf.zeros_like(back) + tf.range(tf.shape(back)[1])
        return tf.where(goes_on, best, scores), tf.where(goes_on, back, same)

    first = potentials[:, 0]
    n = tf.shape(first)[1]
    nothing = tf.zeros_like(first, tf.int32) + tf.range(n)
    scores, backs = tf.scan(forward, (steps, numbers), (first, nothing))
    scores = tf.concat([first[None], scores], 0)[-1]
    last = tf.argmax(scores, 1, tf.int32)

    def backward(tag: tf.Tensor, back: tf.Tensor) -> tf.Tensor:
        return tf.gather(back, tag, axis=1, batch_dims=1)

    earlier = tf.scan(backward, backs, last, reverse=True)
    tags = tf.transpose(tf.concat([earlier, last[None]], 0))
    mask = tf.sequence_mask(lengths, tf.shape(tags)[1], tags.dtype)
    return tags * mask, tf.reduce_max(scores, 1)


def viterbi_decode(
    score: np.ndarray, transition_params: np.ndarray
) -> tuple[list[int], float]:
    """Returns the best tags of one sequence, score [time, n], and its score."""
    best, backs = np.asarray(score[0], float), []
    for row in score[1:]:
        each = best[:, None] + transition_params
        backs.append(each.argmax(0))
        best = row + each.max(0)
    tags = [int(best.argmax())]
    for back in reversed(backs):
        tags.append(int(back[tags[-1]]))
    return tags[::-1], best.max()


def _alphas(
    inputs: tf.Tensor, lengths: tf.Tensor, transition_params: tf.Tensor
) -> tf.Tensor:
    """Returns the forward scores [time, batch, n]; after the end they stay."""
    steps, numbers = _steps(inputs)

    def forward(alpha: tf.Tensor, step: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        new = tf.reduce_logsumexp(alpha[:, :, None] + transition_params, 1) + step[0]
        return tf.where((step[1] < lengths)[:, None], new, alpha)

    first = inputs[:, 0]
    return tf.concat([first[None], tf.scan(forward, (steps, numbers), first)], 0)


def _steps(inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the scores from the second step on, [time - 1, batch, n], numbered."""
    steps = tf.transpose(inputs[:, 1:], [1, 0, 2])
    return steps, tf.range(1, tf.shape(inputs)[1])


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.crf")
