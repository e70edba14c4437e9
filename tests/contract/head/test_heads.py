"""Heads in general and MultiClassHead: specs, losses, metrics, predictions, exports."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.head.head_runs import gradient_descent, run, softmax, strings

tf1 = tf.compat.v1

LOGITS = np.array([[10.0, 0.0, 0.0], [0.0, 10.0, 0.0]], np.float32)
ONES = np.array([[1], [1]])
LOSSES = -np.log(softmax(LOGITS)[:, 1])


class TestProperties:
    def test_defaults(self, est):
        for head in (
            est.MultiClassHead(3),
            est.BinaryClassHead(),
            est.RegressionHead(),
        ):
            assert isinstance(head, est.Head)
            assert head.name is None
            assert head.loss_reduction == "sum_over_batch_size"

    def test_logits_dimension(self, est):
        assert est.MultiClassHead(7).logits_dimension == 7
        assert est.BinaryClassHead().logits_dimension == 1
        assert est.RegressionHead().logits_dimension == 1
        assert est.RegressionHead(label_dimension=3).logits_dimension == 3

    def test_name_and_loss_reduction_are_kept(self, est):
        head = est.MultiClassHead(3, name="digit", loss_reduction="sum")
        assert (head.name, head.loss_reduction) == ("digit", "sum")

    @pytest.mark.parametrize("reduction", ["none", "mean"])
    def test_rejects_other_reductions(self, est, reduction):
        message = f"Invalid loss_reduction: {reduction}"
        with pytest.raises(ValueError, match=message):
            est.MultiClassHead(3, loss_reduction=reduction)
        with pytest.raises(ValueError, match=message):
            est.BinaryClassHead(loss_reduction=reduction)
        with pytest.raises(ValueError, match=message):
            est.RegressionHead(loss_reduction=reduction)

    @pytest.mark.parametrize(
        "make, words",
        [
            (lambda est: est.MultiClassHead(2), "n_classes must be > 2.*2"),
            (lambda est: est.MultiClassHead(None), "n_classes.*None"),
            (
                lambda est: est.MultiClassHead(3, label_vocabulary="abc"),
                "label_vocabulary.*list or .*tuple.*str",
            ),
            (
                lambda est: est.MultiClassHead(3, label_vocabulary=["a", "b"]),
                "label_vocabulary.*n_classes.*2.*3",
            ),
            (lambda est: est.MultiClassHead(3, loss_fn=lambda x: x), "loss_fn.*labels"),
            (lambda est: est.BinaryClassHead(thresholds=[1.5]), "thresholds.*1.5"),
            (lambda est: est.RegressionHead(label_dimension=0), "label_dimension.*0"),
        ],
    )
    def test_rejects_arguments(self, est, make, words):
        with pytest.raises(ValueError, match=words):
            make(est)


class TestMultiClassHead:
    @pytest.mark.parametrize("labels", [[[1], [1]], [1, 1]])
    def test_eval(self, est, labels):
        outcome = run(est.MultiClassHead(3), "eval", LOGITS, labels)
        assert outcome.loss == pytest.approx(LOSSES.mean(), rel=1e-5)
        assert outcome.loss.shape == ()
        assert sorted(outcome.metrics) == ["accuracy", "average_loss"]
        assert outcome.metrics["accuracy"] == 0.5
        assert outcome.metrics["average_loss"] == pytest.approx(outcome.loss)

    def test_predict(self, est):
        outcome = run(est.MultiClassHead(3), "infer", LOGITS)
        predictions = outcome.predictions
        assert outcome.loss is None
        np.testing.assert_allclose(predictions["logits"], LOGITS)
        np.testing.assert_allclose(
            predictions["probabilities"], softmax(LOGITS), rtol=1e-5
        )
        assert predictions["class_ids"].tolist() == [[0], [1]]
        assert predictions["class_ids"].dtype == np.int64
        assert strings(predictions["classes"]) == [["0"], ["1"]]
        assert predictions["all_class_ids"].tolist() == [[0, 1, 2]] * 2
        assert strings(predictions["all_classes"]) == [["0", "1", "2"]] * 2
        assert len(predictions) == 6

    def test_predict_exports_classes_and_predictions(self, est):
        outputs = run(est.MultiClassHead(3), "infer", LOGITS).export_outputs
        assert sorted(outputs) == ["classification", "predict", "serving_default"]
        classification = est.export.ClassificationOutput
        assert isinstance(outputs["serving_default"], classification)
        assert isinstance(outputs["classification"], classification)
        assert isinstance(outputs["predict"], est.export.PredictOutput)
        assert sorted(outputs["predict"].outputs) == [
            "all_class_ids",
            "all_classes",
            "class_ids",
            "classes",
            "logits",
            "probabilities",
        ]

    def test_train_with_train_op_fn(self, est):
        outcome = run(
            est.MultiClassHead(3),
            "train",
            LOGITS,
            ONES,
            train_op_fn=gradient_descent,
        )
        assert outcome.step == 1
        assert outcome.loss == pytest.approx(LOSSES.mean(), rel=1e-5)

    @pytest.mark.parametrize("name, tag", [(None, "loss"), ("digit", "loss/digit")])
    def test_train_summarizes_the_loss(self, est, name, tag):
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.train.create_global_step()
            est.MultiClassHead(3, name=name).create_estimator_spec(
                {},
                "train",
                tf.constant(LOGITS) * tf1.get_variable("v", initializer=1.0),
                labels=tf.constant(ONES),
                train_op_fn=gradient_descent,
            )
            session.run(tf1.global_variables_initializer())
            summary = tf1.Summary.FromString(session.run(tf1.summary.merge_all()))
        assert [value.tag for value in summary.value] == [tag]

    def test_name_is_appended_to_metrics_only(self, est):
        head = est.MultiClassHead(3, name="digit")
        outcome = run(head, "eval", LOGITS, ONES)
        assert sorted(outcome.metrics) == ["accuracy/digit", "average_loss/digit"]
        assert "probabilities" in outcome.predictions

    def test_sum_reduction_adds_examples_but_average_loss_stays(self, est):
        head = est.MultiClassHead(3, loss_reduction="sum")
        outcome = run(head, "eval", LOGITS, ONES)
        assert outcome.loss == pytest.approx(LOSSES.sum(), rel=1e-5)
        average = outcome.metrics["average_loss"]
        assert average == pytest.approx(LOSSES.mean(), rel=1e-5)

    def test_weights(self, est):
        weights = np.array([1.0, 3.0], np.float32)
        head = est.MultiClassHead(3, weight_column="w")
        outcome = run(head, "eval", LOGITS, ONES, weights=weights)
        weighted = (weights * LOSSES).sum()
        assert outcome.loss == pytest.approx(weighted / 2, rel=1e-5)
        average = outcome.metrics["average_loss"]
        assert average == pytest.approx(weighted / 4, rel=1e-5)
        assert outcome.metrics["accuracy"] == 0.75

    def test_weight_column_must_be_there(self, est):
        with pytest.raises(ValueError, match="w.*features"):
            run(est.MultiClassHead(3, weight_column="w"), "eval", LOGITS, ONES)

    def test_vocabulary_translates_labels_and_classes(self, est):
        head = est.MultiClassHead(3, label_vocabulary=["a", "b", "c"])
        outcome = run(head, "eval", LOGITS, [["b"], ["b"]])
        assert outcome.loss == pytest.approx(LOSSES.mean(), rel=1e-5)
        assert strings(outcome.predictions["classes"]) == [["a"], ["b"]]
        assert strings(outcome.predictions["all_classes"]) == [["a", "b", "c"]] * 2

    @pytest.mark.parametrize("mode", ["train", "eval"])
    def test_regularization_is_added_to_the_loss(self, est, mode):
        fn = {"train_op_fn": gradient_descent} if mode == "train" else {}
        outcome = run(
            est.MultiClassHead(3),
            mode,
            LOGITS,
            ONES,
            regularization_losses=[1.0, 2.0],
            **fn,
        )
        assert outcome.loss == pytest.approx(LOSSES.mean() + 3, rel=1e-5)
        if mode == "eval":
            assert outcome.metrics["regularization_loss"] == 3.0
            average = outcome.metrics["average_loss"]
            assert average == pytest.approx(LOSSES.mean(), rel=1e-5)

    def test_loss_fn_replaces_the_cross_entropy(self, est):
        def loss_fn(labels, logits):
            return 2.0 * tf.cast(labels, tf.float32)

        head = est.MultiClassHead(3, loss_fn=loss_fn)
        assert run(head, "eval", LOGITS, [[1], [2]]).loss == 3.0

    @pytest.mark.parametrize(
        "vocabulary, labels, logits, words",
        [
            (None, None, LOGITS, "labels.*None"),
            (None, [["a"], ["b"]], LOGITS, "integer.*string"),
            (None, [[1.0], [1.0]], LOGITS, "integer.*float32"),
            (["a", "b", "c"], [[1], [1]], LOGITS, "string.*int"),
            (None, [[1, 1], [1, 1]], LOGITS, "label.*1.*2"),
            (None, [[1], [1], [1]], LOGITS, "labels.*logits"),
            (None, [[1]], LOGITS[:1, :2], "logits.*logits_dimension"),
        ],
    )
    def test_rejects_labels_and_logits(self, est, vocabulary, labels, logits, words):
        head = est.MultiClassHead(3, label_vocabulary=vocabulary)
        with pytest.raises(ValueError, match=f"(?s){words}"):
            run(head, "eval", logits, labels)

    @pytest.mark.parametrize("label", [3, -1])
    def test_label_out_of_range_fails_when_run(self, est, label):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Labels must"):
            run(est.MultiClassHead(3), "eval", LOGITS, [[label], [1]])

    @pytest.mark.parametrize(
        "kwargs, words",
        [
            ({}, "train_op_fn and optimizer cannot both be None"),
            (
                {"train_op_fn": gradient_descent, "optimizer": object()},
                "train_op_fn and optimizer cannot both be set",
            ),
            ({"train_op_fn": lambda loss: None}, "train_op"),
        ],
    )
    def test_train_needs_one_way_to_train(self, est, kwargs, words):
        with pytest.raises(ValueError, match=words):
            run(est.MultiClassHead(3), "train", LOGITS, ONES, **kwargs)

    def test_optimizer_must_be_one(self, est):
        with pytest.raises(ValueError, match="optimizer"):
            run(est.MultiClassHead(3), "train", LOGITS, ONES, optimizer=3)


class TestLossAndPredictions:
    def test_loss_of_a_head(self, est):
        with tf.Graph().as_default(), tf1.Session() as session:
            loss = est.MultiClassHead(3).loss(
                tf.constant(ONES),
                tf.constant(LOGITS),
                features={},
                mode="eval",
                regularization_losses=[tf.constant(1.0)],
            )
            got = session.run(loss)
        assert got == pytest.approx(LOSSES.mean() + 1, rel=1e-5)

    def test_predictions_can_be_chosen(self, est):
        with tf.Graph().as_default():
            logits = tf.constant(LOGITS)
            predictions = est.MultiClassHead(3).predictions(logits, ["probabilities"])
            assert list(predictions) == ["probabilities"]

    def test_unknown_prediction_is_rejected(self, est):
        with tf.Graph().as_default(), pytest.raises(ValueError, match="moods"):
            est.MultiClassHead(3).predictions(tf.constant(LOGITS), ["moods"])


def test_a_head_can_be_written_without_the_parts_of_the_others(est):
    class Mine(est.Head):
        name = None
        logits_dimension = 1
        loss_reduction = "sum"

        def __init__(self):
            super().__init__()

        def loss(self, labels, logits, features=None, mode=None, **others):
            return tf.reduce_sum(logits - labels)

        def predictions(self, logits, keys=None):
            return {"mine": logits}

        def metrics(self, regularization_losses=None):
            return {}

        def update_metrics(self, eval_metrics, features, logits, labels, **others):
            return eval_metrics

    head = Mine()
    assert isinstance(head, est.Head)
    with tf.Graph().as_default(), tf1.Session() as session:
        assert session.run(head.loss([[1.0]], tf.constant([[3.0]]))) == 2


def test_an_estimator_trains_evaluates_and_predicts_with_a_head(est, tmp_path):
    def model_fn(features, labels, mode):
        logits = features["x"] * tf1.get_variable("w", initializer=1.0)
        return est.MultiClassHead(3).create_estimator_spec(
            features, mode, logits, labels=labels, train_op_fn=gradient_descent
        )

    def input_fn():
        return tf.data.Dataset.from_tensors(({"x": LOGITS}, ONES))

    estimator = est.Estimator(model_fn, str(tmp_path))
    before = estimator.train(input_fn).evaluate(input_fn)
    predicted = [p["class_ids"][0] for p in estimator.predict(input_fn)]
    assert sorted(before) == ["accuracy", "average_loss", "global_step", "loss"]
    assert before["loss"] == pytest.approx(before["average_loss"])
    assert before["accuracy"] == np.mean(np.equal(predicted, 1))


class TestNumberOfClassesAsATensor:
    @pytest.mark.parametrize("shape", [LOGITS.shape, None])
    def test_predicts(self, est, shape):
        with tf.Graph().as_default(), tf1.Session() as session:
            n_classes = tf1.placeholder_with_default(3, [])
            logits = tf1.placeholder_with_default(LOGITS, shape)
            head = est.MultiClassHead(n_classes)
            found = session.run(head.create_estimator_spec({}, "infer", logits)[1])
        assert found["class_ids"].tolist() == [[0], [1]]
        assert found["all_class_ids"].tolist() == [[0, 1, 2]] * 2
        assert strings(found["classes"]) == [["0"], ["1"]]
        assert strings(found["all_classes"]) == [["0", "1", "2"]] * 2

    def test_takes_no_vocabulary(self, est):
        with tf.Graph().as_default(), pytest.raises(ValueError, match="n_classes"):
            est.MultiClassHead(tf.constant(3), label_vocabulary=["a", "b", "c"])

    def test_must_be_above_two(self, est):
        with (
            tf.Graph().as_default(),
            pytest.raises(tf.errors.InvalidArgumentError, match="greater than 2"),
        ):
            est.MultiClassHead(tf.constant(2)).predictions(tf.constant(LOGITS))


@pytest.mark.parametrize(
    "kind", ["MultiClassHead", "BinaryClassHead", "RegressionHead"]
)
def test_sparse_labels_are_rejected(est, kind):
    arguments = [3] if kind == "MultiClassHead" else []
    head = getattr(est, kind)(*arguments)
    with tf.Graph().as_default():
        labels = tf.sparse.from_dense([[1], [1]])
        logits = tf.zeros([2, head.logits_dimension])
        with pytest.raises(ValueError, match="SparseTensor labels are not supported"):
            head.loss(labels, logits, {}, "eval")


def test_an_optimizers_variables_have_the_scope_training(est, keras2):
    """So that a checkpoint restores where the other runtime wrote it."""
    keras = {"optimizer": keras2.optimizers.legacy.Adam()}
    names = {}
    for kind, settings in {"adam": {"train_op_fn": adam}, "keras": keras}.items():
        with tf.Graph().as_default():
            tf1.train.create_global_step()
            weight = tf1.get_variable("w", [3, 3])
            est.MultiClassHead(3).create_estimator_spec(
                {},
                "train",
                tf.constant(LOGITS) @ weight,
                labels=tf.constant(ONES),
                trainable_variables=[weight],
                **settings,
            )
            names[kind] = {variable.op.name for variable in tf1.global_variables()}
    assert {"training/beta1_power", "w/Adam"} <= names["adam"]
    assert {"training/Adam/iter", "training/Adam/w/m"} <= names["keras"]


def adam(loss):
    return tf1.train.AdamOptimizer().minimize(loss, tf1.train.get_global_step())


@pytest.mark.parametrize("update_ops", [False, True])
def test_the_first_op_of_a_keras_optimizer_trains(est, keras2, update_ops):
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        first, second, average = (
            tf1.get_variable(name, [], initializer=tf1.zeros_initializer())
            for name in "abc"
        )

        class Optimizer(keras2.optimizers.legacy.SGD):
            def get_updates(self, loss, params):
                moved = tf.identity(tf1.assign_add(first, 5.0))
                return [moved, tf1.assign_add(second, 7.0)]

        optimizer = Optimizer()
        optimizer.iterations = step
        spec = est.MultiClassHead(3).create_estimator_spec(
            {},
            "train",
            tf.constant(LOGITS) + first,
            labels=tf.constant(ONES),
            optimizer=optimizer,
            trainable_variables=[first],
            update_ops=[tf1.assign(average, 2.0)] if update_ops else None,
        )
        session.run(tf1.global_variables_initializer())
        value = session.run(spec.train_op)
        found = session.run([first, second, average])
    assert value == (None if update_ops else 5)
    assert found == [5, 0, 2 if update_ops else 0]
