"""Batches of elements that belong together, by queues."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

_CLOSED = (tf.errors.OutOfRangeError, tf.errors.CancelledError)


def bucket(
    tensors: Any,
    which_bucket: tf.Tensor,
    batch_size: int | Sequence[int],
    num_buckets: int,
    num_threads: int = 1,
    capacity: int = 32,
    bucket_capacities: Sequence[int] | None = None,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    keep_input: bool | tf.Tensor = True,
    shared_name: str | None = None,
    name: str | None = None,
) -> tuple[tf.Tensor, Any]:
    """Returns a bucket, an int32 scalar, and a batch of elements that are all of it.

    Queue runners fill it; start them as for tf.train.batch.

    Args:
      tensors: list or dict of the tensors of one element.
      which_bucket: its bucket, an int32 scalar below num_buckets.
      batch_size: of all buckets, or a list.
      num_buckets: how many there are, 2 or more.
      num_threads: that read elements.
      capacity: of the queue of batches, and of each bucket.
      bucket_capacities: of the buckets.
      shapes: of the tensors; None: those that they have.
      dynamic_pad: whether to pad a batch with zeros up to its largest element.
      allow_smaller_final_batch: whether what is left at the end is a batch, too.
      keep_input: whether to take this element; a bool scalar.
      shared_name: of the queues, in other sessions.
      name: of the ops.

    Raises:
      ValueError: there is no tensor, or a list has another length than num_buckets.
    """
    with tf1.name_scope(name, "bucket", tf.nest.flatten(tensors)):
        flat = [tf.convert_to_tensor(each) for each in tf.nest.flatten(tensors)]
        if not flat:
            raise ValueError("Expected at least one tensor in tensors: give a list.")
        sizes = _per_bucket(batch_size, num_buckets, "batch_size")
        capacities = _per_bucket(
            bucket_capacities or capacity, num_buckets, "bucket_capacities"
        )
        element_shapes = _shapes(flat, shapes)
        queues = _queues(flat, element_shapes, capacities, dynamic_pad, shared_name)
        _fill(queues, flat, which_bucket, keep_input, num_threads)
        batch = _batched(
            queues, sizes, capacity, flat, allow_smaller_final_batch, shared_name
        )
        is_same = len(set(sizes)) == 1 and not allow_smaller_final_batch
        static = tf.TensorShape([sizes[0] if is_same else None])
        for tensor, shape in zip(batch[1:], element_shapes, strict=True):
            tensor.set_shape(static.concatenate(shape))
        return batch[0], tf.nest.pack_sequence_as(tensors, batch[1:])


def bucket_by_sequence_length(
    input_length: tf.Tensor,
    tensors: Any,
    batch_size: int | Sequence[int],
    bucket_boundaries: Sequence[int],
    num_threads: int = 1,
    capacity: int = 32,
    bucket_capacities: Sequence[int] | None = None,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    keep_input: bool | tf.Tensor = True,
    shared_name: str | None = None,
    name: str | None = None,
) -> tuple[tf.Tensor, Any]:
    """Returns the lengths, int32 [batch], and a batch of elements of similar length.

    Args:
      input_length: of this element, an int32 scalar.
      tensors: list or dict of the tensors of one element.
      batch_size: of all buckets, or a list: one more than boundaries.
      bucket_boundaries: ints, increasing; an element of that length belongs above.
      num_threads, capacity, bucket_capacities, shapes, dynamic_pad,
        allow_smaller_final_batch, keep_input, shared_name, name: as of `bucket`.

    Raises:
      ValueError, TypeError: boundaries are missing, no ints, or do not increase.
    """
    _check_boundaries(bucket_boundaries)
    flat = tf.nest.flatten(tensors)
    with tf1.name_scope(name, "bucket_by_sequence_length", [input_length, *flat]):
        length = tf.convert_to_tensor(input_length, tf.int32)
        boundaries = tf.constant(list(bucket_boundaries), tf.int32)
        which = tf.reduce_sum(tf.cast(length >= boundaries, tf.int32))
        shapes = None if shapes is None else [[], *shapes]
        _, found = bucket(
            [length, *flat],
            which,
            batch_size,
            len(bucket_boundaries) + 1,
            num_threads,
            capacity,
            bucket_capacities,
            shapes,
            dynamic_pad,
            allow_smaller_final_batch,
            keep_input,
            shared_name,
        )
        return found[0], tf.nest.pack_sequence_as(tensors, found[1:])


def _check_boundaries(boundaries: Sequence[int]) -> None:
    if not isinstance(boundaries, list | tuple):
        raise TypeError(
            f"bucket_boundaries must be a list or tuple, but received: {boundaries}"
        )
    if not boundaries:
        raise ValueError("bucket_boundaries must not be empty")
    for low, high in zip(boundaries, [*boundaries[1:], None], strict=True):
        if not isinstance(low, int):
            raise TypeError(f"bucket_boundaries must be ints, but saw: {low!r}")
        if high is not None and isinstance(high, int) and high <= low:
            raise ValueError(
                f"Buckets must contain sequential increasing lengths, but saw: {low} "
                f"before {high}"
            )


def _per_bucket(value: int | Sequence[int], count: int, name: str) -> list[int]:
    if isinstance(value, int):
        return [value for _ in range(count)]
    values = list(value)
    if len(values) != count:
        raise ValueError(
            f"{name} must have one value per bucket: there are {count} buckets, and "
            f"{len(values)} values."
        )
    return values


def _shapes(flat: list[tf.Tensor], shapes: Any) -> list[tf.TensorShape]:
    if shapes is None:
        return [each.shape for each in flat]
    return [tf.TensorShape(each) for each in shapes]


def _queues(
    flat: list[tf.Tensor],
    shapes: list[tf.TensorShape],
    capacities: list[int],
    pads: bool,
    shared_name: str | None,
) -> list[Any]:
    make = tf1.PaddingFIFOQueue if pads else tf1.FIFOQueue
    return [
        make(
            capacity,
            [each.dtype for each in flat],
            shapes=shapes,
            name=f"bucket_queue_{index}",
            shared_name=_shared(shared_name, index),
        )
        for index, capacity in enumerate(capacities)
    ]


def _shared(name: str | None, index: int | str) -> str | None:
    return None if name is None else f"{name}_{index}"


def _fill(
    queues: list[Any],
    flat: list[tf.Tensor],
    which: tf.Tensor,
    keep: bool | tf.Tensor,
    num_threads: int,
) -> None:
    """Has threads put elements into the queue of their bucket."""
    which = tf.convert_to_tensor(which, tf.int32, name="which_bucket")

    def put(queue: Any) -> Callable[[], tf.Tensor]:
        return lambda: _done(queue.enqueue(flat))

    choices = [(tf.equal(which, i), put(queue)) for i, queue in enumerate(queues)]
    message = [f"which_bucket is not below the {len(queues)} buckets:", which]
    known = tf1.Assert((which >= 0) & (which < len(queues)), message)
    with tf1.control_dependencies([known]):
        taken = tf1.cond(
            tf.convert_to_tensor(keep, tf.bool),
            lambda: tf1.case(choices, default=lambda: _done(tf.no_op())),
            lambda: _done(tf.no_op()),
        )
    closing = tf.group(*[queue.close() for queue in queues])
    tf1.train.add_queue_runner(
        tf1.train.QueueRunner(
            queues[0],
            [taken.op for _ in range(num_threads)],
            close_op=closing,
            queue_closed_exception_types=_CLOSED,
        )
    )


def _done(op: tf.Operation) -> tf.Tensor:
    with tf1.control_dependencies([op]):
        return tf.constant(True)


def _batched(
    queues: list[Any],
    sizes: list[int],
    capacity: int,
    flat: list[tf.Tensor],
    smaller: bool,
    shared_name: str | None,
) -> list[tf.Tensor]:
    """Returns the bucket and the tensors of the next batch."""
    whole = tf1.FIFOQueue(
        capacity,
        [tf.int32, *(each.dtype for each in flat)],
        name="top_queue",
        shared_name=_shared(shared_name, "top"),
    )
    moves = []
    for index, (queue, size) in enumerate(zip(queues, sizes, strict=True)):
        taken = queue.dequeue_up_to(size) if smaller else queue.dequeue_many(size)
        batch = taken if isinstance(taken, list | tuple) else [taken]
        moves.append(whole.enqueue([tf.constant(index), *batch]))
    tf1.train.add_queue_runner(
        tf1.train.QueueRunner(whole, moves, queue_closed_exception_types=_CLOSED)
    )
    found = whole.dequeue()
    found[0].set_shape([])
    return found
