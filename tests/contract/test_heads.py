"""Heads: specs, losses, metrics, predictions and exports, checked against numpy."""

import numpy as np
import pytest
import tensorflow as tf

tf1 = tf.compat.v1

MULTI_LOGITS = np.array([[10.0, 0.0, 0.0], [0.0, 10.0, 0.0]], np.float32)
BINARY_LOGITS = np.array([[2.0], [-1.0]], np.float32)
REGRESSION_LOGITS = np.array([[1.0], [3.0]], np.float32)
ONES = np.array([[1], [1]])
TARGETS = np.array([[2.0], [5.0]], np.float32)


class Outcome:
    """What the spec of a head evaluates to, as numpy."""

    loss = metrics = predictions = step = export_outputs = spec = None


def gradient_descent(loss):
    optimizer = tf1.train.GradientDescentOptimizer(0.5)
    return optimizer.minimize(loss, tf1.train.get_global_step())


def run(head, mode, logits, labels=None, weights=None, **kwargs):
    """Builds the head's spec on constants and runs all of it once."""
    outcome = Outcome()
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        scale = tf1.get_variable("v", initializer=1.0)
        features = {} if weights is None else {"w": tf.constant(weights)}
        labels = None if labels is None else tf.constant(labels)
        losses = kwargs.pop("regularization", None)
        if losses:
            kwargs["regularization_losses"] = [tf.constant(x) for x in losses]
        spec = head.create_estimator_spec(
            features, mode, scale * logits, labels=labels, **kwargs
        )
        session.run(tf1.global_variables_initializer())
        session.run([tf1.local_variables_initializer(), tf1.tables_initializer()])
        outcome.spec, outcome.export_outputs = spec, spec.export_outputs
        outcome.predictions = session.run(dict(spec.predictions or {}))
        if spec.loss is not None:
            outcome.loss = session.run(spec.loss)
        metrics = spec.eval_metric_ops or {}
        session.run([update for _, update in metrics.values()])
        outcome.metrics = session.run({k: value for k, (value, _) in metrics.items()})
        if mode == "train":
            session.run(spec.train_op)
            outcome.step = session.run(step)
    return outcome


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


MULTI_LOSSES = -np.log(softmax(MULTI_LOGITS)[:, 1])
BINARY_LOSSES = -np.log(sigmoid(BINARY_LOGITS[:, 0]))


def strings(array):
    return array.astype("U").tolist()


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
    def test_refuses_other_reductions(self, est, reduction):
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
    def test_refuses_arguments(self, est, make, words):
        with pytest.raises(ValueError, match=words):
            make(est)


