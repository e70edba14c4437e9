"""What linear estimators are made to do, on either runtime."""

import tensorflow as tf

from tests.contract.canned import houses, runs

tf1 = tf.compat.v1


def _columns():
    return houses.numeric_columns() + houses.categorical_columns()


def _run(est, estimator, labels, columns=None):
    """Returns the outcome of a training of 5 steps on the houses."""
    features = houses.features()
    return runs.run(
        estimator,
        runs.arrays_in_order(est, features, labels, num_epochs=None),
        runs.arrays_in_order(est, features, labels, batch_size=5),
        runs.arrays_in_order(est, features, batch_size=5),
        receiver_fn=houses.receiver_fn(est, columns or _columns()),
    )


def classifier(est, folder):
    made = est.LinearClassifier(_columns(), config=runs.config(est, folder))
    return _run(est, made, houses.sold())


def weighted_words(est, folder):
    made = est.LinearClassifier(
        _columns(),
        n_classes=3,
        weight_column="weight",
        label_vocabulary=houses.KINDS,
        optimizer=tf1.train.AdamOptimizer(0.05),
        config=runs.config(est, folder),
        loss_reduction=tf1.losses.Reduction.SUM_OVER_BATCH_SIZE,
        sparse_combiner="mean",
    )
    return _run(est, made, houses.class_names())


def regressor(est, folder):
    made = est.LinearRegressor(
        _columns(),
        optimizer=lambda: tf1.train.FtrlOptimizer(0.3, l1_regularization_strength=0.2),
        config=runs.config(est, folder),
        sparse_combiner="sqrtn",
    )
    return _run(est, made, houses.prices())


def two_numbers_partitioned(est, folder):
    made = est.LinearRegressor(
        _columns(),
        label_dimension=2,
        weight_column=tf.feature_column.numeric_column("weight"),
        optimizer=tf1.train.AdamOptimizer,
        config=runs.config(est, folder),
        partitioner=tf1.fixed_size_partitioner(2),
    )
    return _run(est, made, houses.two_numbers())


CASES = {
    case.__name__: case
    for case in (classifier, weighted_words, regressor, two_numbers_partitioned)
}
