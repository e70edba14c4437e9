"""Batches in which classes have other shares than in the data."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

# What the estimated shares begin with, so that none is 0: elements of each class.
_SMOOTHING = 10


def rejection_sample(
    tensors: Sequence[tf.Tensor],
    accept_prob_fn: Callable[[list[tf.Tensor]], tf.Tensor],
    batch_size: int,
    queue_threads: int = 1,
    enqueue_many: bool = False,
    prebatch_capacity: int = 16,
    prebatch_threads: int = 1,
    runtime_checks: bool = False,
    name: str | None = None,
) -> list[tf.Tensor]:
    """Returns a batch of elements that are each taken with some probability.

    Queue runners fill it; start them as for tf.train.batch.

    Args:
      tensors: of one element, or, with `enqueue_many`, [n, ...].
      accept_prob_fn: of the tensors of one element, returns a probability, a scalar.
      batch_size: of the result.
      queue_threads: that fill it.
      enqueue_many: whether the tensors are of several elements.
      prebatch_capacity, prebatch_threads: of the queue that takes these apart.
      runtime_checks: whether to check that probabilities are in [0, 1].
      name: of the scope.
    """
    with tf1.name_scope(name, "rejection_sample", list(tensors)):
        element = [tf.convert_to_tensor(each) for each in tensors]
        if enqueue_many:
            # One at a time.
            apart = tf1.train.batch(
                element,
                1,
                num_threads=prebatch_threads,
                capacity=prebatch_capacity,
                enqueue_many=True,
            )
            apart = apart if isinstance(apart, list) else [apart]
            element = [tf.squeeze(each, [0]) for each in apart]
        probability = accept_prob_fn(element)
        if runtime_checks:
            in_bounds = (probability >= 0) & (probability <= 1)
            message = ["accept_prob_fn returned no probability:", probability]
            with tf1.control_dependencies([tf1.Assert(in_bounds, message)]):
                probability = tf.identity(probability)
        keep = tf.random.uniform([]) < tf.cast(probability, tf.float32)
        found = tf1.train.maybe_batch(element, keep, batch_size, queue_threads)
        return found if isinstance(found, list) else [found]


def stratified_sample(
    tensors: Sequence[tf.Tensor],
    labels: tf.Tensor,
    target_probs: Any,
    batch_size: int,
    init_probs: Any = None,
    enqueue_many: bool = False,
    queue_capacity: int = 16,
    threads_per_queue: int = 1,
    name: str | None = None,
) -> tuple[list[tf.Tensor], tf.Tensor]:
    """Returns a batch of data, and its labels, in which classes have these shares.

    Queue runners fill it; start them as for tf.train.batch.

    Args:
      tensors: of one element, or, with `enqueue_many`, [n, ...].
      labels: its class, an int32 scalar, or [n].
      target_probs: share of each class, [classes].
      batch_size: of the result.
      init_probs: shares in the data; None: they are counted as data comes.
      enqueue_many: whether the tensors are of several elements.
      queue_capacity: of the queues.
      threads_per_queue: that fill each.
      name: of the scope.

    Raises:
      ValueError: the two shares are of other numbers of classes.
    """
    with tf1.name_scope(name, "stratified_sample", [*tensors, labels]):
        wanted = tf.convert_to_tensor(target_probs, tf.float32, name="target_probs")
        label = tf.convert_to_tensor(labels, tf.int32, name="labels")
        if init_probs is None:
            shares = _counted(label, wanted.shape[0], enqueue_many)
        else:
            shares = tf.convert_to_tensor(init_probs, tf.float32, name="init_probs")
        if not shares.shape.is_compatible_with(wanted.shape):
            raise ValueError(
                f"init_probs have shape {shares.shape}, target_probs {wanted.shape}: "
                "give one share per class."
            )
        ratios = tf.math.divide_no_nan(wanted, shares)
        accepted = tf.math.divide_no_nan(ratios, tf.reduce_max(ratios))
        *data, label = rejection_sample(
            [*tensors, label],
            lambda element: tf.gather(accepted, element[-1]),
            batch_size,
            threads_per_queue,
            enqueue_many,
            queue_capacity,
        )
        return data, label


def _counted(label: tf.Tensor, classes: Any, enqueue_many: bool) -> tf.Tensor:
    """Returns the shares of the classes in the labels so far."""
    count = tf1.dimension_value(classes)
    counts = tf1.Variable(
        [_SMOOTHING for _ in range(count)],
        trainable=False,
        name="class_count",
        dtype=tf.int64,
    )
    seen = tf.reshape(label, [-1]) if enqueue_many else label[None]
    found = tf.reduce_sum(tf.one_hot(seen, count, dtype=tf.int64), 0)
    counted = tf.cast(tf1.assign_add(counts, found), tf.float32)
    return counted / tf.reduce_sum(counted)
