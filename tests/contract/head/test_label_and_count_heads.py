"""MultiLabelHead, PoissonRegressionHead and LogisticRegressionHead."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.head.head_runs import gradient_descent, run, sigmoid, strings

LOGITS = np.array([[2.0, -1.0, 0.5], [-1.0, 3.0, 0.2]], np.float32)
SEVERAL = np.array([[1, 0, 1], [0, 0, 1]])
ONE = np.array([[2.0], [-1.0]], np.float32)
ABC = ["a", "b", "c"]


def cross_entropy(labels, logits):
    return np.log1p(np.exp(logits)) - labels * logits


class TestMultiLabelHead:
    def test_eval(self, est):
        outcome = run(est.MultiLabelHead(3), "eval", LOGITS, SEVERAL)
        assert outcome.loss == pytest.approx(cross_entropy(SEVERAL, LOGITS).mean())
        assert outcome.metrics == pytest.approx(
            {
                "average_loss": cross_entropy(SEVERAL, LOGITS).mean(),
                "auc": 2 / 3,
                "auc_precision_recall": 0.537902,
            },
            abs=1e-5,
        )

    def test_predict(self, est):
        outcome = run(est.MultiLabelHead(3), "infer", LOGITS)
        found = outcome.predictions
        assert set(found) == {"logits", "probabilities", "classes"}
        np.testing.assert_allclose(found["probabilities"], sigmoid(LOGITS), rtol=1e-5)
        assert strings(found["classes"]) == [["0", "1", "2"]] * 2
        export = est.export
        kinds = {key: type(value) for key, value in outcome.export_outputs.items()}
        assert kinds == {
            "serving_default": export.ClassificationOutput,
            "classification": export.ClassificationOutput,
            "predict": export.PredictOutput,
        }

    def test_train(self, est):
        head = est.MultiLabelHead(3, loss_reduction="sum")
        outcome = run(head, "train", LOGITS, SEVERAL, train_op_fn=gradient_descent)
        assert outcome.step == 1
        losses = cross_entropy(SEVERAL, LOGITS).mean(axis=1)
        assert outcome.loss == pytest.approx(losses.sum())

    def test_weights_thresholds_and_classes_metrics(self, est):
        head = est.MultiLabelHead(
            3,
            weight_column="w",
            thresholds=[0.5],
            label_vocabulary=ABC,
            classes_for_class_based_metrics=["c", "a"],
            name="n",
        )
        weights = np.array([1.0, 3.0], np.float32)
        outcome = run(head, "eval", LOGITS, SEVERAL, weights)
        losses = cross_entropy(SEVERAL, LOGITS).mean(axis=1)
        assert outcome.loss == pytest.approx((losses * weights).mean())
        found = outcome.metrics
        probabilities = np.average(sigmoid(LOGITS), axis=0, weights=weights)
        assert found["average_loss/n"] == pytest.approx(
            np.average(losses, weights=weights)
        )
        assert found["probability_mean/a/n"] == pytest.approx(probabilities[0])
        assert found["probability_mean/c/n"] == pytest.approx(probabilities[2])
        assert found["auc/a/n"] == pytest.approx(1)
        assert {"auc/c/n", "auc_precision_recall/c/n"} < set(found)
        assert found["accuracy/positive_threshold_0.5/n"] == pytest.approx(0.75)
        assert found["recall/positive_threshold_0.5/n"] == pytest.approx(1)
        assert found["precision/positive_threshold_0.5/n"] == pytest.approx(0.625)

    def test_classes_without_a_vocabulary_are_named_by_number(self, est):
        head = est.MultiLabelHead(3, classes_for_class_based_metrics=[1])
        found = run(head, "eval", LOGITS, SEVERAL).metrics
        assert found["probability_mean/class1"] == pytest.approx(
            sigmoid(LOGITS)[:, 1].mean()
        )

    @pytest.mark.parametrize(
        ("values", "vocabulary"), [([0, 2, 2], None), (["a", "c", "c"], ABC)]
    )
    def test_sparse_labels(self, est, values, vocabulary):
        head = est.MultiLabelHead(3, label_vocabulary=vocabulary)
        labels = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], values, [2, 2])
        loss = head.loss(labels, tf.constant(LOGITS), {}, "eval")
        assert float(loss) == pytest.approx(cross_entropy(SEVERAL, LOGITS).mean())

    def test_loss_fn_gives_one_loss_per_example(self, est):
        def loss_fn(labels, logits):
            return tf.reduce_sum(tf.cast(labels, tf.float32) * logits, 1, keepdims=True)

        head = est.MultiLabelHead(3, loss_fn=loss_fn)
        assert run(head, "eval", LOGITS, SEVERAL).loss == pytest.approx(1.35)

    @pytest.mark.parametrize(
        ("labels", "words"),
        [
            ([[2, 0, 1], [0, 0, 1]], "integer indicator Tensor with values in"),
            ([[-1, 0, 1], [0, 0, 1]], "integer indicator Tensor with values in"),
        ],
    )
    def test_labels_other_than_0_and_1(self, est, labels, words):
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            run(est.MultiLabelHead(3), "eval", LOGITS, labels)
        with pytest.raises(ValueError, match=words):
            est.MultiLabelHead(3).loss(tf.constant(labels), tf.constant(LOGITS), {})

    @pytest.mark.parametrize("value", [3, -1])
    def test_sparse_labels_of_a_class_that_is_none(self, est, value):
        labels = tf.SparseTensor([[0, 0]], [value], [2, 1])
        with pytest.raises(ValueError, match="SparseTensor with values in"):
            est.MultiLabelHead(3).loss(labels, tf.constant(LOGITS), {})


class TestPoissonRegressionHead:
    counts = np.array([[4.0], [2.0]], np.float32)

    def test_eval(self, est):
        outcome = run(est.PoissonRegressionHead(), "eval", ONE, self.counts)
        stirling = [
            n * math.log(n) - n + math.log(2 * math.pi * n) / 2 for n in (4.0, 2.0)
        ]
        losses = np.exp(ONE) - self.counts * ONE + np.array(stirling)[:, None]
        assert outcome.loss == pytest.approx(losses.mean(), rel=1e-5)
        assert outcome.metrics == pytest.approx(
            {
                "average_loss": losses.mean(),
                "prediction/mean": np.exp(ONE).mean(),
                "label/mean": 3.0,
            },
            rel=1e-5,
        )

    def test_loss_without_what_depends_on_labels_only(self, est):
        head = est.PoissonRegressionHead(
            label_dimension=1, compute_full_loss=False, loss_reduction="sum"
        )
        outcome = run(head, "train", ONE, self.counts, train_op_fn=gradient_descent)
        losses = np.exp(ONE) - self.counts * ONE
        assert outcome.loss == pytest.approx(losses.sum(), rel=1e-5)

    def test_predict(self, est):
        head = est.PoissonRegressionHead(label_dimension=3)
        found = run(head, "infer", LOGITS).predictions
        np.testing.assert_allclose(found["predictions"], np.exp(LOGITS), rtol=1e-5)
        np.testing.assert_allclose(found["logits"], LOGITS)

    def test_it_is_a_regression_head(self, est):
        assert isinstance(est.PoissonRegressionHead(), est.RegressionHead)
        assert isinstance(est.LogisticRegressionHead(), est.RegressionHead)


class TestLogisticRegressionHead:
    labels = np.array([[0.5], [1.0]], np.float32)

    def test_eval(self, est):
        head = est.LogisticRegressionHead(weight_column="w", name="n")
        weights = np.array([1.0, 3.0], np.float32)
        outcome = run(head, "eval", ONE, self.labels, weights)
        losses = cross_entropy(self.labels, ONE)[:, 0]
        assert outcome.loss == pytest.approx((losses * weights).mean())
        assert outcome.metrics == pytest.approx(
            {
                "average_loss/n": np.average(losses, weights=weights),
                "prediction/mean/n": np.average(sigmoid(ONE)[:, 0], weights=weights),
                "label/mean/n": 0.875,
            }
        )

    def test_predict(self, est):
        outcome = run(est.LogisticRegressionHead(), "infer", ONE)
        found = outcome.predictions
        np.testing.assert_allclose(found["predictions"], sigmoid(ONE), rtol=1e-5)
        assert type(outcome.export_outputs["serving_default"]) is (
            est.export.RegressionOutput
        )

    @pytest.mark.parametrize("label", [1.5, -0.5])
    def test_labels_that_are_no_probabilities(self, est, label):
        labels = np.array([[label], [1.0]], np.float32)
        with pytest.raises(tf.errors.InvalidArgumentError, match="in range .0, 1."):
            run(est.LogisticRegressionHead(), "eval", ONE, labels)
        with pytest.raises(ValueError, match="in range .0, 1."):
            est.LogisticRegressionHead().loss(tf.constant(labels), tf.constant(ONE), {})
