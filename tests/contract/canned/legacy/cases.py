"""The estimators that wrote the model_dirs of TensorFlow 1.x, as their README has them.

Hidden units, boundaries, vocabularies and buckets are those in their `graph.pbtxt`.
"""

import tensorflow as tf

from estimator_mnist import tf1
from tests.contract.canned.legacy import contrib_stand_ins

column = tf.compat.v1.feature_column
optimizers = tf.compat.v1.train

IRIS = ("SepalLength", "SepalWidth", "PetalLength", "PetalWidth")
AGES = [18, 25, 30, 35, 40, 45, 50, 55, 60, 65]


def contrib(est):
    """tf.contrib.estimator of our own, or what stands for it beside the original."""
    ours = est.__name__.startswith("estimator_mnist")
    return tf1.contrib.estimator if ours else contrib_stand_ins


def numeric(*names):
    return [column.numeric_column(name) for name in names]


def vocabulary(name, *words, **options):
    return column.categorical_column_with_vocabulary_list(name, words, **options)


# Losses of the three steps after the 200 that a model_dir had, by TensorFlow 2.15.
RESUMED = {
    "tf115/baseline_classifier": [31.87471, 40.40369, 43.102783],
    "tf115/custom_estimator_iris": [0.30915916, 0.30838484, 0.22070308],
    "tf115/dnn_classifier_bn_adam_vocab_weight": [0.41866043, 0.2491841, 0.27105346],
    "tf115/dnn_classifier_iris": [8.3778458, 8.1199646, 6.1697001],
    "tf115/dnn_estimator_multi_label": [0.52687186, 0.43087524, 0.54628211],
    "tf115/dnn_regressor": [1.6674416, 2.0757732, 1.8414655],
    "tf115/linear_classifier_crossed": [2.3594451, 1.8266764, 1.369318],
    "tf115/linear_regressor_clipped_sgd": [19538.482, 47173.73, 4126.9731],
    "tf115/tpu_estimator_off": [0.05562982, 0.042299, 0.00657913],
    "tf115/wide_deep_classifier": [22.5635, 15.304783, 17.428177],
    "tf18/dnn_classifier_iris": [8.7281704, 8.4303894, 6.5988007],
    "tf18/linear_classifier_crossed": [2.3594449, 1.8266764, 1.3693179],
    "tf18/wide_deep_regressor": [2.7102757, 2.0290103, 4.2495151],
}


def baseline_classifier(est, **options):
    return est.BaselineClassifier(
        n_classes=3,
        label_vocabulary=["setosa", "versicolor", "virginica"],
        weight_column="w",
        **options,
    )


def dnn_classifier_iris(est, **options):
    return est.DNNClassifier([10, 10], numeric(*IRIS), n_classes=3, **options)


def dnn_classifier_bn_adam_vocab_weight(est, **options):
    width = column.numeric_column("PetalWidth")
    return est.DNNClassifier(
        [8, 6],
        [
            *numeric(*IRIS[:3]),
            column.bucketized_column(width, [0.5, 1.0, 1.5, 2.0]),
            column.indicator_column(vocabulary("site", "north", "south", "east")),
        ],
        n_classes=3,
        weight_column="w",
        label_vocabulary=["setosa", "versicolor", "virginica"],
        optimizer=optimizers.AdamOptimizer(0.01),
        activation_fn=tf.tanh,
        batch_norm=True,
        **options,
    )


def dnn_regressor(est, **options):
    rooms = column.numeric_column(
        "total_rooms", normalizer_fn=lambda rooms: (rooms - 2000.0) / 1500.0
    )
    columns = [rooms, *numeric("median_income"), latitudes()]
    return est.DNNRegressor([8], columns, **options)


def latitudes():
    return column.bucketized_column(numeric("latitude")[0], [34, 36, 38, 40])


def linear_regressor_clipped_sgd(est, **options):
    optimizer = contrib(est).clip_gradients_by_norm(
        optimizers.GradientDescentOptimizer(2e-5), 5.0
    )
    return est.LinearRegressor(numeric("total_rooms"), optimizer=optimizer, **options)


def wide_columns():
    ages = column.bucketized_column(numeric("age")[0], AGES)
    relationship = vocabulary(
        "relationship", "Husband", "Wife", "Own-child", num_oov_buckets=2
    )
    crossed = (
        (["education", "occupation"], 50),
        ([ages, "education", "occupation"], 100),
        ([ages, relationship], 30),
    )
    return [
        ages,
        vocabulary("workclass", "Private", "Self-emp", "Gov", default_value=0),
        education(),
        column.categorical_column_with_hash_bucket("occupation", 20),
        relationship,
        *(column.crossed_column(keys, size) for keys, size in crossed),
    ]


def education():
    return vocabulary(
        "education",
        *("HS-grad", "Some-college", "Bachelors", "Masters", "Doctorate", "11th"),
    )


def linear_classifier_crossed(est, **options):
    columns = [*wide_columns(), *numeric("education_num")]
    return est.LinearClassifier(columns, **options)


