"""What deep, and wide and deep, estimators refuse, and with which words."""

import pytest
import tensorflow as tf

from tests.contract.canned import houses

tf1 = tf.compat.v1
fc = tf.feature_column


def _size():
    return fc.numeric_column("size")


def _city():
    return fc.categorical_column_with_vocabulary_list("city", houses.CITIES)


def _build(estimator, mode="train", labels=None):
    """Calls the estimator's model_fn on the houses."""
    features = houses.features()
    with tf.Graph().as_default():
        tf1.train.create_global_step()
        tensors = {name: tf.constant(features[name]) for name in ("size", "city")}
        labels = tf.constant(houses.sold() if labels is None else labels)
        estimator.model_fn(tensors, labels, mode, estimator.config)


def _deep(est, hidden_units=(2,), feature_columns=None, **settings):
    columns = [_size()] if feature_columns is None else feature_columns
    return est.DNNClassifier(hidden_units, columns, **settings)


def _both(est, **settings):
    settings = {
        "linear_feature_columns": [_city()],
        "dnn_feature_columns": [_size()],
        "dnn_hidden_units": [2],
        **settings,
    }
    return est.DNNLinearCombinedClassifier(**settings)


DEEP = {
    "no hidden units": ({"hidden_units": None}, TypeError, "is not iterable"),
    "a negative width": ({"hidden_units": [-1]}, ValueError, "invalid value for `unit"),
    "a word for a width": ({"hidden_units": ["a"]}, ValueError, "invalid literal"),
    "no columns": ({"feature_columns": []}, ValueError, "feature_columns must not be"),
    "words as they are": (
        {"feature_columns": [_city()]},
        ValueError,
        "Items of feature_columns must be a .*DenseColumn'>. You can wrap a cat",
    ),
    "a name for a column": (
        {"feature_columns": ["size"]},
        ValueError,
        "Items of feature_columns must be a _FeatureColumn. Given",
    ),
    "a column twice": (
        {"feature_columns": [_size(), _size()]},
        ValueError,
        "Duplicate feature column name found for columns: NumericColumn",
    ),
    "a missing feature": (
        {"feature_columns": [fc.numeric_column("age")]},
        ValueError,
        "Feature age is not in features dictionary",
    ),
    "an unknown optimizer": (
        {"optimizer": "adagrad"},
        ValueError,
        "Unsupported optimizer name: adagrad. Supported names are: ",
    ),
    "no optimizer": (
        {"optimizer": None},
        ValueError,
        "The given object is not an Optimizer instance. Given: None",
    ),
    "an activation of no kind": (
        {"activation_fn": [tf.nn.relu]},
        TypeError,
        "Could not interpret activation function identifier",
    ),
    "a rate above 1": (
        {"dropout": 1.5},
        ValueError,
        "Invalid value 1.5 received for `rate`, expected a value between 0 and 1",
    ),
    "one class": ({"n_classes": 1}, ValueError, "n_classes must be > 2: 1"),
    "no reduction": ({"loss_reduction": "none"}, ValueError, "Invalid loss_reduction"),
    "a missing weight": (
        {"weight_column": "w"},
        ValueError,
        "Feature w is not in features dictionary",
    ),
}

BOTH = {
    "no columns": (
        {"linear_feature_columns": None, "dnn_feature_columns": []},
        ValueError,
        "Either linear_feature_columns or dnn_feature_columns must be defined",
    ),
    "no hidden units": (
        {"dnn_hidden_units": []},
        ValueError,
        "dnn_hidden_units must be defined when dnn_feature_columns is specified",
    ),
    "an unknown deep optimizer": (
        {"dnn_optimizer": "x"},
        ValueError,
        "Unsupported optimizer name: x",
    ),
    "an unknown linear optimizer": (
        {"linear_optimizer": 3},
        ValueError,
        "The given object is not an Optimizer instance. Given: 3",
    ),
    "another combiner": (
        {"linear_sparse_combiner": "max"},
        ValueError,
        "combiner must be one of 'mean', 'sqrtn' or 'sum'",
    ),
}


@pytest.mark.parametrize("case", DEEP)
def test_a_deep_classifier_refuses(est, tmp_path, case):
    settings, error, words = DEEP[case]
    with pytest.raises(error, match=words):
        _build(_deep(est, model_dir=str(tmp_path), **settings))


@pytest.mark.parametrize("case", BOTH)
def test_a_wide_and_deep_classifier_refuses(est, tmp_path, case):
    settings, error, words = BOTH[case]
    with pytest.raises(error, match=words):
        _build(_both(est, model_dir=str(tmp_path), **settings))


def test_labels_and_features_of_other_kinds_are_refused(est, tmp_path):
    two = est.DNNRegressor([2], [_size()], str(tmp_path), label_dimension=2)
    with pytest.raises(ValueError, match="Mismatched label shape"):
        _build(two, labels=houses.prices())
    with pytest.raises(ValueError, match="Invalid label_dimension 0"):
        est.DNNRegressor([2], [_size()], str(tmp_path), label_dimension=0)
    for make in (_deep, _both):
        with pytest.raises(ValueError, match="features should be a dictionary of `Te"):
            made = make(est, model_dir=str(tmp_path))
            made.model_fn([1.0], [1], "train", made.config)


def test_a_logit_fn_of_dense_layers_says_what_units_are(est):
    def logit_fn(units):
        return est.experimental.dnn_logit_fn_builder(
            units, [2], [_size()], tf.nn.relu, None, None, False
        )

    with pytest.raises(ValueError, match="units must be an int.  Given type: <class"):
        logit_fn(2.0)
    with tf.Graph().as_default():
        logits = logit_fn(3)(features={"size": tf.zeros([4])}, mode="train")
        assert logits.shape == [4, 3]
        names = [variable.op.name for variable in tf1.global_variables()]
    layers = ("hiddenlayer_0", "logits")
    assert names == [f"{one}/{part}" for one in layers for part in ("kernel", "bias")]


def test_an_optimizer_is_made_whenever_a_model_is_built(est, tmp_path):
    modes = []

    def make():
        modes.append(tf1.get_default_graph().get_name_scope())
        step = tf1.train.get_global_step()
        return tf1.train.AdamOptimizer(tf1.train.exponential_decay(0.1, step, 9, 0.5))

    made = _both(
        est, model_dir=str(tmp_path), dnn_optimizer=make, linear_optimizer=make
    )
    for mode in ("train", "eval"):
        _build(made, mode)
    assert modes == [""] * 4
