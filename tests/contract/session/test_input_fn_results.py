"""What input_fn may return, and what model_fn then gets."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import MODES, any_spec, averager, numbers, run

tf1 = tf.compat.v1


def arguments_of(est, tmp_path, mode, input_fn):
    """The features and labels that model_fn gets from `input_fn`."""
    got = []

    def model_fn(features, labels, mode):
        got.append((features, labels))
        return any_spec(est, mode)

    run(est.Estimator(model_fn, str(tmp_path)), mode, input_fn)
    assert len(got) == 1
    return got[0]


def constants():
    return tf.constant([1.0]), tf.constant([2.0])


@pytest.mark.parametrize("mode", MODES)
def test_a_pair_is_features_and_labels(est, tmp_path, mode):
    features, labels = arguments_of(est, tmp_path, mode, constants)
    assert tf.is_tensor(features)
    assert tf.is_tensor(labels) == (mode != "infer")


def test_a_list_of_two_is_a_pair_too(est, tmp_path):
    features, labels = arguments_of(est, tmp_path, "train", lambda: [*constants()])
    assert tf.is_tensor(features)
    assert tf.is_tensor(labels)


@pytest.mark.parametrize("mode", MODES)
def test_predict_drops_the_labels_and_the_others_keep_them(est, tmp_path, mode):
    _, labels = arguments_of(
        est, tmp_path, mode, lambda: ({"x": tf.ones([1])}, {"y": tf.ones([1])})
    )
    assert labels is None if mode == "infer" else sorted(labels) == ["y"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "input_fn",
    [
        lambda: {"x": tf.ones([1])},
        lambda: ({"x": tf.ones([1])}, None),
        lambda: tf.data.Dataset.from_tensors({"x": [1.0]}),
        lambda: tf.data.Dataset.from_tensors(({"x": [1.0]}, None)),
    ],
    ids=["dict", "dict-none", "dataset", "dataset-none"],
)
def test_labels_may_be_missing(est, tmp_path, mode, input_fn):
    features, labels = arguments_of(est, tmp_path, mode, input_fn)
    assert sorted(features) == ["x"]
    assert labels is None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "input_fn",
    [lambda: tf.ones([1]), lambda: tf.data.Dataset.from_tensors([1.0])],
    ids=["tensor", "dataset"],
)
def test_features_may_be_a_single_tensor(est, tmp_path, mode, input_fn):
    features, labels = arguments_of(est, tmp_path, mode, input_fn)
    assert features.shape.as_list() == [1]
    assert labels is None


def test_features_may_be_a_list(est, tmp_path):
    features, labels = arguments_of(
        est, tmp_path, "train", lambda: ([tf.ones([1]), tf.ones([2])], tf.ones([3]))
    )
    assert [one.shape.as_list() for one in features] == [[1], [2]]
    assert labels.shape.as_list() == [3]


def test_features_may_be_a_tuple_in_a_dataset(est, tmp_path):
    features, labels = arguments_of(
        est,
        tmp_path,
        "train",
        lambda: tf.data.Dataset.from_tensors((([1.0], [2.0, 3.0]), [4.0])),
    )
    assert [one.shape.as_list() for one in features] == [[1], [2]]
    assert labels.shape.as_list() == [1]


@pytest.mark.parametrize("mode", MODES)
def test_features_may_be_sparse(est, tmp_path, mode):
    def input_fn():
        sparse = tf.SparseTensor([[0, 1], [1, 0]], [1.0, 2.0], [2, 3])
        return tf.data.Dataset.from_tensors({"x": sparse})

    def model_fn(features, labels, mode):
        assert isinstance(features["x"], tf.SparseTensor)
        dense = tf.sparse.reduce_sum(features["x"], axis=1)
        dense.set_shape([None])
        return averager(est)({"x": dense}, labels, mode)

    result = run(est.Estimator(model_fn, str(tmp_path)), mode, input_fn)
    if mode == "eval":
        assert result["loss"] == 1.5
    if mode == "infer":
        assert result == {"x": 1.0, "y": 2.0}


@pytest.mark.parametrize("mode", MODES)
def test_features_may_be_ragged(est, tmp_path, mode):
    def input_fn():
        return tf.data.Dataset.from_tensors(tf.ragged.constant([[1.0], [2.0, 3.0]]))

    def model_fn(features, labels, mode):
        assert isinstance(features, tf.RaggedTensor)
        sums = tf.reduce_sum(features, axis=1)
        return averager(est)({"x": sums}, labels, mode)

    result = run(est.Estimator(model_fn, str(tmp_path)), mode, input_fn)
    if mode == "eval":
        assert result["loss"] == 3.0
    if mode == "infer":
        assert result == {"x": 1.0, "y": 2.0}


@pytest.mark.parametrize("mode", MODES)
def test_features_may_be_numpy_arrays(est, tmp_path, mode):
    def input_fn():
        return {"x": np.float32([1, 2])}, np.float32([2, 4])

    def model_fn(features, labels, mode):
        x = tf.convert_to_tensor(features["x"])
        return averager(est)({"x": x}, labels, mode)

    result = run(est.Estimator(model_fn, str(tmp_path)), mode, input_fn)
    if mode == "eval":
        assert result["loss"] == 1.5
    if mode == "infer":
        assert result == {"x": 1.0, "y": 2.0}


def test_features_may_be_text(est, tmp_path):
    def input_fn():
        return tf.data.Dataset.from_tensors({"word": ["a", "bcd"]})

    def model_fn(features, labels, mode):
        lengths = tf.strings.length(features["word"])
        return averager(est)({"x": tf.cast(lengths, tf.float32)}, labels, mode)

    estimator = est.Estimator(model_fn, str(tmp_path))
    assert estimator.evaluate(input_fn)["loss"] == 2.0
    assert [one["x"] for one in estimator.predict(input_fn)] == [1, 3]


def test_nested_features_keep_their_structure(est, tmp_path):
    nested = {"a": {"b": [1.0]}, "c": ([1.0], [2.0])}
    features, _ = arguments_of(
        est, tmp_path, "train", lambda: tf.data.Dataset.from_tensors(nested)
    )
    tf.nest.assert_same_structure(features, {"a": {"b": 0}, "c": (0, 0)})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("dataset", [False, True])
def test_a_tuple_that_is_no_pair_is_refused(est, tmp_path, mode, count, dataset):
    def input_fn():
        parts = ([1.0],) * count
        return tf.data.Dataset.from_tensors(parts) if dataset else parts

    with pytest.raises(ValueError, match="input_fn should return"):
        arguments_of(est, tmp_path, mode, input_fn)


def test_the_next_of_an_iterator_is_read_anew_in_each_step(est, tmp_path):
    def input_fn():
        dataset = numbers(4, 2, epochs=1)()
        return tf1.data.make_one_shot_iterator(dataset).get_next()

    estimator = est.Estimator(averager(est), str(tmp_path))
    assert [one["x"] for one in estimator.predict(input_fn)] == [1, 2, 3, 4]
    assert estimator.evaluate(input_fn)["loss"] == 2.5
    estimator.train(input_fn)
    assert estimator.get_variable_value("global_step") == 2


def test_an_initializable_iterator_runs_with_the_table_initializers(est, tmp_path):
    def input_fn():
        iterator = tf1.data.make_initializable_iterator(numbers(4, 2, epochs=1)())
        tf1.add_to_collection(tf1.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
        return iterator.get_next()

    estimator = est.Estimator(averager(est), str(tmp_path))
    assert estimator.evaluate(input_fn)["loss"] == 2.5


@pytest.mark.parametrize("mode", MODES)
def test_a_hook_may_feed_a_placeholder_of_the_input(est, tmp_path, mode):
    def input_fn():
        return {"x": tf1.placeholder(tf.float32, [None], name="fed")}

    values = iter([[1.0, 2.0], [3.0, 4.0]])
    hooks = [tf1.train.FeedFnHook(lambda: {"fed:0": next(values)})]
    estimator = est.Estimator(averager(est), str(tmp_path))
    if mode == "train":
        estimator.train(input_fn, hooks=hooks, steps=2)
    elif mode == "eval":
        assert estimator.evaluate(input_fn, hooks=hooks, steps=2)["loss"] == 2.5
    else:
        stream = estimator.predict(input_fn, hooks=hooks)
        assert [next(stream)["x"] for _ in range(4)] == [1, 2, 3, 4]
        stream.close()


@pytest.mark.parametrize("mode", MODES)
def test_input_may_come_from_a_queue(est, tmp_path, mode):
    def input_fn():
        numbers = tf1.train.input_producer(
            tf.constant([1.0, 2.0, 3.0]), num_epochs=1, shuffle=False
        )
        x = tf1.train.batch(
            [numbers.dequeue()], 2, allow_smaller_final_batch=True, num_threads=1
        )
        return {"x": x}

    estimator = est.Estimator(averager(est), str(tmp_path))
    if mode == "train":
        estimator.train(input_fn)
        assert estimator.get_variable_value("global_step") == 2
    elif mode == "eval":
        assert estimator.evaluate(input_fn)["loss"] == (1.5 + 3.0) / 2
    else:
        assert [one["x"] for one in estimator.predict(input_fn)] == [1, 2, 3]


def test_a_dataset_may_look_things_up_in_a_table(est, tmp_path):
    def input_fn():
        words, ids = tf.constant(["a", "b"]), tf.constant([1.0, 2.0])
        entries = tf.lookup.KeyValueTensorInitializer(words, ids)
        table = tf.lookup.StaticHashTable(entries, -1.0)
        dataset = tf.data.Dataset.from_tensors(["b", "a", "z"])
        return dataset.map(lambda word: {"x": table.lookup(word)})

    estimator = est.Estimator(averager(est), str(tmp_path))
    assert [one["x"] for one in estimator.predict(input_fn)] == [2, 1, -1]


def test_the_input_is_built_in_the_graph_of_the_model(est, tmp_path):
    graphs = []

    def input_fn():
        graphs.append(tf1.get_default_graph())
        assert not tf.executing_eagerly()
        return constants()

    def model_fn(features, labels, mode):
        graphs.append(tf1.get_default_graph())
        return any_spec(est, mode)

    est.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=1)
    assert len(graphs) == 2
    assert graphs[0] is graphs[1]


def test_the_step_exists_before_the_input_and_the_model_are_built(est, tmp_path):
    names = []

    def input_fn():
        names.append(tf1.train.get_global_step().op.name)
        return constants()

    def model_fn(features, labels, mode):
        step = tf1.train.get_global_step()
        names.append(step.op.name)
        assert step.dtype == tf.int64
        return any_spec(est, mode)

    estimator = est.Estimator(model_fn, str(tmp_path))
    for mode in MODES:
        run(estimator, mode, input_fn)
    assert names == ["global_step"] * 6


@pytest.mark.parametrize("mode", MODES)
def test_an_error_in_input_fn_reaches_the_caller(est, tmp_path, mode):
    def input_fn():
        raise KeyError("no such file")

    with pytest.raises(KeyError, match="no such file"):
        run(est.Estimator(averager(est), str(tmp_path)), mode, input_fn)


@pytest.mark.parametrize("mode", MODES)
def test_an_error_while_reading_reaches_the_caller(est, tmp_path, mode):
    def input_fn():
        def damaged(features, labels):
            return {"x": tf1.check_numerics(features["x"] / 0.0, "damaged")}, labels

        return numbers()().map(damaged)

    with pytest.raises(tf.errors.InvalidArgumentError, match="damaged"):
        run(est.Estimator(averager(est), str(tmp_path)), mode, input_fn)


def test_an_error_in_a_generator_reaches_the_caller(est, tmp_path):
    def generate():
        yield np.float32([1.0])
        raise RuntimeError("the generator broke")

    def input_fn():
        shape = tf.TensorSpec([1], tf.float32)
        dataset = tf.data.Dataset.from_generator(generate, output_signature=shape)
        return dataset.map(lambda x: {"x": x})

    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(tf.errors.OpError, match="the generator broke"):
        estimator.train(input_fn, steps=5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("input_fn", [None, 3, {"x": [1.0]}])
def test_input_fn_must_be_callable(est, tmp_path, mode, input_fn):
    with pytest.raises(TypeError):
        run(est.Estimator(averager(est), str(tmp_path)), mode, input_fn)


# Keys that do not compare, as those of a dict of strings and numbers


class Named(dict):
    """A dict of the user's, with something beside its items."""

    note = None