class TestMultiClassHead:
    @pytest.mark.parametrize("labels", [[[1], [1]], [1, 1]])
    def test_eval(self, est, labels):
        outcome = run(est.MultiClassHead(3), "eval", MULTI_LOGITS, labels)
        assert outcome.loss == pytest.approx(MULTI_LOSSES.mean(), rel=1e-5)
        assert outcome.loss.shape == ()
        assert sorted(outcome.metrics) == ["accuracy", "average_loss"]
        assert outcome.metrics["accuracy"] == 0.5
        assert outcome.metrics["average_loss"] == pytest.approx(outcome.loss)

    def test_predict(self, est):
        outcome = run(est.MultiClassHead(3), "infer", MULTI_LOGITS)
        predictions = outcome.predictions
        assert outcome.spec.loss is None
        np.testing.assert_allclose(predictions["logits"], MULTI_LOGITS)
        np.testing.assert_allclose(
            predictions["probabilities"], softmax(MULTI_LOGITS), rtol=1e-5
        )
        assert predictions["class_ids"].tolist() == [[0], [1]]
        assert predictions["class_ids"].dtype == np.int64
        assert strings(predictions["classes"]) == [["0"], ["1"]]
        assert predictions["all_class_ids"].tolist() == [[0, 1, 2]] * 2
        assert strings(predictions["all_classes"]) == [["0", "1", "2"]] * 2
        assert len(predictions) == 6

    def test_predict_exports_classes_and_predictions(self, est):
        outputs = run(est.MultiClassHead(3), "infer", MULTI_LOGITS).export_outputs
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
            MULTI_LOGITS,
            ONES,
            train_op_fn=gradient_descent,
        )
        assert outcome.step == 1
        assert outcome.loss == pytest.approx(MULTI_LOSSES.mean(), rel=1e-5)

    @pytest.mark.parametrize("name, tag", [(None, "loss"), ("digit", "loss/digit")])
    def test_train_summarizes_the_loss(self, est, name, tag):
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.train.create_global_step()
            est.MultiClassHead(3, name=name).create_estimator_spec(
                {},
                "train",
                tf.constant(MULTI_LOGITS) * tf1.get_variable("v", initializer=1.0),
                labels=tf.constant(ONES),
                train_op_fn=gradient_descent,
            )
            session.run(tf1.global_variables_initializer())
            summary = tf1.Summary.FromString(session.run(tf1.summary.merge_all()))
        assert [value.tag for value in summary.value] == [tag]

    def test_name_is_appended_to_metrics_only(self, est):
        head = est.MultiClassHead(3, name="digit")
        outcome = run(head, "eval", MULTI_LOGITS, ONES)
        assert sorted(outcome.metrics) == ["accuracy/digit", "average_loss/digit"]
        assert "probabilities" in outcome.predictions

    def test_sum_reduction_adds_examples_but_average_loss_stays(self, est):
        head = est.MultiClassHead(3, loss_reduction="sum")
        outcome = run(head, "eval", MULTI_LOGITS, ONES)
        assert outcome.loss == pytest.approx(MULTI_LOSSES.sum(), rel=1e-5)
        average = outcome.metrics["average_loss"]
        assert average == pytest.approx(MULTI_LOSSES.mean(), rel=1e-5)

    def test_weights(self, est):
        weights = np.array([1.0, 3.0], np.float32)
        head = est.MultiClassHead(3, weight_column="w")
        outcome = run(head, "eval", MULTI_LOGITS, ONES, weights=weights)
        weighted = (weights * MULTI_LOSSES).sum()
        assert outcome.loss == pytest.approx(weighted / 2, rel=1e-5)
        average = outcome.metrics["average_loss"]
        assert average == pytest.approx(weighted / 4, rel=1e-5)
        assert outcome.metrics["accuracy"] == 0.75

    def test_weight_column_must_be_there(self, est):
        with pytest.raises(ValueError, match="w.*features"):
            run(est.MultiClassHead(3, weight_column="w"), "eval", MULTI_LOGITS, ONES)

    def test_vocabulary_translates_labels_and_classes(self, est):
        head = est.MultiClassHead(3, label_vocabulary=["a", "b", "c"])
        outcome = run(head, "eval", MULTI_LOGITS, [["b"], ["b"]])
        assert outcome.loss == pytest.approx(MULTI_LOSSES.mean(), rel=1e-5)
        assert strings(outcome.predictions["classes"]) == [["a"], ["b"]]
        assert strings(outcome.predictions["all_classes"]) == [["a", "b", "c"]] * 2

    @pytest.mark.parametrize("mode", ["train", "eval"])
    def test_regularization_is_added_to_the_loss(self, est, mode):
        fn = {"train_op_fn": gradient_descent} if mode == "train" else {}
        outcome = run(
            est.MultiClassHead(3),
            mode,
            MULTI_LOGITS,
            ONES,
            regularization=[1.0, 2.0],
            **fn,
        )
        assert outcome.loss == pytest.approx(MULTI_LOSSES.mean() + 3, rel=1e-5)
        if mode == "eval":
            assert outcome.metrics["regularization_loss"] == 3.0
            average = outcome.metrics["average_loss"]
            assert average == pytest.approx(MULTI_LOSSES.mean(), rel=1e-5)

    def test_loss_fn_replaces_the_cross_entropy(self, est):
        def loss_fn(labels, logits):
            return 2.0 * tf.cast(labels, tf.float32)

        head = est.MultiClassHead(3, loss_fn=loss_fn)
        assert run(head, "eval", MULTI_LOGITS, [[1], [2]]).loss == 3.0

    @pytest.mark.parametrize(
        "vocabulary, labels, logits, words",
        [
            (None, None, MULTI_LOGITS, "labels.*None"),
            (None, [["a"], ["b"]], MULTI_LOGITS, "integer.*string"),
            (None, [[1.0], [1.0]], MULTI_LOGITS, "integer.*float32"),
            (["a", "b", "c"], [[1], [1]], MULTI_LOGITS, "string.*int"),
            (None, [[1, 1], [1, 1]], MULTI_LOGITS, "label.*1.*2"),
            (None, [[1], [1], [1]], MULTI_LOGITS, "labels.*logits"),
            (None, [[1]], MULTI_LOGITS[:1, :2], "logits.*logits_dimension"),
        ],
    )
    def test_refuses_labels_and_logits(self, est, vocabulary, labels, logits, words):
        head = est.MultiClassHead(3, label_vocabulary=vocabulary)
        with pytest.raises(ValueError, match=f"(?s){words}"):
            run(head, "eval", logits, labels)

    @pytest.mark.parametrize("label", [3, -1])
    def test_label_out_of_range_fails_when_run(self, est, label):
        with pytest.raises(tf.errors.InvalidArgumentError, match="[Ll]abels must be"):
            run(est.MultiClassHead(3), "eval", MULTI_LOGITS, [[label], [1]])

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
            run(est.MultiClassHead(3), "train", MULTI_LOGITS, ONES, **kwargs)

    def test_optimizer_must_be_one(self, est):
        with pytest.raises(ValueError, match="optimizer"):
            run(est.MultiClassHead(3), "train", MULTI_LOGITS, ONES, optimizer=3)


