"""The models of benchmarks/canned_models.py in Keras: the same layers and input.

Weights of words are embeddings of width 1. Keras has one optimizer for all weights.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers, optimizers

from benchmarks import canned_models

BUCKETS = 1000
RATE = 0.001
CROSSED = {
    "education_occupation": ("education", "occupation"),
    "ages_education_occupation": ("ages", "education", "occupation"),
}
# How many numbers or words an input of the model has.
SIZES = {
    **canned_models.WORDS,
    "occupation": BUCKETS,
    "ages": len(canned_models.AGES) + 1,
    **dict.fromkeys(CROSSED, BUCKETS),
}


def batches(rows: tf.data.Dataset) -> tf.data.Dataset:
    """Returns batches with words as their numbers, by TensorFlow's ops."""
    tables = {name: _table(name) for name in canned_models.WORDS}
    borders = [float(age) for age in canned_models.AGES]

    def numbered(features, labels):
        words = dict(features)
        ages = tf.raw_ops.Bucketize(input=words.pop("age"), boundaries=borders)
        found = {name: table.lookup(words[name]) for name, table in tables.items()}
        found["occupation"] = tf.strings.to_hash_bucket_fast(
            words["occupation"], BUCKETS
        )
        words["ages"] = tf.strings.as_string(ages)
        for name, parts in CROSSED.items():
            joined = tf.strings.join([words[part] for part in parts], "_X_")
            found[name] = tf.strings.to_hash_bucket_fast(joined, BUCKETS)
        numbers = {name: features[name] for name in ("age", "hours")}
        return {**numbers, "ages": ages, **found}, labels

    return rows.map(numbered, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _table(name: str) -> tf.lookup.StaticHashTable:
    words = canned_models.vocabulary(name)
    ids = np.arange(len(words), dtype=np.int64)
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(words, ids), 0)


def net(model: str, steps_per_execution: int) -> Model:
    """Returns the model, compiled."""
    inputs = {name: Input([], name=name, dtype="int32") for name in SIZES}
    inputs |= {name: Input([], name=name) for name in ("age", "hours")}
    parts = []
    if model != "linear_classifier":
        parts.append(_deep(inputs, model == "dnn_classifier"))
    if model != "dnn_classifier":
        parts += [_weight(inputs[name], size) for name, size in SIZES.items()]
    logits = layers.Add()(parts) if len(parts) > 1 else parts[0]
    made = Model(inputs, layers.Activation("sigmoid")(logits))
    made.compile(
        optimizers.Adagrad(RATE),
        "binary_crossentropy",
        steps_per_execution=steps_per_execution,
    )
    return made


def _weight(words, size: int):
    return layers.Embedding(size, 1, embeddings_initializer="zeros")(words)


def _deep(inputs: dict, normalizes: bool):
    numbers = [layers.Reshape([1])(inputs[name]) for name in ("age", "hours")]
    words = [
        layers.CategoryEncoding(size, output_mode="one_hot")(inputs[name])
        for name, size in canned_models.WORDS.items()
    ]
    jobs = layers.Embedding(BUCKETS, 8)(inputs["occupation"])
    values = layers.Concatenate()([*numbers, *words, jobs])
    for units in canned_models.HIDDEN_UNITS:
        values = layers.Dense(units, "relu")(values)
        if normalizes:
            values = layers.BatchNormalization(momentum=0.999)(values)
    return layers.Dense(1)(values)
