"""tf.contrib.feature_column: sequences of features."""


def _sparse(tf, values, places, shape):
    return tf.SparseTensor(places, values, shape)


def _words(tf):
    places = [[0, 0], [0, 1], [1, 0], [2, 0], [2, 1], [2, 2]]
    return _sparse(tf, ["a", "b", "c", "a", "zz", "b"], places, [3, 3])


def _numbers(tf):
    places = [[0, 0], [0, 1], [1, 0], [2, 0], [2, 1], [2, 2]]
    return _sparse(tf, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], places, [3, 3])


def several(tf):
    columns = tf.contrib.feature_column
    words = columns.sequence_categorical_column_with_vocabulary_list(
        "words", ["a", "b", "c"], num_oov_buckets=1
    )
    made = [
        tf.feature_column.indicator_column(words),
        columns.sequence_numeric_column("numbers", normalizer_fn=lambda x: x * 10),
        tf.feature_column.embedding_column(words, 2),
    ]
    features = {"words": _words(tf), "numbers": _numbers(tf)}
    return columns.sequence_input_layer(features, made)


def shapes(tf):
    columns = tf.contrib.feature_column
    numbers = columns.sequence_numeric_column("numbers", (3,), default_value=-1.0)
    return columns.sequence_input_layer({"numbers": _numbers(tf)}, numbers)


def ragged(tf):
    columns = tf.contrib.feature_column
    places = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    sets = _sparse(tf, [1, 2, 3, 4], places, [2, 2, 2])
    ids = columns.sequence_categorical_column_with_identity("sets", 5)
    layer = tf.feature_column.embedding_column(ids, 2, combiner="sum")
    with tf.variable_scope("net"):
        return columns.sequence_input_layer({"sets": sets}, [layer])


def shared(tf):
    columns = tf.contrib.feature_column
    ids = [columns.sequence_categorical_column_with_identity(name, 5) for name in "xyz"]
    made = tf.feature_column.shared_embedding_columns(ids, 2)
    x, y = tf.constant([[1, 2, -1], [3, -1, -1]]), tf.constant([2, 3])
    return [
        columns.sequence_input_layer({"x": x, "z": x}, [made[0], made[2]]),
        columns.sequence_input_layer({"y": y}, made[1:2]),
    ]
