"""What deep, and wide and deep, estimators are made to do, on either runtime."""

import tensorflow as tf

from tests.contract.canned import houses, runs

tf1 = tf.compat.v1
fc = tf.feature_column


class MinimizingHead:
    """A head of the user's own: one of the runtime's, and how it is trained."""

    def __init__(self, head, learning_rate):
        self._head = head
        self._learning_rate = learning_rate

    @property
    def logits_dimension(self):
        return self._head.logits_dimension

    def create_estimator_spec(self, features, mode, logits, labels, optimizer):
        assert isinstance(optimizer, tf1.train.AdagradOptimizer)

        def train_op_fn(loss):
            own = tf1.train.GradientDescentOptimizer(self._learning_rate)
            return own.minimize(loss, tf1.train.get_global_step())

        return self._head.create_estimator_spec(
            features, mode, logits, labels, train_op_fn=train_op_fn
        )


def _run(est, estimator, labels, columns=None):
    """Returns the outcome of a training of 5 steps; exports where columns are given."""
    features = houses.features()
    return runs.run(
        estimator,
        runs.arrays_in_order(est, features, labels, num_epochs=None),
        runs.arrays_in_order(est, features, labels, batch_size=5),
        runs.arrays_in_order(est, features, batch_size=5),
        receiver_fn=columns and houses.receiver_fn(est, columns),
    )


def _numbers():
    """Returns columns of numbers: raw ones, and buckets."""
    size = fc.numeric_column("size", normalizer_fn=lambda size: size - 2)
    return [fc.numeric_column("place", shape=(2,)), fc.bucketized_column(size, [0.0])]


def _words():
    """Returns dense columns of words, known and unknown: an indicator, an embedding."""
    kind = fc.categorical_column_with_vocabulary_list(
        "kind", houses.KINDS, num_oov_buckets=2
    )
    city = fc.categorical_column_with_hash_bucket("city", 5)
    return [fc.indicator_column(kind), fc.embedding_column(city, 2)]


def _shared_words():
    """Returns columns that share an embedding, as v2 columns do, and a number."""
    with tf.Graph().as_default():
        kinds = [
            fc.categorical_column_with_hash_bucket(key, 5) for key in ("city", "kind")
        ]
        return [*fc.shared_embeddings(kinds, 2), fc.numeric_column("size")]


def _wide():
    """Returns columns of the linear model, one of them crossed."""
    city = fc.categorical_column_with_vocabulary_list("city", houses.CITIES)
    return [city, fc.crossed_column(["city", "kind"], 11)]


def deep_classifier(est, folder):
    made = est.DNNClassifier(
        [4, 3],
        _numbers() + _words(),
        n_classes=3,
        weight_column="weight",
        label_vocabulary=houses.KINDS,
        optimizer=tf1.train.AdamOptimizer(0.02),
        activation_fn="tanh",
        dropout=0.3,
        config=runs.config(est, folder),
        loss_reduction=tf1.losses.Reduction.MEAN,
        batch_norm=True,
    )
    return _run(est, made, houses.class_names())


def deep_regressor(est, folder):
    columns = _numbers()
    made = est.DNNRegressor((4, 3), columns, config=runs.config(est, folder))
    return _run(est, made, houses.prices(), columns)


def deep_head(est, folder):
    made = est.DNNEstimator(
        MinimizingHead(est.RegressionHead(2, weight_column="weight"), 0.05),
        [3],
        _shared_words(),
        activation_fn=None,
        input_layer_partitioner=tf1.fixed_size_partitioner(2),
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.two_numbers())


def wide_and_deep_classifier(est, folder):
    made = est.DNNLinearCombinedClassifier(
        linear_feature_columns=_wide(),
        dnn_feature_columns=_words(),
        dnn_hidden_units=[4, 3],
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.sold(), _wide() + _words())


def wide_and_deep_regressor(est, folder):
    made = est.DNNLinearCombinedRegressor(
        linear_feature_columns=_wide(),
        linear_optimizer=lambda: tf1.train.GradientDescentOptimizer(0.1),
        dnn_feature_columns=_numbers(),
        dnn_optimizer="Adam",
        dnn_hidden_units=[4],
        dnn_activation_fn=tf.nn.elu,
        dnn_dropout=0.4,
        label_dimension=2,
        weight_column="weight",
        config=runs.config(est, folder),
        loss_reduction=tf1.losses.Reduction.SUM_OVER_BATCH_SIZE,
        batch_norm=True,
        linear_sparse_combiner="mean",
    )
    return _run(est, made, houses.two_numbers())


def wide_and_deep_head(est, folder):
    made = est.DNNLinearCombinedEstimator(
        est.BinaryClassHead(),
        linear_feature_columns=_wide(),
        linear_optimizer=tf1.train.FtrlOptimizer(0.1, l1_regularization_strength=0.1),
        dnn_feature_columns=_words(),
        dnn_hidden_units=[3],
        input_layer_partitioner=tf1.fixed_size_partitioner(2),
        config=runs.config(est, folder),
    )
    return _run(est, made, houses.sold())


CASES = {
    case.__name__: case
    for case in (
        deep_classifier,
        deep_regressor,
        deep_head,
        wide_and_deep_classifier,
        wide_and_deep_regressor,
        wide_and_deep_head,
    )
}
