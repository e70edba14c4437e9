"""The smaller parts of tf.contrib."""

import numpy as np
import pytest
import tensorflow as real

from estimator_mnist import estimator as tf_estimator
from estimator_mnist import tf1 as tf

contrib = tf.contrib


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def elements(dataset):
    next_element = tf.data.make_one_shot_iterator(dataset).get_next()
    found = []
    with tf.Session() as session:
        try:
            while True:
                found.append(session.run(next_element).tolist())
        except tf.errors.OutOfRangeError:
            return found


def range_of(n):
    return tf.data.Dataset.range(n)


class TestData:
    pytestmark = pytest.mark.usefixtures("graph")

    def test_shuffle_and_repeat_gives_whole_epochs(self):
        shuffled = range_of(8).apply(contrib.data.shuffle_and_repeat(8, 2, seed=1))
        found = elements(shuffled)
        assert sorted(found[:8]) == sorted(found[8:]) == list(range(8))
        assert found[:8] != list(range(8))

    def test_map_and_batch_maps_and_batches(self):
        batches = contrib.data.map_and_batch(lambda x: 2 * x, 2, num_parallel_batches=2)
        assert elements(range_of(5).apply(batches)) == [[0, 2], [4, 6], [8]]
        whole = contrib.data.map_and_batch(lambda x: 2 * x, 2, drop_remainder=True)
        assert elements(range_of(5).apply(whole)) == [[0, 2], [4, 6]]

    def test_batch_and_drop_remainder_has_static_batches(self):
        batches = range_of(5).apply(contrib.data.batch_and_drop_remainder(2))
        assert elements(batches) == [[0, 1], [2, 3]]
        shape = tf.data.get_output_shapes(batches)
        assert shape.as_list() == [2]

    def test_unbatch_undoes_batch(self):
        assert elements(range_of(3).batch(2).apply(contrib.data.unbatch())) == [0, 1, 2]

    def test_parallel_interleave_takes_turns(self):
        turns = contrib.data.parallel_interleave(
            lambda x: tf.data.Dataset.from_tensors(x).repeat(2), cycle_length=2
        )
        assert elements(range_of(2).apply(turns)) == [0, 1, 0, 1]

    def test_ignore_errors_drops_what_fails(self):
        checked = range_of(3).map(lambda x: tf.check_numerics(1 / (x - 1), "bad"))
        assert elements(checked.apply(contrib.data.ignore_errors())) == [-1, 1]

    def test_get_single_element_is_a_tensor(self):
        single = contrib.data.get_single_element(range_of(3).batch(3))
        with tf.Session() as session:
            assert session.run(single).tolist() == [0, 1, 2]


def test_contrib_data_has_what_became_tf_data_experimental():
    for name in contrib.data.__all__[7:]:
        expected = getattr(real.compat.v1.data.experimental, name)
        assert getattr(contrib.data, name) is expected


LABELS, PREDICTIONS = np.array([1, 0, 1, 1]), np.array([1, 1, 0, 1])


def streamed(metric, *args):
    """Its value after one update."""
    value, update = metric(*args)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        session.run(update)
        return session.run(value)


class TestMetrics:
    pytestmark = pytest.mark.usefixtures("graph")

    def test_accuracy_is_of_this_batch(self):
        plain = contrib.metrics.accuracy(PREDICTIONS, LABELS)
        weighted = contrib.metrics.accuracy(PREDICTIONS, LABELS, weights=[3, 0, 1, 0])
        with tf.Session() as session:
            assert session.run([plain, weighted]) == [0.5, 0.75]

    def test_accuracy_compares_equal_dtypes_only(self):
        with pytest.raises(ValueError, match="Cannot compare"):
            contrib.metrics.accuracy(PREDICTIONS, LABELS.astype(np.int32))

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("accuracy", 1 / 2),
            ("precision", 2 / 3),
            ("recall", 2 / 3),
            ("mean_absolute_error", 1 / 2),
            ("mean_squared_error", 1 / 2),
            ("root_mean_squared_error", 0.5**0.5),
            ("auc", 1 / 3),
        ],
    )
    def test_streaming_metrics_take_predictions_first(self, name, expected):
        metric = getattr(contrib.metrics, f"streaming_{name}")
        predictions, labels = PREDICTIONS, LABELS
        if name == "auc":  # one of the three positives is above the only negative
            predictions = np.array([0.9, 0.5, 0.2, 0.1], np.float32)
        found = streamed(metric, predictions, labels)
        np.testing.assert_allclose(found, expected, rtol=1e-3)

    def test_precision_and_recall_are_not_mixed_up(self):
        predictions, labels = [1, 1, 1, 0], [1, 0, 0, 0]
        metrics = contrib.metrics
        precision = streamed(metrics.streaming_precision, predictions, labels)
        recall = streamed(metrics.streaming_recall, predictions, labels)
        np.testing.assert_allclose([precision, recall], [1 / 3, 1], rtol=1e-6)

    def test_aggregates_part_values_from_updates(self):
        metrics = contrib.metrics
        pair = metrics.streaming_mean(tf.constant([1.0, 3.0]))
        other = metrics.streaming_accuracy(PREDICTIONS, LABELS)
        assert metrics.aggregate_metrics(pair, other) == (
            [pair[0], other[0]],
            [pair[1], other[1]],
        )
        values, updates = metrics.aggregate_metric_map({"mean": pair, "acc": other})
        assert values == {"mean": pair[0], "acc": other[0]}
        assert updates == {"mean": pair[1], "acc": other[1]}
        assert streamed(metrics.streaming_mean, tf.constant([1.0, 3.0])) == 2

    def test_confusion_matrix_has_labels_in_its_rows(self):
        matrix = contrib.metrics.confusion_matrix(LABELS, PREDICTIONS)
        with tf.Session() as session:
            assert session.run(matrix).tolist() == [[0, 1], [1, 2]]


