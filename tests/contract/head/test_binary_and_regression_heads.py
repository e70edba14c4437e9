"""BinaryClassHead and RegressionHead: losses, metrics, predictions and exports."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.head.head_runs import gradient_descent, run, sigmoid, strings

BINARY_LOGITS = np.array([[2.0], [-1.0]], np.float32)
BINARY_LOSSES = -np.log(sigmoid(BINARY_LOGITS[:, 0]))
ONES = np.array([[1], [1]])
REGRESSION_LOGITS = np.array([[1.0], [3.0]], np.float32)
TARGETS = np.array([[2.0], [5.0]], np.float32)


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

    def test_nothing_but_weights_of_zero_has_no_baseline(self, est):
        weights = np.zeros([2, 1], np.float32)
        head = est.BinaryClassHead("w")
        metrics = run(head, "eval", BINARY_LOGITS, [[1], [0]], weights).metrics
        assert metrics["accuracy_baseline"] == 0

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
        with pytest.raises(tf.errors.InvalidArgumentError, match="Labels must"):
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