class TestLossAndPredictions:
    def test_loss_of_a_head(self, est):
        with tf.Graph().as_default(), tf1.Session() as session:
            loss = est.MultiClassHead(3).loss(
                tf.constant(ONES),
                tf.constant(MULTI_LOGITS),
                features={},
                mode="eval",
                regularization_losses=[tf.constant(1.0)],
            )
            got = session.run(loss)
        assert got == pytest.approx(MULTI_LOSSES.mean() + 1, rel=1e-5)

    def test_predictions_can_be_chosen(self, est):
        with tf.Graph().as_default():
            logits = tf.constant(MULTI_LOGITS)
            predictions = est.MultiClassHead(3).predictions(logits, ["probabilities"])
            assert list(predictions) == ["probabilities"]

    def test_unknown_prediction_is_refused(self, est):
        with tf.Graph().as_default(), pytest.raises(ValueError, match="moods"):
            est.MultiClassHead(3).predictions(tf.constant(MULTI_LOGITS), ["moods"])


class TestBinaryClassHead:
    def test_eval(self, est):
        outcome = run(est.BinaryClassHead(), "eval", BINARY_LOGITS, ONES)
        assert outcome.loss == pytest.approx(BINARY_LOSSES.mean(), rel=1e-5)
        assert outcome.metrics == pytest.approx(
            {
                "average_loss": BINARY_LOSSES.mean(),
                "accuracy": 0.5,
                "precision": 1.0,
                "recall": 0.5,
                "prediction/mean": sigmoid(BINARY_LOGITS).mean(),
                "label/mean": 1.0,
                "accuracy_baseline": 1.0,
                "auc": 0.0,
                "auc_precision_recall": 1.0,
            },
            abs=1e-4,
        )

    @pytest.mark.parametrize("labels", [[1, 0], [[1], [0]], [[1.0], [0.0]]])
    def test_separable_labels(self, est, labels):
        metrics = run(est.BinaryClassHead(), "eval", BINARY_LOGITS, labels).metrics
        assert metrics["accuracy"] == metrics["auc"] == 1.0
        assert metrics["label/mean"] == metrics["accuracy_baseline"] == 0.5

    def test_predict(self, est):
        predictions = run(est.BinaryClassHead(), "infer", BINARY_LOGITS).predictions
        one = sigmoid(BINARY_LOGITS)
        np.testing.assert_allclose(predictions["logistic"], one, rtol=1e-5)
        np.testing.assert_allclose(
            predictions["probabilities"], np.hstack([1 - one, one]), rtol=1e-5
        )
        assert predictions["class_ids"].tolist() == [[1], [0]]
        assert strings(predictions["classes"]) == [["1"], ["0"]]
        assert predictions["all_class_ids"].tolist() == [[0, 1]] * 2
        assert strings(predictions["all_classes"]) == [["0", "1"]] * 2
        np.testing.assert_allclose(predictions["logits"], BINARY_LOGITS)

    def test_predict_exports_classes_value_and_predictions(self, est):
        outputs = run(est.BinaryClassHead(), "infer", BINARY_LOGITS).export_outputs
        export = est.export
        assert {key: type(output) for key, output in outputs.items()} == {
            "serving_default": export.ClassificationOutput,
            "classification": export.ClassificationOutput,
            "regression": export.RegressionOutput,
            "predict": export.PredictOutput,
        }

    def test_train(self, est):
        outcome = run(
            est.BinaryClassHead(),
            "train",
            BINARY_LOGITS,
            ONES,
            train_op_fn=gradient_descent,
        )
        assert outcome.step == 1

    def test_thresholds_add_metrics(self, est):
        head = est.BinaryClassHead(thresholds=[0.25, 0.5])
        metrics = run(head, "eval", BINARY_LOGITS, ONES).metrics
        assert metrics["accuracy/positive_threshold_0.25"] == 1.0
        assert metrics["recall/positive_threshold_0.25"] == 1.0
        assert metrics["precision/positive_threshold_0.5"] == 1.0
        assert metrics["recall/positive_threshold_0.5"] == 0.5

    def test_weights(self, est):
        weights = np.array([1.0, 3.0], np.float32)
        head = est.BinaryClassHead(weight_column="w")
        metrics = run(head, "eval", BINARY_LOGITS, [[1], [0]], weights).metrics
        assert metrics["label/mean"] == 0.25
        assert metrics["accuracy_baseline"] == 0.75

    def test_vocabulary(self, est):
        head = est.BinaryClassHead(label_vocabulary=["no", "yes"])
        outcome = run(head, "eval", BINARY_LOGITS, [["yes"], ["no"]])
        assert outcome.metrics["accuracy"] == 1.0
        assert strings(outcome.predictions["classes"]) == [["yes"], ["no"]]

    def test_name_is_appended_to_metrics(self, est):
        head = est.BinaryClassHead(name="spam")
        metrics = run(head, "eval", BINARY_LOGITS, ONES).metrics
        assert {"auc/spam", "prediction/mean/spam"} <= set(metrics)
        assert all(key.endswith("/spam") for key in metrics)

    def test_sum_reduction(self, est):
        head = est.BinaryClassHead(loss_reduction="sum")
        loss = run(head, "eval", BINARY_LOGITS, ONES).loss
        assert loss == pytest.approx(BINARY_LOSSES.sum(), rel=1e-5)

    def test_label_of_a_third_class_fails_when_run(self, est):
        with pytest.raises(tf.errors.InvalidArgumentError, match="[Ll]abels must be"):
            run(est.BinaryClassHead(), "eval", BINARY_LOGITS, [[2], [0]])


