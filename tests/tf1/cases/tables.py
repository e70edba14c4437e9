"""tf.contrib.lookup."""

import os
import tempfile

import numpy as np


def _file():
    path = os.path.join(tempfile.mkdtemp(), "vocabulary.txt")
    with open(path, "w") as file:
        file.write("a\nb\nc\n")
    return path


def indices(tf):
    lookup = tf.contrib.lookup
    words = tf.constant([["a", "c"], ["z", "b"]])
    numbers = tf.constant([7, 5, 1])
    return [
        lookup.index_table_from_tensor(["a", "b", "c"]).lookup(words),
        lookup.index_table_from_tensor(
            tf.constant(["a", "b"]), num_oov_buckets=3
        ).lookup(words),
        lookup.index_table_from_tensor([5, 7], dtype=tf.int64, default_value=9).lookup(
            tf.cast(numbers, tf.int64)
        ),
        lookup.index_table_from_file(_file(), 2, 2).lookup(words),
        lookup.index_table_from_file(_file(), default_value=5).lookup(words),
        lookup.string_to_index_table_from_tensor(["a"]).lookup(words),
        lookup.string_to_index_table_from_file(_file()).lookup(words),
        lookup.string_to_index(words, ["a", "b"]),
        lookup.index_table_from_tensor(["a", "b"], 1).size(),
    ]


def strings(tf):
    lookup = tf.contrib.lookup
    numbers = np.int64([2, 0, 9])
    return [
        lookup.index_to_string_table_from_tensor(["a", "b", "c"]).lookup(
            tf.constant(numbers)
        ),
        lookup.index_to_string_table_from_file(_file(), default_value="?").lookup(
            tf.constant(numbers)
        ),
        lookup.index_to_string(tf.constant(numbers), ["a", "b", "c"]),
    ]


def tables(tf):
    lookup = tf.contrib.lookup
    pairs = lookup.KeyValueTensorInitializer(["a", "b"], np.int64([3, 4]))
    table = lookup.HashTable(pairs, -1)
    whole = lookup.TextFileInitializer(
        _file(),
        tf.string,
        lookup.TextFileIndex.WHOLE_LINE,
        tf.int64,
        lookup.TextFileIndex.LINE_NUMBER,
    )
    ids = lookup.HashTable(lookup.TextFileIdTableInitializer(_file()), -1)
    lines = lookup.HashTable(lookup.TextFileStringTableInitializer(_file()), "?")
    mutable = lookup.MutableHashTable(tf.string, tf.int64, -1)
    insert = mutable.insert(tf.constant(["x"]), tf.constant([8], tf.int64))
    words = tf.constant(["b", "x"])

    def run(session):
        session.run(insert)
        return session.run(
            [
                table.lookup(words),
                lookup_all,
                ids.lookup(words),
                one_line,
                mutable.lookup(words),
                table.size(),
            ]
        )

    one_line = lines.lookup(tf.constant([1], tf.int64))
    file_table = lookup.HashTable(whole, -1)
    lookup_all = file_table.lookup(tf.constant(["c"]))
    return run