def wide_deep_classifier(est, **options):
    occupation = column.categorical_column_with_hash_bucket("occupation", 20)
    classes = ("Private", "Self-emp", "Gov", "Without-pay", "?")
    categories = (
        vocabulary("workclass", *classes),
        education(),
        column.crossed_column(["workclass", "relationship"], 11),
    )
    deep = [
        *numeric("age", "education_num", "hours_per_week"),
        column.numeric_column(
            "capital_gain", normalizer_fn=lambda gain: tf.math.log(gain + 1.0)
        ),
        *map(column.indicator_column, categories),
        column.embedding_column(occupation, 4),
    ]
    return est.DNNLinearCombinedClassifier(
        linear_feature_columns=wide_columns(),
        dnn_feature_columns=deep,
        dnn_hidden_units=[16, 8],
        **options,
    )


def wide_deep_regressor(est, **options):
    longitudes = column.bucketized_column(
        numeric("longitude")[0], [-122, -120, -118, -116]
    )
    places = [latitudes(), longitudes]
    deep = column.embedding_column(column.crossed_column(places, 25), 3)
    return est.DNNLinearCombinedRegressor(
        linear_feature_columns=[*places, column.crossed_column(places, 40)],
        dnn_feature_columns=[deep, *numeric("median_income")],
        dnn_optimizer=optimizers.AdagradOptimizer(0.02),
        dnn_hidden_units=[7, 5],
        dnn_activation_fn=tf.nn.elu,
        **options,
    )


def dnn_estimator_multi_label(est, **options):
    shop = column.categorical_column_with_identity("shop", 7)
    tags = vocabulary("tags", "red", "green", "blue", "gold")
    columns = [
        column.numeric_column("vec", shape=[3]),
        column.indicator_column(tags),
        column.indicator_column(shop),
    ]
    head = contrib(est).multi_label_head(4)
    return est.DNNEstimator(head, [6], columns, **options)


def custom_estimator_iris(est, **options):
    return est.Estimator(_iris_model_fn(est), **options)


def _iris_model_fn(est):
    def model_fn(features, labels, mode):
        net = column.input_layer(features, numeric(*IRIS))
        for units in (10, 10):
            net = tf1.layers.dense(net, units, tf.nn.relu)
        logits = tf1.layers.dense(net, 3)
        classes = tf.argmax(logits, 1)
        predictions = {
            "class_ids": classes[:, tf.newaxis],
            "probabilities": tf.nn.softmax(logits),
            "logits": logits,
        }
        if mode == est.ModeKeys.PREDICT:
            return est.EstimatorSpec(mode, predictions)
        losses = tf.compat.v1.losses
        loss = losses.sparse_softmax_cross_entropy(labels, logits)
        accuracy = tf.compat.v1.metrics.accuracy(labels, classes, name="acc_op")
        tf.compat.v1.summary.scalar("accuracy", accuracy[1])
        step = tf.compat.v1.train.get_global_step()
        train_op = optimizers.AdagradOptimizer(0.1).minimize(loss, step)
        return est.EstimatorSpec(
            mode, None, loss, train_op, eval_metric_ops={"accuracy": accuracy}
        )

    return model_fn


def tpu_estimator_off(est, **options):
    return est.tpu.TPUEstimator(
        _normalized_model_fn(est),
        use_tpu=False,
        train_batch_size=24,
        eval_batch_size=10,
        predict_batch_size=10,
        **options,
    )


def _normalized_model_fn(est):
    def model_fn(features, labels, mode, params):
        training = mode == est.ModeKeys.TRAIN
        net = tf.stack([features[name] for name in IRIS], axis=1)
        net = tf1.layers.dense(net, 8, tf.nn.relu, name="hidden")
        net = tf1.layers.batch_normalization(
            net, momentum=0.9, training=training, name="bn"
        )
        logits = tf1.layers.dense(net, 3, name="logits")
        predictions = {
            "classes": tf.argmax(logits, 1),
            "probabilities": tf.nn.softmax(logits),
        }
        if mode == est.ModeKeys.PREDICT:
            return est.tpu.TPUEstimatorSpec(mode, predictions=predictions)
        loss = tf1.losses.sparse_softmax_cross_entropy(labels, logits)
        return est.tpu.TPUEstimatorSpec(
            mode,
            loss=loss,
            train_op=_decayed_momentum(loss),
            eval_metrics=(_accuracy_and_mean, [labels, logits]),
        )

    return model_fn


def _decayed_momentum(loss):
    step = tf1.train.get_global_step()
    rate = tf1.train.exponential_decay(0.05, step, 50, 0.8, staircase=True)
    with tf.control_dependencies(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)):
        return optimizers.MomentumOptimizer(rate, 0.9).minimize(loss, step)


def _accuracy_and_mean(labels, logits):
    return {
        "accuracy": tf1.metrics.accuracy(labels, tf.argmax(logits, 1)),
        "mean_logit": tf1.metrics.mean(logits),
    }
