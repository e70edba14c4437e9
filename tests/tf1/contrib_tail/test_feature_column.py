"""What sequence_input_layer refuses, and what becomes of its variables."""

import pytest

from estimator_mnist import tf1 as tf

columns = tf.contrib.feature_column
ids = columns.sequence_categorical_column_with_identity("ids", 5)
embedding = tf.feature_column.embedding_column(ids, 2)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def layer(made, features=None, **options):
    features = features or {"ids": tf.constant([[1, 2], [3, -1]])}
    return columns.sequence_input_layer(features, made, **options)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ([], "must not be empty"),
        ([ids], "of type _SequenceDenseColumn.*SequenceCategoricalColumn"),
        ("ids", "of type _SequenceDenseColumn"),
        ([embedding, embedding], "Duplicate feature column name"),
        (columns.sequence_numeric_column("x"), "x is not in features dictionary"),
    ],
)
def test_columns_that_are_refused(made, message):
    with pytest.raises(ValueError, match=message):
        layer(made)


def test_lengths_have_to_be_equal():
    other = columns.sequence_categorical_column_with_identity("other", 5)
    features = {"ids": tf.constant([[1, 2]]), "other": tf.constant([[1, -1]])}
    made = [tf.feature_column.indicator_column(each) for each in (ids, other)]
    _, lengths = layer(made, features)
    with (
        tf.Session() as session,
        pytest.raises(tf.errors.InvalidArgumentError, match="x == y did not hold"),
    ):
        session.run(lengths)


def test_shapes_are_known_as_far_as_they_can_be():
    features = {"ids": tf.sparse_placeholder(tf.int64, [None, None])}
    inputs, lengths = layer(embedding, features)
    assert inputs.shape.as_list() == [None, None, 2]
    assert lengths.shape.as_list() == [None]


def test_variables_are_frozen_collected_and_reused():
    with tf.variable_scope("net"):
        layer(embedding, trainable=False, weight_collections=["mine"])
    with tf.variable_scope("net", reuse=True):
        layer(embedding)
    (variable,) = tf.global_variables()
    assert tf.get_collection("mine") == [variable]
    assert not tf.trainable_variables()