class TestRegressionHead:
    @pytest.mark.parametrize("labels", [TARGETS, [2.0, 5.0], [[2], [5]]])
    def test_eval(self, est, labels):
        outcome = run(est.RegressionHead(), "eval", REGRESSION_LOGITS, labels)
        assert outcome.loss == pytest.approx(2.5)
        assert outcome.metrics == pytest.approx(
            {"average_loss": 2.5, "prediction/mean": 2.0, "label/mean": 3.5}
        )

    def test_predict(self, est):
        outcome = run(est.RegressionHead(), "infer", REGRESSION_LOGITS)
        assert list(outcome.predictions) == ["predictions"]
        assert outcome.predictions["predictions"].tolist() == [[1.0], [3.0]]
        export = est.export
        kinds = {key: type(value) for key, value in outcome.export_outputs.items()}
        assert kinds == {
            "serving_default": export.RegressionOutput,
            "regression": export.RegressionOutput,
            "predict": export.PredictOutput,
        }

    def test_train(self, est):
        outcome = run(
            est.RegressionHead(),
            "train",
            REGRESSION_LOGITS,
            TARGETS,
            train_op_fn=gradient_descent,
        )
        assert outcome.step == 1
        assert outcome.loss == pytest.approx(2.5)

    @pytest.mark.parametrize(
        "reduction, loss", [("sum_over_batch_size", 1.0), ("sum", 4.0)]
    )
    def test_reduction_runs_over_every_number(self, est, reduction, loss):
        head = est.RegressionHead(label_dimension=2, loss_reduction=reduction)
        logits = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
        outcome = run(head, "eval", logits, [[1.0, 2.0], [3.0, 6.0]])
        assert outcome.loss == pytest.approx(loss)
        assert outcome.metrics["average_loss"] == pytest.approx(1.0)

    def test_weights(self, est):
        weights = np.array([1.0, 3.0], np.float32)
        head = est.RegressionHead(weight_column="w")
        outcome = run(head, "eval", REGRESSION_LOGITS, TARGETS, weights=weights)
        assert outcome.loss == pytest.approx(6.5)
        assert outcome.metrics["average_loss"] == pytest.approx(3.25)
        assert outcome.metrics["prediction/mean"] == pytest.approx(2.5)

    def test_inverse_link_changes_predictions_not_the_loss(self, est):
        head = est.RegressionHead(inverse_link_fn=tf.exp)
        outcome = run(head, "eval", REGRESSION_LOGITS, TARGETS)
        np.testing.assert_allclose(
            outcome.predictions["predictions"], np.exp(REGRESSION_LOGITS), rtol=1e-5
        )
        assert outcome.predictions["logits"].tolist() == [[1.0], [3.0]]
        assert outcome.loss == pytest.approx(2.5)

    def test_loss_fn_replaces_the_squared_error(self, est):
        head = est.RegressionHead(
            loss_fn=lambda labels, logits: tf.abs(labels - logits)
        )
        assert run(head, "eval", REGRESSION_LOGITS, TARGETS).loss == pytest.approx(1.5)

    def test_name_is_appended_to_metrics(self, est):
        head = est.RegressionHead(name="age")
        metrics = run(head, "eval", REGRESSION_LOGITS, TARGETS).metrics
        assert sorted(metrics) == [
            "average_loss/age",
            "label/mean/age",
            "prediction/mean/age",
        ]

    @pytest.mark.parametrize(
        "logits", [REGRESSION_LOGITS, np.hstack([REGRESSION_LOGITS] * 2)]
    )
    def test_widths_must_agree(self, est, logits):
        with pytest.raises(ValueError, match="logits_dimension|dimension=2"):
            run(est.RegressionHead(label_dimension=2), "eval", logits, TARGETS)


def test_an_estimator_trains_evaluates_and_predicts_with_a_head(est, tmp_path):
    def model_fn(features, labels, mode):
        logits = features["x"] * tf1.get_variable("w", initializer=1.0)
        return est.MultiClassHead(3).create_estimator_spec(
            features, mode, logits, labels=labels, train_op_fn=gradient_descent
        )

    def input_fn():
        return tf.data.Dataset.from_tensors(({"x": MULTI_LOGITS}, ONES))

    estimator = est.Estimator(model_fn, str(tmp_path))
    before = estimator.train(input_fn).evaluate(input_fn)
    predicted = [p["class_ids"][0] for p in estimator.predict(input_fn)]
    assert sorted(before) == ["accuracy", "average_loss", "global_step", "loss"]
    assert before["loss"] == pytest.approx(before["average_loss"])
    assert before["accuracy"] == np.mean(np.equal(predicted, 1))