def mixed_keys():
    features = Named({"b": tf.constant([1.0]), 1: tf.constant([2.0])})
    features.note = "mine"
    return features, {"y": [tf.constant([1.0]), {"a": tf.ones([1]), 0: tf.ones([1])}]}


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_keys_need_not_compare(est, tmp_path, mode):
    features, labels = arguments_of(est, tmp_path, mode, mixed_keys)
    assert list(features) == ["b", 1]
    assert isinstance(features, Named) and features.note == "mine"
    assert list(labels["y"][1]) == ["a", 0]


def test_a_model_of_keys_that_do_not_compare_is_exported(est, tmp_path):
    def model_fn(features, labels, mode):
        return any_spec(est, mode)

    def receiver_fn():
        x = tf1.placeholder(tf.float32, [None])
        return est.export.ServingInputReceiver({"a": x, 1: x}, x)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(mixed_keys, steps=1)
    assert estimator.export_saved_model(str(tmp_path / "export"), receiver_fn)


@pytest.mark.parametrize("mode", MODES)
def test_a_variable_among_the_features_stays_one(est, tmp_path, mode):
    def input_fn():
        v = tf1.get_variable("v", [2])
        return {"x": v, "nested": [v]}, tf.ones([1])

    features, _ = arguments_of(est, tmp_path, mode, input_fn)
    for value in (features["x"], *features["nested"]):
        assert isinstance(value, tf.Variable)
