"""Heads of canned estimators: how they reduce losses, weigh examples, check labels."""

import numpy as np
import pytest
import tensorflow as tf

tf1 = tf.compat.v1

Reduction = tf1.losses.Reduction

WEIGHTS = np.array([1.0, 3.0, 0.0], np.float32)
# Of logits that are 0, the squares of the labels: 1, 4, 9.
LABELS = np.array([1.0, 2.0, 3.0], np.float32)
# With the weights above: 1, 12, 0.
REDUCED = {
    Reduction.SUM: 13.0,
    Reduction.MEAN: 13 / 4,
    Reduction.SUM_OVER_BATCH_SIZE: 13 / 3,
    Reduction.SUM_BY_NONZERO_WEIGHTS: 13 / 2,
}


def run(estimator, mode, labels, weights=WEIGHTS):
    """Returns loss, summaries and metrics of a fresh model, for one batch."""
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.train.create_global_step()
        features = {"w": tf.constant(weights)}
        spec = estimator.model_fn(features, tf.constant(labels), mode, estimator.config)
        session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
        session.run(tf1.local_variables_initializer())
        metrics = spec.eval_metric_ops or {}
        session.run([update for _, update in metrics.values()])
        texts = session.run(tf1.get_collection(tf1.GraphKeys.SUMMARIES))
        summaries = {
            value.tag: value.simple_value
            for text in texts
            for value in tf1.Summary.FromString(text).value
        }
        values = session.run({key: value for key, (value, _) in metrics.items()})
        return session.run(spec.loss), summaries, values


@pytest.mark.parametrize("reduction", REDUCED)
def test_weighted_losses_are_reduced_as_asked(est, reduction, tmp_path):
    made = est.BaselineRegressor(
        str(tmp_path), weight_column="w", loss_reduction=reduction
    )
    loss, summaries, _ = run(made, "train", LABELS)
    assert loss == pytest.approx(REDUCED[reduction])
    expected = {"loss": REDUCED[reduction]}
    if reduction == Reduction.SUM:
        expected["average_loss"] = 13 / 4
    assert summaries == pytest.approx(expected)
    loss, _, metrics = run(made, "eval", LABELS)
    assert loss == pytest.approx(REDUCED[reduction])
    assert metrics == pytest.approx(
        {"average_loss": 13 / 4, "prediction/mean": 0.0, "label/mean": 7 / 4}
    )


def test_each_number_of_a_label_may_have_its_weight(est, tmp_path):
    made = est.BaselineRegressor(str(tmp_path), label_dimension=2, weight_column="w")
    loss, summaries, _ = run(
        made, "train", [[1.0, 2.0], [3.0, 4.0]], np.array([[1, 2], [0, 1]], np.float32)
    )
    assert loss == pytest.approx(1 + 8 + 16)
    assert summaries["average_loss"] == pytest.approx(25 / 4)


def test_the_loss_is_a_sum_by_default(est, tmp_path):
    loss, summaries, _ = run(est.BaselineClassifier(str(tmp_path)), "train", [1, 0, 1])
    assert loss == pytest.approx(3 * np.log(2))
    assert summaries == pytest.approx({"loss": loss, "average_loss": loss / 3})
    three = est.BaselineClassifier(str(tmp_path), n_classes=3)
    loss, _, metrics = run(three, "eval", [[0], [1], [2]])
    assert loss == pytest.approx(3 * np.log(3))
    assert metrics == pytest.approx({"average_loss": np.log(3), "accuracy": 1 / 3})


def test_areas_are_those_of_trapezoids(est, tmp_path):
    metrics = run(est.BaselineClassifier(str(tmp_path)), "eval", [1, 1, 0])[2]
    assert metrics["auc"] == pytest.approx(0.5, abs=1e-6)
    assert metrics["auc_precision_recall"] == pytest.approx(0.8333334, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "labels", "words"),
    [
        ({}, [0, 2, 1], "Labels must <= n_classes - 1"),
        ({}, [0, -1, 1], "Labels must >= 0"),
        ({"n_classes": 3}, [0, 3, 1], "Labels must <= n_classes - 1"),
        ({"label_vocabulary": ["a", "b"]}, ["a", "z", "b"], "Labels must >= 0"),
    ],
)
def test_labels_of_no_class_fail_when_run(est, tmp_path, options, labels, words):
    made = est.BaselineClassifier(str(tmp_path), **options)
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        run(made, "train", labels)
