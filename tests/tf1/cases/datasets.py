"""tf.contrib.data."""

import os
import tempfile

import numpy as np


def _all(tf, dataset):
    following = tf.data.make_one_shot_iterator(dataset).get_next()

    def run(session):
        found = []
        try:
            while True:
                found.append(session.run(following))
        except tf.errors.OutOfRangeError:
            return found

    return run


def _several(tf, *datasets):
    runs = [_all(tf, dataset) for dataset in datasets]
    return lambda session: [run(session) for run in runs]


def batches(tf):
    data, numbers = tf.contrib.data, tf.data.Dataset.range(7)
    rows = numbers.map(lambda x: tf.fill([x % 3], x))
    return _several(
        tf,
        numbers.apply(data.batch_and_drop_remainder(3)),
        rows.apply(data.padded_batch_and_drop_remainder(2, [None])),
        numbers.apply(data.sliding_window_batch(3, window_shift=2)),
        numbers.apply(data.sliding_window_batch(2, stride=3)),
        numbers.apply(data.map_and_batch(lambda x: x * 2, 3, drop_remainder=True)),
        numbers.batch(3).apply(data.unbatch()),
    )


def orders(tf):
    data, numbers = tf.contrib.data, tf.data.Dataset.range(4)

    def twice(x):
        return tf.data.Dataset.from_tensors(x).repeat(2)

    return _several(
        tf,
        numbers.apply(data.parallel_interleave(twice, 2, 1)),
        numbers.apply(data.enumerate_dataset(5)),
        numbers.apply(
            data.group_by_window(lambda x: x % 2, lambda key, w: w.batch(2), 2)
        ),
        numbers.apply(data.scan(np.int64(0), lambda state, x: (state + x, state + x))),
        data.choose_from_datasets(
            [numbers, numbers.map(lambda x: x + 10)],
            tf.data.Dataset.range(2).repeat(2),
        ),
        numbers.map(lambda x: x // 2).apply(data.unique()),
    )


def buckets(tf):
    data = tf.contrib.data
    rows = tf.data.Dataset.range(1, 6).map(lambda x: tf.fill([x], x))
    bucketed = rows.apply(
        data.bucket_by_sequence_length(
            lambda x: tf.size(x), [3], [2, 2], padded_shapes=[None]
        )
    )
    return _all(tf, bucketed)


def reduced(tf):
    data, numbers = tf.contrib.data, tf.data.Dataset.range(5)
    reducer = data.Reducer(
        lambda _: np.int64(0), lambda state, x: state + x, lambda state: state * 2
    )
    return [
        data.reduce_dataset(numbers, reducer),
        data.get_single_element(numbers.batch(5)),
        tf.constant(data.AUTOTUNE),
    ]


def comma_separated(tf):
    path = os.path.join(tempfile.mkdtemp(), "data.csv")
    with open(path, "w") as file:
        file.write("x,y,name\n1.5,0,a\n2.5,1,b\n")
    made = tf.contrib.data.make_csv_dataset(
        path, 2, label_name="y", num_epochs=1, shuffle=False
    )
    plain = tf.contrib.data.CsvDataset(
        path, [0.0, tf.int32], header=True, select_cols=[0, 1]
    )
    return _several(tf, made, plain)


def features(tf):
    path = os.path.join(tempfile.mkdtemp(), "data.tfrecord")
    with tf.python_io.TFRecordWriter(path) as writer:
        for number in range(3):
            value = tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))
            example = tf.train.Example(features=tf.train.Features(feature={"x": value}))
            writer.write(example.SerializeToString())
    spec = {"x": tf.FixedLenFeature([1], tf.int64)}
    made = tf.contrib.data.make_batched_features_dataset(
        path, 2, spec, num_epochs=1, shuffle=False
    )
    return _all(tf, made)
