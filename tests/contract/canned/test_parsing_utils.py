"""Specs for tf.io.parse_example, with labels and weights."""

import pytest
import tensorflow as tf

columns = tf.feature_column
Fixed = tf.io.FixedLenFeature

AGE = Fixed((1,), tf.float32)
WORD = tf.io.VarLenFeature(tf.string)


def feature_columns():
    word = columns.categorical_column_with_hash_bucket("word", 5)
    return [columns.numeric_column("age"), columns.embedding_column(word, 2)]


@pytest.mark.parametrize(
    ("arguments", "label"),
    [
        ({}, Fixed((1,), tf.int64)),
        ({"label_default": 3}, Fixed((1,), tf.int64, 3)),
        (
            {"label_dtype": tf.string, "label_default": "x"},
            Fixed((1,), tf.string, "x"),
        ),
    ],
)
def test_labels_of_a_classifier(est, arguments, label):
    spec = est.classifier_parse_example_spec(feature_columns(), "y", **arguments)
    assert spec == {"age": AGE, "word": WORD, "y": label}


@pytest.mark.parametrize(
    ("arguments", "label"),
    [
        ({}, Fixed((1,), tf.float32)),
        ({"label_dimension": 3}, Fixed((3,), tf.float32)),
        ({"label_default": 1.5}, Fixed((1,), tf.float32, 1.5)),
        ({"label_dtype": tf.int64}, Fixed((1,), tf.int64)),
        (
            {"label_dimension": 2, "label_default": [1.0, 2.0]},
            Fixed((2,), tf.float32, [1.0, 2.0]),
        ),
    ],
)
def test_labels_of_a_regressor(est, arguments, label):
    spec = est.regressor_parse_example_spec(feature_columns(), "y", **arguments)
    assert spec == {"age": AGE, "word": WORD, "y": label}


@pytest.fixture(params=["classifier", "regressor"])
def make_spec(est, request):
    return getattr(est, f"{request.param}_parse_example_spec")


def test_weights(make_spec):
    weight = columns.numeric_column("w", shape=2, default_value=1, dtype=tf.int64)
    for weight_column, feature in (
        ("w", Fixed((1,), tf.float32)),
        (weight, Fixed((2,), tf.int64, (1, 1))),
    ):
        spec = make_spec([], "y", weight_column=weight_column)
        assert list(spec) == ["y", "w"]
        assert spec["w"] == feature


def test_parses_examples(make_spec):
    spec = make_spec(feature_columns(), "y", weight_column="w", label_default=7)
    example = tf.train.Example()
    for name in ("age", "w"):
        example.features.feature[name].float_list.value.append(2.5)
    parsed = tf.io.parse_example([example.SerializeToString()], spec)
    assert parsed["age"].numpy() == parsed["w"].numpy() == [[2.5]]
    assert parsed["y"].numpy() == [[7]]


@pytest.mark.parametrize(
    ("label_key", "weight_column", "message"),
    [
        (
            "age",
            None,
            r"label should not be used as feature\. label_key: age, features: "
            r"dict_keys\(\['age', 'word'\]\)",
        ),
        (
            "y",
            "age",
            r"weight_column should not be used as feature\. weight_column: age, "
            r"features: dict_keys\(\['age', 'word', 'y'\]\)",
        ),
        ("y", "y", r"weight_column should not be used as feature\. weight_column: y"),
        (
            "y",
            5,
            "weight_column should be an instance of tf.feature_column.numeric_column. "
            "Given type: <class 'int'> value: 5",
        ),
    ],
)
def test_refuses_a_name_in_two_roles(make_spec, label_key, weight_column, message):
    with pytest.raises(ValueError, match=message):
        make_spec(feature_columns(), label_key, weight_column=weight_column)


def test_refuses_what_is_no_numeric_column(make_spec):
    for weight_column in (feature_columns()[1], b"w"):
        with pytest.raises(ValueError, match="weight_column should be an instance of"):
            make_spec([], "y", weight_column=weight_column)
    bucketized = columns.bucketized_column(columns.numeric_column("w"), [1.0])
    with pytest.raises(ValueError, match="weight_column should be an instance of"):
        make_spec([], "y", weight_column=bucketized)


def test_refuses_what_is_no_feature_column(make_spec):
    with pytest.raises(ValueError, match="_FeatureColumn instances. Given: age"):
        make_spec(["age"], "y")