class TestFramework:
    pytestmark = pytest.mark.usefixtures("graph")

    def test_the_global_step_is_tf_trains(self):
        framework = contrib.framework
        assert framework.get_global_step() is None
        step = framework.get_or_create_global_step()
        assert tf.train.get_global_step() is step
        assert framework.get_variables() == [step]
        assert framework.get_trainable_variables() == []
        framework.assert_global_step(step)
        with pytest.raises(ValueError, match="global_step"):
            framework.create_global_step()

    def test_a_checkpoint_is_read_by_name(self, tmp_path):
        tf.get_variable("w", [2], initializer=tf.constant_initializer([1.0, 2.0]))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            path = tf.train.Saver().save(session, str(tmp_path / "model.ckpt"))
        framework = contrib.framework
        assert framework.list_variables(path) == [("w", [2])]
        assert framework.load_variable(path, "w").tolist() == [1, 2]
        assert framework.load_checkpoint(path).get_tensor("w").tolist() == [1, 2]
        with tf.Graph().as_default(), tf.Session() as session:
            other = tf.get_variable("other", [2])
            framework.init_from_checkpoint(path, {"w": other})
            session.run(tf.global_variables_initializer())
            assert session.run(other).tolist() == [1, 2]

    def test_nest_and_argsort(self):
        assert contrib.framework.nest.flatten({"b": 2, "a": (0, 1)}) == [0, 1, 2]
        with tf.Session() as session:
            order = session.run(contrib.framework.argsort([3, 1, 2]))
        assert order.tolist() == [1, 2, 0]


class TestHParams:
    @pytest.fixture
    def hparams(self):
        return contrib.training.HParams(
            rate=0.1, steps=100, name="cnn", units=[8, 4], dropout=True
        )

    def test_values_are_attributes(self, hparams):
        assert (hparams.rate, hparams.units, "rate" in hparams) == (0.1, [8, 4], True)
        hparams.add_hparam("decay", 0.5)
        assert hparams.values()["decay"] == hparams.decay == 0.5
        assert (hparams.get("steps"), hparams.get("none", 3)) == (100, 3)
        assert '"name": "cnn"' in hparams.to_json()

    def test_parse_casts_to_the_first_values_type(self, hparams):
        found = hparams.parse(
            "rate=1e-3, steps=20,units=[1,2,3],dropout=False,name=a b"
        )
        assert found is hparams
        assert hparams.values() == {
            "rate": 0.001,
            "steps": 20,
            "name": "a b",
            "units": [1, 2, 3],
            "dropout": False,
        }
        assert hparams.parse("") is hparams

    @pytest.mark.parametrize(
        "text", ["unknown=1", "rate", "steps=ten", "steps=1.5", "units=3", "dropout=2"]
    )
    def test_parse_refuses_what_does_not_fit(self, hparams, text):
        with pytest.raises(
            ValueError, match="hparam|Unknown hyperp|Malformed|Must pass a list"
        ):
            hparams.parse(text)

    def test_values_are_set_and_overridden(self, hparams):
        hparams.set_hparam("rate", 1)
        assert (hparams.rate, type(hparams.rate)) == (1.0, float)
        hparams.override_from_dict({"steps": 7, "units": [1]})
        assert (hparams.steps, hparams.units) == (7, [1])
        with pytest.raises(KeyError):
            hparams.set_hparam("unknown", 1)
        for name, value in (("steps", 1.5), ("steps", True), ("name", [1])):
            with pytest.raises(ValueError, match=name):
                hparams.set_hparam(name, value)

    def test_a_taken_name_is_refused(self, hparams):
        for name in ("rate", "parse"):
            with pytest.raises(ValueError, match=f"reserved: {name}"):
                hparams.add_hparam(name, 1)


