"""What linear estimators and baselines are made to do, on either runtime."""

import tensorflow as tf

from tests.contract.canned import houses, runs

tf1 = tf.compat.v1
fc = tf.feature_column


def _run(est, estimator, labels, predicts=False, receiver_fn=None):
    """Returns the outcome of a training of 5 steps on the houses, and more."""
    features = houses.features()
    return runs.run(
        estimator,
        runs.arrays_in_order(est, features, labels, num_epochs=None),
        runs.arrays_in_order(est, features, labels, batch_size=5),
        runs.arrays_in_order(est, features, batch_size=5) if predicts else None,
        receiver_fn=receiver_fn,
    )


def classifier(est, folder):
    columns = houses.numeric_columns() + houses.categorical_columns()
    made = est.LinearClassifier(columns, config=runs.config(est, folder))
    serve = houses.receiver_fn(est, columns)
    return _run(est, made, houses.sold(), predicts=True, receiver_fn=serve)


def weighted_words(est, folder):
    made = est.LinearClassifier(
        houses.categorical_columns()[1::3],
        n_classes=3,
        weight_column="weight",
        label_vocabulary=houses.KINDS,
        optimizer=tf1.train.AdamOptimizer(0.05),
        config=runs.config(est, folder),
        loss_reduction=tf1.losses.Reduction.SUM_OVER_BATCH_SIZE,
        sparse_combiner="mean",
    )
    return _run(est, made, houses.class_names(), predicts=True)


def regressor(est, folder):
    columns = [*houses.numeric_columns(), houses.categorical_columns()[1]]
    made = est.LinearRegressor(
        columns,
        optimizer=lambda: tf1.train.FtrlOptimizer(0.3, l1_regularization_strength=0.2),
        config=runs.config(est, folder),
        sparse_combiner="sqrtn",
    )
    serve = houses.receiver_fn(est, columns)
    return _run(est, made, houses.prices(), receiver_fn=serve)


def two_numbers_partitioned(est, folder):
    made = est.LinearRegressor(
        [houses.numeric_columns()[1], *houses.categorical_columns()[:2]],
        label_dimension=2,
        weight_column=fc.numeric_column("weight"),
        optimizer=tf1.train.AdamOptimizer,
        config=runs.config(est, folder),
        partitioner=tf1.fixed_size_partitioner(2),
    )
    return _run(est, made, houses.two_numbers())


def embeddings(est, folder):
    """What embeddings begin with depends on the seed, and on the ops before them."""
    with tf.Graph().as_default():
        city = fc.categorical_column_with_vocabulary_list("city", houses.CITIES)
        kind = fc.categorical_column_with_vocabulary_list("kind", houses.CITIES)
        columns = fc.shared_embeddings([city, kind], 2)
    made = est.LinearRegressor(
        [*columns, fc.embedding_column(city, 3), fc.indicator_column(kind)],
        optimizer=None,
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.prices())


def any_head(est, folder):
    made = est.LinearEstimator(
        Distance(est),
        houses.numeric_columns()[:2],
        optimizer="SGD",
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.two_numbers(), predicts=True)


def baseline_classifier(est, folder):
    made = est.BaselineClassifier(
        n_classes=3,
        weight_column="weight",
        label_vocabulary=houses.KINDS,
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.class_names(), predicts=True)


def baseline_any_head(est, folder):
    made = est.BaselineEstimator(
        Distance(est),
        optimizer="Adagrad",
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.two_numbers())


class Distance:
    """A head of a user's own: predicts two numbers, by their distance."""

    logits_dimension = 2

    def __init__(self, est):
        self._est = est

    def create_estimator_spec(
        self, features, mode, logits, labels=None, optimizer=None, train_op_fn=None
    ):
        del features
        spec = {"mode": mode, "predictions": {"point": logits}}
        if labels is None:
            return self._est.EstimatorSpec(**spec)
        spec["loss"] = tf.reduce_mean(tf.abs(logits - labels))
        if mode == self._est.ModeKeys.TRAIN and train_op_fn:
            spec["train_op"] = train_op_fn(spec["loss"])
        elif mode == self._est.ModeKeys.TRAIN:
            step = tf1.train.get_global_step()
            spec["train_op"] = optimizer.minimize(spec["loss"], step)
        return self._est.EstimatorSpec(**spec)


CASES = {
    case.__name__: case
    for case in (
        classifier,
        weighted_words,
        regressor,
        two_numbers_partitioned,
        embeddings,
        any_head,
        baseline_classifier,
        baseline_any_head,
    )
}
