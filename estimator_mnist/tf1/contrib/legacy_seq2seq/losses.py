"""Losses of sequences that are lists of steps, and models of several lengths."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1
Tensors = Sequence[tf.Tensor]
Loss = Callable[..., tf.Tensor] | None

_ALMOST_ZERO = 1e-12  # a sequence without weights has loss 0


def sequence_loss_by_example(
    logits: Tensors,
    targets: Tensors,
    weights: Tensors,
    average_across_timesteps: bool = True,
    softmax_loss_function: Loss = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns the weighted cross entropy of each sequence, [batch].

    Args:
      logits: list of [batch, classes].
      targets: list of int [batch].
      weights: list of [batch].
      average_across_timesteps: whether to divide by the sum of the weights.
      softmax_loss_function: of `labels` and `logits`; None: the sparse softmax's.
      name: of the scope.

    Raises:
      ValueError: the lists have other lengths.
    """
    if not len(logits) == len(targets) == len(weights):
        raise ValueError(
            "Lengths of logits, weights, and targets must be the same "
            f"{len(logits)}, {len(weights)}, {len(targets)}."
        )
    loss = softmax_loss_function or tf1.nn.sparse_softmax_cross_entropy_with_logits
    with tf1.name_scope(name, "sequence_loss_by_example"):
        losses = [
            loss(labels=target, logits=logit) * weight
            for logit, target, weight in zip(logits, targets, weights, strict=True)
        ]
        total = tf.add_n(losses)
        if average_across_timesteps:
            total /= tf.add_n(list(weights)) + _ALMOST_ZERO
    return total


def sequence_loss(
    logits: Tensors,
    targets: Tensors,
    weights: Tensors,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Loss = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns the sum, or mean, of `sequence_loss_by_example` over the batch."""
    with tf1.name_scope(name, "sequence_loss"):
        each = sequence_loss_by_example(
            logits, targets, weights, average_across_timesteps, softmax_loss_function
        )
        return tf.reduce_mean(each) if average_across_batch else tf.reduce_sum(each)


def model_with_buckets(
    encoder_inputs: Tensors,
    decoder_inputs: Tensors,
    targets: Tensors,
    weights: Tensors,
    buckets: Sequence[tuple[int, int]],
    seq2seq: Callable[[Tensors, Tensors], tuple[Tensors, Any]],
    softmax_loss_function: Loss = None,
    per_example_loss: bool = False,
    name: str | None = None,
) -> tuple[list[Tensors], list[tf.Tensor]]:
    """Returns outputs and losses of a model for each pair of lengths.

    Args:
      encoder_inputs: list of the longest length.
      decoder_inputs: list of the longest length.
      targets: list as long.
      weights: list as long.
      buckets: lengths of encoder and decoder, from short to long.
      seq2seq: of the inputs; returns outputs and state. Its variables are shared.
      softmax_loss_function: as of `sequence_loss`.
      per_example_loss: whether losses are [batch].
      name: of the scope.

    Raises:
      ValueError: a list is shorter than the last bucket.
    """
    given = {
        "encoder_inputs": (encoder_inputs, buckets[-1][0]),
        "targets": (targets, buckets[-1][1]),
        "weights": (weights, buckets[-1][1]),
    }
    for what, (steps, needed) in given.items():
        if len(steps) < needed:
            raise ValueError(
                f"Length of {what} ({len(steps)}) must be at least that of last "
                f"bucket ({needed})."
            )
    loss = sequence_loss_by_example if per_example_loss else sequence_loss
    all_outputs, losses = [], []
    with tf1.name_scope(name, "model_with_buckets"):
        for number, (length, wanted) in enumerate(buckets):
            reuse = True if number else None
            with tf1.variable_scope(tf1.get_variable_scope(), reuse=reuse):
                outputs, _ = seq2seq(encoder_inputs[:length], decoder_inputs[:wanted])
            all_outputs.append(outputs)
            losses.append(
                loss(
                    outputs,
                    targets[:wanted],
                    weights[:wanted],
                    softmax_loss_function=softmax_loss_function,
                )
            )
    return all_outputs, losses