def head_model_fn(head):
    def model_fn(features, labels, mode):
        logits = tf.layers.dense(features["x"], head.logits_dimension)
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        return head.create_estimator_spec(
            features=features,
            mode=mode,
            logits=logits,
            labels=labels,
            optimizer=optimizer,
        )

    return model_fn


def input_fn():
    x, ids = np.array([[1.0], [2], [3]], np.float32), np.array([[7], [8], [9]])
    labels = np.array([[0], [1], [1]])
    return tf.data.Dataset.from_tensors(({"x": x, "id": ids}, labels))


class TestEstimator:
    def test_names_are_the_runtimes(self):
        assert contrib.estimator.add_metrics is tf_estimator.add_metrics
        hooks = [n for n in contrib.estimator.__all__ if "hook" in n.lower()]
        assert len(hooks) == 7
        for name in hooks:
            expected = getattr(tf_estimator.experimental, name)
            assert getattr(contrib.estimator, name) is expected
        assert contrib.estimator.read_eval_metrics("nowhere") == {}

    @pytest.mark.parametrize(
        ("head", "keys"),
        [
            (contrib.estimator.multi_class_head(n_classes=3), {"accuracy"}),
            (contrib.estimator.binary_classification_head(), {"accuracy", "auc"}),
            (contrib.estimator.regression_head(), {"label/mean"}),
        ],
        ids=["multi_class", "binary", "regression"],
    )
    def test_heads_train_and_evaluate(self, head, keys, tmp_path):
        estimator = tf.estimator.Estimator(head_model_fn(head), str(tmp_path))
        found = estimator.train(input_fn, steps=1).evaluate(input_fn, steps=1)
        assert keys | {"average_loss", "loss"} <= set(found)

    def test_forward_features_adds_them_to_predictions(self, tmp_path):
        head = contrib.estimator.regression_head()
        estimator = tf.estimator.Estimator(head_model_fn(head), str(tmp_path))
        estimator.train(input_fn, steps=1)
        for keys, expected in (("id", {"id"}), (None, {"id", "x"})):
            forwarding = contrib.estimator.forward_features(estimator, keys)
            found = list(forwarding.predict(input_fn))
            assert set(found[0]) == {"predictions"} | expected
            assert [int(one["id"][0]) for one in found] == [7, 8, 9]


@pytest.mark.parametrize("model", ["Baseline", "DNN", "DNNLinearCombined", "Linear"])
def test_estimators_of_any_head_are_the_runtimes(model):
    name = f"{model}Estimator"
    assert getattr(contrib.estimator, name) is getattr(tf_estimator, name)


class TestTPU:
    def test_has_what_programs_use_off_a_tpu(self):
        tpu = contrib.tpu
        assert tpu.TPUEstimator is tf_estimator.tpu.TPUEstimator
        assert tpu.TPUEstimatorSpec is tf_estimator.tpu.TPUEstimatorSpec
        assert tpu.RunConfig is tf_estimator.tpu.RunConfig
        assert tpu.CrossShardOptimizer is real.compat.v1.tpu.CrossShardOptimizer
        assert issubclass(tpu.AsyncCheckpointSaverHook, tf.train.SessionRunHook)
        with pytest.raises(AttributeError, match=r"use_tpu=False; on a TPU Keras"):
            _ = tpu.InfeedQueue

    def test_inner_modules_can_be_imported(self):
        from estimator_mnist.tf1.contrib.tpu.python.tpu import (
            bfloat16,
            tpu_config,
            tpu_estimator,
            tpu_optimizer,
        )

        runtime = tf_estimator.tpu
        assert tpu_config.RunConfig is runtime.RunConfig
        assert tpu_estimator.TPUEstimatorSpec is runtime.TPUEstimatorSpec
        assert tpu_optimizer.CrossShardOptimizer is contrib.tpu.CrossShardOptimizer
        assert bfloat16.bfloat16_scope is contrib.tpu.bfloat16_scope
        with pytest.raises(ImportError):
            from estimator_mnist.tf1.contrib.tpu.python.tpu import tpu_feed  # noqa: F401

    def test_bfloat16_scope_makes_variables_of_float32(self, graph):
        with contrib.tpu.bfloat16_scope():
            read = tf.get_variable("w", [2], tf.bfloat16)
        assert read.dtype == tf.bfloat16
        assert [v.dtype.base_dtype for v in tf.global_variables()] == [tf.float32]

    def test_resolvers_are_those_of_tensorflow(self):
        resolvers = contrib.cluster_resolver
        today = real.distribute.cluster_resolver
        assert resolvers.TPUClusterResolver is today.TPUClusterResolver
        assert resolvers.GceClusterResolver is today.GCEClusterResolver
        assert resolvers.TPUClusterResolver("local").master() == ""


