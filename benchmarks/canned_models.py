"""Canned estimators on made-up census data, as benchmarks train them."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

fc = tf.feature_column

ROWS = 4096
BATCH_SIZE = 64
SEED = 0
WORDS = {"workclass": 8, "education": 16, "relationship": 6}
JOBS = 300
AGES = [18, 25, 30, 35, 40, 45, 50, 55, 60, 65]
HIDDEN_UNITS = [100, 50]


def census(rows: int = ROWS) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Returns features and labels of as many people.

    Features are `age` and `hours`, float32 [rows], and words, object [rows]; labels,
    int64 [rows], are 1 for those who earn much.
    """
    rng = np.random.RandomState(SEED)
    age = rng.uniform(17, 75, rows).astype(np.float32)
    hours = rng.uniform(10, 60, rows).astype(np.float32)
    ids = {name: rng.randint(count, size=rows) for name, count in WORDS.items()}
    ids["occupation"] = rng.randint(JOBS, size=rows)
    score = (age - 40) / 15 + (hours - 35) / 15 + (ids["education"] - 8) / 4
    labels = (score + rng.normal(size=rows) > 1).astype(np.int64)
    words = {
        name: np.array([f"{name}{one}" for one in of_rows], object)
        for name, of_rows in ids.items()
    }
    return {"age": age, "hours": hours, **words}, labels


def input_fn(start_step: int = 0) -> tf.data.Dataset:
    """Returns endless batches in order, from that of `start_step` on."""
    rows = tf.data.Dataset.from_tensor_slices(census())
    return rows.repeat().batch(BATCH_SIZE).skip(start_step)


def shuffled_input_fn() -> tf.data.Dataset:
    """Returns endless batches, shuffled as programs of the time did it."""
    rows = tf.data.Dataset.from_tensor_slices(census())
    batches = rows.shuffle(1000).repeat().batch(BATCH_SIZE, drop_remainder=True)
    return batches.prefetch(tf.data.AUTOTUNE)


def eval_input_fn() -> tf.data.Dataset:
    """Returns each person once."""
    return tf.data.Dataset.from_tensor_slices(census()).batch(BATCH_SIZE)


def vocabulary(name: str) -> list[str]:
    """Returns the words of a feature."""
    return [f"{name}{one}" for one in range(WORDS[name])]


def wide_columns() -> list:
    """Returns columns of words, buckets and crossed ones."""
    words = [
        fc.categorical_column_with_vocabulary_list(name, vocabulary(name))
        for name in WORDS
    ]
    jobs = fc.categorical_column_with_hash_bucket("occupation", 1000)
    ages = fc.bucketized_column(fc.numeric_column("age"), AGES)
    crossed = [
        fc.crossed_column(["education", "occupation"], 1000),
        fc.crossed_column([ages, "education", "occupation"], 1000),
    ]
    return [*words, jobs, ages, *crossed]


def deep_columns() -> list:
    """Returns columns of numbers, indicators and an embedding."""
    numbers = [fc.numeric_column(name) for name in ("age", "hours")]
    indicators = [
        fc.indicator_column(
            fc.categorical_column_with_vocabulary_list(name, vocabulary(name))
        )
        for name in WORDS
    ]
    jobs = fc.categorical_column_with_hash_bucket("occupation", 1000)
    return [*numbers, *indicators, fc.embedding_column(jobs, 8)]


def linear_classifier(est, config):
    """Returns a LinearClassifier of the runtime `est`."""
    return est.LinearClassifier(wide_columns(), config=config)


def dnn_classifier(est, config):
    """Returns a DNNClassifier with batch normalization."""
    return est.DNNClassifier(
        HIDDEN_UNITS, deep_columns(), batch_norm=True, config=config
    )


def wide_and_deep_classifier(est, config):
    """Returns a DNNLinearCombinedClassifier."""
    return est.DNNLinearCombinedClassifier(
        linear_feature_columns=wide_columns(),
        dnn_feature_columns=deep_columns(),
        dnn_hidden_units=HIDDEN_UNITS,
        config=config,
    )


MODELS: dict[str, Callable] = {
    make.__name__: make
    for make in (linear_classifier, dnn_classifier, wide_and_deep_classifier)
}


def train(
    model: str, model_dir: str, max_steps: int, save_steps: int, summary_steps: int
) -> None:
    """Trains with this package up to step `max_steps`, evaluating each checkpoint."""
    from estimator_mnist import estimator as est

    config = est.RunConfig(
        model_dir,
        tf_random_seed=SEED,
        save_checkpoints_steps=save_steps,
        save_summary_steps=summary_steps,
    )
    est.train_and_evaluate(
        MODELS[model](est, config),
        est.TrainSpec(input_fn, max_steps),
        est.EvalSpec(eval_input_fn, steps=2, throttle_secs=0),
    )
