"""numpy_input_fn and pandas_input_fn: order, epochs, batches and what they reject."""

import importlib.util

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models_wide import linear_model_fn

tf1 = tf.compat.v1


def batches_of(input_fn, limit=20):
    """Everything that `input_fn` yields in a session of its own, as numpy."""
    batches = []
    with tf.Graph().as_default():
        tensors = input_fn()
        with tf1.train.MonitoredSession() as session:
            while len(batches) < limit and not session.should_stop():
                try:
                    batches.append(session.run(tensors))
                except tf.errors.OutOfRangeError:
                    break
    return batches


def tensors_of(input_fn):
    with tf.Graph().as_default():
        return input_fn()


def x_lists(input_fn, limit=20):
    return [batch["x"].tolist() for batch in batches_of(input_fn, limit)]


# What tf.numpy_function would misread: numbers in another byte order, and text.
FED = {
    "float32 of the other byte order": (np.array([1, 2], ">f4"), [1.0, 2.0]),
    "float16 of the other byte order": (np.array([1, 2], ">f2"), [1.0, 2.0]),
    "int64 of the other byte order": (np.array([1, 2], ">i8"), [1, 2]),
    "complex of the other byte order": (np.array([1, 2j], ">c8"), [1, 2j]),
    "text": (np.array(["é", "b"]), ["é".encode(), b"b"]),
    "text of the other byte order": (
        np.array(["é", "b"]).astype(">U1"),
        ["é".encode(), b"b"],
    ),
    "rows of text": (
        np.array([["é", "bb"], ["", "d"]]),
        [["é".encode(), b"bb"], [b"", b"d"]],
    ),
    "chararray": (np.char.array(["é", "b"]), ["é".encode(), b"b"]),
    "objects": (np.array(["é", b"\xff\0"], object), ["é".encode(), b"\xff\0"]),
    "bool": (np.array([True, False]), [True, False]),
    "uint64": (np.array([1, 2**63 + 5], "u8"), [1, 2**63 + 5]),
    "columns first": (np.asfortranarray([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
}


@pytest.mark.parametrize("kind", FED)
def test_arrays_arrive_as_feeding_reads_them(est, kind):
    array, expected = FED[kind]
    batches = batches_of(
        est.inputs.numpy_input_fn({"x": array}, array, batch_size=2, shuffle=False)
    )
    assert [batches[0][0]["x"].tolist(), batches[0][1].tolist()] == [expected] * 2


class TestNumpyInputFn:
    @pytest.mark.parametrize(
        "batch_size, num_epochs, expected",
        [
            (2, 1, [[0, 1], [2, 3], [4]]),
            (5, 1, [[0, 1, 2, 3, 4]]),
            (8, 1, [[0, 1, 2, 3, 4]]),
            (2, 2, [[0, 1], [2, 3], [4, 0], [1, 2], [3, 4]]),
            (4, 3, [[0, 1, 2, 3], [4, 0, 1, 2], [3, 4, 0, 1], [2, 3, 4]]),
            (8, 2, [[0, 1, 2, 3, 4, 0, 1, 2], [3, 4]]),
            (2, 0, []),
        ],
    )
    def test_batches_cross_epochs_and_only_the_last_is_partial(
        self, est, batch_size, num_epochs, expected
    ):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.arange(5)},
            batch_size=batch_size,
            num_epochs=num_epochs,
            shuffle=False,
        )
        assert x_lists(input_fn) == expected

    def test_without_num_epochs_it_never_ends(self, est):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.arange(5)}, batch_size=2, num_epochs=None, shuffle=False
        )
        expected = [[0, 1], [2, 3], [4, 0], [1, 2], [3, 4], [0, 1], [2, 3]]
        assert x_lists(input_fn, limit=7) == expected

    def test_a_batch_longer_than_the_data_wraps_when_endless(self, est):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.arange(3)}, batch_size=7, num_epochs=None, shuffle=False
        )
        assert x_lists(input_fn, limit=2) == [
            [0, 1, 2, 0, 1, 2, 0],
            [1, 2, 0, 1, 2, 0, 1],
        ]

    def test_defaults_are_one_epoch_of_batches_of_128(self, est):
        input_fn = est.inputs.numpy_input_fn({"x": np.arange(300)}, shuffle=False)
        assert [len(x) for x in x_lists(input_fn)] == [128, 128, 44]

    def test_labels_stay_beside_their_examples(self, est):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.arange(5)}, 10 * np.arange(5), batch_size=2, shuffle=False
        )
        for features, labels in batches_of(input_fn):
            np.testing.assert_array_equal(10 * features["x"], labels)

    def test_shuffled_examples_keep_their_labels_and_come_num_epochs_times(self, est):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.arange(50)},
            10 * np.arange(50),
            batch_size=8,
            num_epochs=3,
            shuffle=True,
        )
        batches = batches_of(input_fn)
        seen = np.concatenate([features["x"] for features, _ in batches])
        labels = np.concatenate([labels for _, labels in batches])
        np.testing.assert_array_equal(10 * seen, labels)
        assert np.bincount(seen).tolist() == [3] * 50
        assert [len(labels) for _, labels in batches] == [8] * 18 + [6]

    def test_shuffle_changes_the_order(self, est):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.arange(100)}, batch_size=100, shuffle=True
        )
        assert x_lists(input_fn)[0] != list(range(100))

    def test_without_labels_it_gives_features_alone(self, est):
        input_fn = est.inputs.numpy_input_fn({"x": np.arange(3)}, shuffle=False)
        assert list(tensors_of(input_fn)) == ["x"]

    def test_a_dict_of_labels_stays_a_dict(self, est):
        y = {"a": np.arange(3), "b": np.ones((3, 2))}
        input_fn = est.inputs.numpy_input_fn({"x": np.arange(3)}, y, shuffle=False)
        ((_, labels),) = batches_of(input_fn)
        np.testing.assert_array_equal(labels["a"], y["a"])
        np.testing.assert_array_equal(labels["b"], y["b"])

    def test_an_array_of_features_stays_a_tensor(self, est):
        x = np.arange(6).reshape(3, 2)
        with_labels = est.inputs.numpy_input_fn(x, np.arange(3), shuffle=False)
        ((features, labels),) = batches_of(with_labels)
        np.testing.assert_array_equal(features, x)
        np.testing.assert_array_equal(labels, [0, 1, 2])
        (alone,) = batches_of(est.inputs.numpy_input_fn(x, shuffle=False))
        np.testing.assert_array_equal(alone, x)

    def test_keys_come_in_sorted_order(self, est):
        x = {"b": np.arange(2), "c": np.arange(2), "a": np.arange(2)}
        features = tensors_of(est.inputs.numpy_input_fn(x, shuffle=False))
        assert list(features) == ["a", "b", "c"]

    def test_tensors_have_the_arrays_types_and_an_open_batch_dimension(self, est):
        x = {"a": np.zeros((4, 2), np.float32), "b": np.zeros(4, np.int32)}
        y = np.zeros((4, 3), np.uint8)
        features, labels = tensors_of(est.inputs.numpy_input_fn(x, y, shuffle=False))
        assert features["a"].dtype == tf.float32
        assert features["a"].shape.as_list() == [None, 2]
        assert features["b"].dtype == tf.int32
        assert features["b"].shape.as_list() == [None]
        assert labels.dtype == tf.uint8
        assert labels.shape.as_list() == [None, 3]

    def test_strings_arrive_as_bytes(self, est):
        input_fn = est.inputs.numpy_input_fn(
            {"x": np.array(["a", "bc"])}, shuffle=False
        )
        assert x_lists(input_fn) == [[b"a", b"bc"]]

    def test_it_can_be_called_again(self, est):
        input_fn = est.inputs.numpy_input_fn({"x": np.arange(3)}, shuffle=False)
        assert x_lists(input_fn) == x_lists(input_fn) == [[0, 1, 2]]

    @pytest.mark.parametrize("shuffle", [None, 1, 0, "yes"])
    def test_shuffle_must_be_true_or_false(self, est, shuffle):
        with pytest.raises(ValueError, match=f"shuffle must.*boolean.*{shuffle}"):
            est.inputs.numpy_input_fn({"x": np.arange(3)}, shuffle=shuffle)

    @pytest.mark.parametrize(
        "x, y, error, words",
        [
            ({"x": np.arange(5)}, np.arange(4), ValueError, "(?s)same length.*5.*4"),
            ({"a": np.arange(4), "b": np.arange(3)}, None, ValueError, "same length"),
            (
                {"a": np.arange(4)},
                {"b": np.arange(4), "c": np.arange(3)},
                ValueError,
                "same length",
            ),
            ({}, np.arange(4), ValueError, "x cannot be an empty dict"),
            ({"x": np.arange(4)}, {}, ValueError, "y cannot be .*empty dict.*None"),
            ([1, 2], np.arange(2), TypeError, "x must be a dict or array.*list"),
            (None, np.arange(2), TypeError, "x must be a dict or array.*NoneType"),
            ({"a": np.arange(2)}, {"a": np.arange(2)}, ValueError, "duplicate.*'a'"),
        ],
    )
    def test_rejects(self, est, x, y, error, words):
        with pytest.raises(error, match=words):
            tensors_of(est.inputs.numpy_input_fn(x, y, shuffle=False))

    def test_an_estimator_trains_evaluates_and_predicts_on_it(self, est, tmp_path):
        x = {"x": np.arange(10, dtype=np.float32).reshape(5, 2)}
        y = x["x"][:, 0]
        make = est.inputs.numpy_input_fn
        estimator = est.Estimator(linear_model_fn(est), str(tmp_path))
        estimator.train(make(x, y, batch_size=2, num_epochs=2, shuffle=True))
        assert estimator.get_variable_value("global_step") == 5
        result = estimator.evaluate(make(x, y, batch_size=2, shuffle=False))
        predicted = estimator.predict(make(x, batch_size=2, shuffle=False))
        errors = np.array([p["p"] for p in predicted]) - y
        assert result["mae"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-5)