def test_the_tutorials_network_is_two_hidden_layers(graph):
    tf.set_random_seed(1)  # with luck alone all of a small layer may be 0
    mnist = tf.examples.tutorials.mnist.mnist
    images = np.linspace(-1, 1, 2 * mnist.IMAGE_PIXELS).reshape(2, -1)
    logits = mnist.inference(tf.constant(images, tf.float32), 32, 16)
    loss = mnist.loss(logits, tf.constant([1, 0]))
    step = mnist.training(loss, 0.001)
    right = mnist.evaluation(logits, tf.constant([1, 0]))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        weights = dict(
            zip(
                [v.op.name for v in tf.trainable_variables()],
                session.run(tf.trainable_variables()),
                strict=True,
            )
        )
        found, before, count = session.run([logits, loss, right])
        session.run(step)
        assert session.run(loss) < before
    net = images
    for name in ("hidden1", "hidden2", "softmax_linear"):
        net = net @ weights[f"{name}/weights"] + weights[f"{name}/biases"]
        net = net if name == "softmax_linear" else np.maximum(net, 0)
    np.testing.assert_allclose(found, net, rtol=1e-4, atol=1e-5)
    log_norm = np.log(np.exp(net).sum(1))
    np.testing.assert_allclose(before, (log_norm - net[[0, 1], [1, 0]]).mean(), 1e-4)
    assert count == (net.argmax(1) == [1, 0]).sum()


def test_policies_of_mixed_precision_have_their_names_of_tf_2_1():
    experimental = tf.keras.mixed_precision.experimental
    policy = experimental.Policy("mixed_float16", loss_scale="dynamic")
    assert (policy.compute_dtype, policy.variable_dtype) == ("float16", "float32")
    before = experimental.global_policy()
    experimental.set_policy(policy)
    try:
        assert experimental.global_policy().name == "mixed_float16"
    finally:
        experimental.set_policy(before)


def test_training_and_evaluation_loops_save_stop_and_count(graph, tmp_path):
    training, folder = tf.contrib.training, str(tmp_path)
    w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    loss = tf.square(w - 1)
    optimizer = tf.train.GradientDescentOptimizer(0.25)
    train_op = training.create_train_op(loss, optimizer, summarize_gradients=True)
    last = training.train(
        train_op, folder, hooks=[tf.train.StopAtStepHook(3)], save_summaries_steps=1
    )
    assert last == pytest.approx(1 / 16)
    with pytest.raises(ValueError, match="Must specify hooks"):
        training.train(train_op, None)
    found = training.evaluate_once(
        tf.train.latest_checkpoint(folder),
        eval_ops=tf.no_op(),
        final_ops=loss,
        hooks=[training.StopAfterNEvalsHook(2)],
    )
    assert found == pytest.approx(1 / 64)


def test_pictures_of_scipy_are_resized_turned_and_written(tmp_path):
    from estimator_mnist.tf1.libraries import scipy_misc

    grey = np.arange(12.0).reshape(3, 4)
    path = str(tmp_path / "grey.png")
    scipy_misc.imsave(path, grey)
    found = scipy_misc.imread(path)
    assert found.dtype == np.uint8 and (found[0, 0], found[2, 3]) == (0, 255)
    assert scipy_misc.imread(path, flatten=True).dtype == np.float32
    assert scipy_misc.imread(path, mode="RGB").shape == (3, 4, 3)
    assert scipy_misc.imresize(grey, 200).shape == (6, 8)
    assert scipy_misc.imresize(grey, 0.5, interp="cubic").shape == (1, 2)
    assert scipy_misc.imresize(np.zeros([3, 5, 5]), (2, 4)).shape == (2, 4, 3)
    turned = scipy_misc.imrotate(np.eye(3), 90, interp="nearest")
    np.testing.assert_array_equal(turned, 255 * np.eye(3)[::-1])
    assert scipy_misc.toimage(grey, mode="F").mode == "F"
    assert scipy_misc.logsumexp([0.0, 0.0]) == pytest.approx(np.log(2))
    with pytest.raises(ValueError, match="suitable array shape"):
        scipy_misc.toimage(np.zeros([2, 2, 2]))
