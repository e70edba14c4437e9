"""tf.contrib.training: batches by queues."""

import numpy as np

LENGTHS = np.array([1, 5, 2, 3, 6, 1, 4, 2, 7, 3], np.int32)


def _element(tf):
    (index,) = tf.train.slice_input_producer(
        [tf.constant(np.arange(len(LENGTHS), dtype=np.int32))],
        num_epochs=1,
        shuffle=False,
    )
    return index


def _all(tf, *fetches):
    """Runs until the queues end; the batches of each, sorted: threads race."""

    def run(session):
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        found = [_batches(tf, session, each) for each in fetches]
        coordinator.request_stop()
        coordinator.join(threads, stop_grace_period_secs=10)
        return [sorted(each, key=str) for each in found]

    return run


def _batches(tf, session, fetches):
    found = []
    try:
        while True:
            values = session.run(fetches)
            found.append([np.asarray(each).tolist() for each in values])
    except tf.errors.OutOfRangeError:
        return found


def by_length(tf):
    index = _element(tf)
    length = tf.gather(tf.constant(LENGTHS), index)
    words = tf.fill(tf.expand_dims(length, 0), index)
    lengths, tensors = tf.contrib.training.bucket_by_sequence_length(
        length,
        [words, index],
        2,
        [3, 5],
        dynamic_pad=True,
        allow_smaller_final_batch=True,
    )
    assert lengths.shape.as_list() == tensors[1].shape.as_list() == [None]
    return _all(tf, [lengths] + list(tensors))


def by_bucket(tf):
    index = _element(tf)
    bucket = tf.contrib.training.bucket
    which, tensors = bucket(
        {"x": index}, index % 2, [2, 3], 2, capacity=8, keep_input=index < 9
    )
    return _all(tf, [which, tensors["x"]])


def by_share(tf):
    """Shares of 0 and 1 leave nothing to chance."""
    index = _element(tf)
    training = tf.contrib.training
    sample = training.rejection_sample
    data, labels = training.stratified_sample(
        [index * 2], index % 3, [0.0, 0.0, 1.0], 3, init_probs=[0.2, 0.3, 0.5]
    )
    accepted = sample(
        [tf.constant([1, 2, 3]), tf.constant([4, 5, 6])],
        lambda element: tf.cast(tf.equal(element[0], 2), tf.float32),
        2,
        enqueue_many=True,
        runtime_checks=True,
    )
    assert data[0].shape.as_list() == labels.shape.as_list() == [3]

    def run(session):
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        found = session.run([data, labels, accepted])
        coordinator.request_stop()
        session.run([queue.queue.close(True) for queue in queues])
        coordinator.join(threads, stop_grace_period_secs=10)
        return found

    queues = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
    return run