@pytest.mark.parametrize("as_labels", [dict, lambda frame: frame["b"]])
def test_columns_of_pandas_are_arrays(est, as_labels):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"b": [0, 1, 2, 3, 4], "a": [0.5, 1.5, 2.5, 3.5, 4.5]})
    labels = as_labels(frame.rename(columns=str.upper) if as_labels is dict else frame)
    input_fn = est.inputs.numpy_input_fn(
        dict(frame), labels, batch_size=3, shuffle=False
    )
    (features, found), (rest, _) = batches_of(input_fn)
    assert features["b"].tolist() == [0, 1, 2] and rest["a"].tolist() == [3.5, 4.5]
    assert (found["B"] if as_labels is dict else found).tolist() == [0, 1, 2]


class TestPandasInputFn:
    @pytest.fixture
    def pd(self):
        return pytest.importorskip("pandas")

    @pytest.fixture
    def x(self, pd):
        columns = {"b": [0, 1, 2, 3, 4], "a": [0.5, 1.5, 2.5, 3.5, 4.5]}
        return pd.DataFrame(columns, index=range(10, 15))

    @pytest.fixture
    def y(self, pd):
        return pd.Series([0, 10, 20, 30, 40], index=range(10, 15))

    def test_batches_cross_epochs(self, est, x, y):
        input_fn = est.inputs.pandas_input_fn(
            x, y, batch_size=2, num_epochs=2, shuffle=False
        )
        batches = batches_of(input_fn)
        assert [features["b"].tolist() for features, _ in batches] == [
            [0, 1],
            [2, 3],
            [4, 0],
            [1, 2],
            [3, 4],
        ]
        for features, labels in batches:
            np.testing.assert_array_equal(10 * features["b"], labels)

    def test_last_batch_is_partial(self, est, x):
        input_fn = est.inputs.pandas_input_fn(x, batch_size=3, shuffle=False)
        assert [len(features["a"]) for features in batches_of(input_fn)] == [3, 2]

    def test_without_num_epochs_it_never_ends(self, est, x):
        input_fn = est.inputs.pandas_input_fn(
            x, batch_size=4, num_epochs=None, shuffle=False
        )
        assert len(batches_of(input_fn, limit=6)) == 6

    def test_shuffle_keeps_rows_together(self, est, x, y):
        input_fn = est.inputs.pandas_input_fn(
            x, y, batch_size=2, num_epochs=2, shuffle=True
        )
        batches = batches_of(input_fn)
        for features, labels in batches:
            np.testing.assert_array_equal(10 * features["b"], labels)
            np.testing.assert_array_equal(features["b"] + 0.5, features["a"])
        seen = np.concatenate([labels for _, labels in batches])
        assert sorted(seen) == sorted(2 * [0, 10, 20, 30, 40])

    def test_features_are_the_columns_in_their_order(self, est, x):
        features = tensors_of(est.inputs.pandas_input_fn(x, shuffle=False))
        assert list(features) == ["b", "a"]
        assert features["b"].dtype == tf.int64
        assert features["a"].dtype == tf.float64
        assert features["a"].shape.as_list() == [None]

    def test_frame_of_labels_becomes_a_dict(self, est, pd, x, y):
        labels = pd.DataFrame({"u": y, "a": 2 * y})
        input_fn = est.inputs.pandas_input_fn(x, labels, shuffle=False)
        ((features, got),) = batches_of(input_fn)
        assert sorted(got) == ["a", "u"]
        np.testing.assert_array_equal(got["a"], 2 * y)
        np.testing.assert_array_equal(features["a"], x["a"])

    def test_columns_added_later_do_not_show(self, est, x):
        input_fn = est.inputs.pandas_input_fn(x, shuffle=False)
        x["later"] = 1
        assert list(tensors_of(input_fn)) == ["b", "a"]

    def test_strings_arrive_as_bytes(self, est, pd):
        frame = pd.DataFrame({"x": ["a", "bc"]}, dtype=object)
        input_fn = est.inputs.pandas_input_fn(frame, shuffle=False)
        assert x_lists(input_fn) == [[b"a", b"bc"]]

    def test_target_column_must_be_free(self, est, x, y):
        with pytest.raises(ValueError, match="a.*target column"):
            est.inputs.pandas_input_fn(x, y, shuffle=False, target_column="a")

    def test_target_column_does_not_show_among_the_features(self, est, x, y):
        input_fn = est.inputs.pandas_input_fn(x, y, shuffle=False, target_column="t")
        features, _ = tensors_of(input_fn)
        assert list(features) == ["b", "a"]

    @pytest.mark.parametrize("shuffle", [None, 1])
    def test_shuffle_must_be_true_or_false(self, est, x, y, shuffle):
        with pytest.raises(ValueError, match="shuffle must.*boolean"):
            est.inputs.pandas_input_fn(x, y, shuffle=shuffle)

    def test_labels_of_other_rows_are_rejected(self, est, x, y):
        with pytest.raises(ValueError, match="(?s)[Ii]ndex.*mismatched"):
            est.inputs.pandas_input_fn(x, y.reset_index(drop=True), shuffle=False)

    def test_labels_of_another_length_are_rejected(self, est, x, y):
        with pytest.raises(ValueError, match="(?s)[Ii]ndex.*mismatched"):
            est.inputs.pandas_input_fn(x, y[:3], shuffle=False)

    def test_a_dict_is_no_frame(self, est, pd):
        with pytest.raises(TypeError, match="DataFrame.*dict"):
            tensors_of(est.inputs.pandas_input_fn({"a": np.arange(3)}, shuffle=False))


