"""A few houses, as arrays and as feature columns of every kind."""

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
fc = tf.feature_column

CITIES = ["berlin", "oslo", "rome"]
KINDS = ["flat", "house", "villa"]


def features(count=12):
    """Returns arrays: numbers, words with unknown and missing ones, weights."""
    at = np.arange(count)
    cities = np.array([*CITIES, "", "paris", "rome"], object)
    kinds = np.array([*KINDS, "tent"], object)
    return {
        "size": (1 + at % 5 * 0.5).astype(np.float32),
        "place": np.stack([np.cos(at), np.sin(at)], 1).astype(np.float32),
        "city": cities[at % len(cities)],
        "kind": np.stack([kinds[at % 4], kinds[(at * 3 + 1) % 4]], 1),
        "area": np.stack([1 + at % 4, 0.5 + at % 3], 1).astype(np.float32),
        "floor": np.array([0, 1, 2, 3, -1], np.int64)[at % 5],
        "weight": (0.5 + at % 3).astype(np.float32),
    }


def prices(count=12):
    """Returns a number per house: float32 [count]."""
    at = np.arange(count)
    return (3 * np.cos(at) + at % 5).astype(np.float32)


def two_numbers(count=12):
    """Returns two numbers per house: float32 [count, 2]."""
    return np.stack([prices(count), -prices(count) / 2], 1)


def sold(count=12):
    """Returns whether each was sold: int64 [count]."""
    return (prices(count) > 1).astype(np.int64)


def class_ids(count=12, classes=3):
    """Returns a class of each: int64 [count]."""
    return np.arange(count) % 7 % classes


def class_names(count=12):
    """Returns the class of each as a word of KINDS: str [count]."""
    return np.array(KINDS, object)[class_ids(count)]


def numeric_columns():
    """Returns columns of numbers, one with a normalizer_fn, one of buckets."""
    return [
        fc.numeric_column("size", normalizer_fn=lambda size: size - 2),
        fc.numeric_column("place", shape=(2,)),
        fc.bucketized_column(fc.numeric_column("size"), [1.2, 1.7, 2.2]),
    ]


def categorical_columns():
    """Returns a column of each kind of category, crossed and weighted ones too."""
    city = fc.categorical_column_with_vocabulary_list("city", CITIES)
    size = fc.bucketized_column(fc.numeric_column("size"), [1.2, 1.7, 2.2])
    return [
        city,
        fc.categorical_column_with_vocabulary_list("kind", KINDS, num_oov_buckets=2),
        fc.categorical_column_with_identity("floor", 3, default_value=0),
        fc.crossed_column(["city", size], 11),
        fc.weighted_categorical_column(
            fc.categorical_column_with_hash_bucket("kind", 5), "area"
        ),
    ]


def deep_columns():
    """Returns dense columns: numbers, an indicator, an embedding."""
    kind = fc.categorical_column_with_vocabulary_list("kind", KINDS, num_oov_buckets=2)
    city = fc.categorical_column_with_vocabulary_list("city", CITIES)
    return [
        *numeric_columns(),
        fc.indicator_column(kind),
        fc.embedding_column(city, 2),
    ]


def receiver_fn(est, columns):
    """Returns a serving_input_receiver_fn of parsed examples."""
    spec = fc.make_parse_example_spec(columns)
    return est.export.build_parsing_serving_input_receiver_fn(spec)