def test_columns_whose_names_do_not_compare_train_and_evaluate(est, tmp_path):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"x": [1.0, 2.0], 1: [3.0, 4.0]})
    input_fn = est.inputs.pandas_input_fn(frame, frame["x"], shuffle=False)

    def model_fn(features, labels, mode):
        total = features["x"] + features[1]
        loss = tf.reduce_sum(total)
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(input_fn)
    assert estimator.evaluate(input_fn)["loss"] == 10


def test_pandas_input_fn_without_pandas_says_so(est):
    if importlib.util.find_spec("pandas"):
        pytest.skip("pandas is installed")
    with pytest.raises(TypeError, match="pandas"):
        est.inputs.pandas_input_fn({"a": np.arange(3)}, shuffle=False)


@pytest.mark.parametrize(("shuffle", "taken"), [(False, 0), (True, 1)])
def test_only_shuffling_takes_one_of_the_graphs_seeds(est, tmp_path, shuffle, taken):
    """So that initial values are the original's with the same tf_random_seed."""
    seeds = []

    def model_fn(features, labels, mode):
        seeds.append(tf1.random.get_seed(None))
        return est.EstimatorSpec(mode, predictions=features)

    x = np.ones([2], np.float32)
    input_fn = est.inputs.numpy_input_fn(x, shuffle=shuffle)
    config = est.RunConfig(tf_random_seed=3)
    next(est.Estimator(model_fn, str(tmp_path), config).predict(input_fn))
    assert seeds == [(3, taken)]
