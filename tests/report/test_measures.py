"""The numbers of a report, against values worked out by hand."""

import numpy as np
import pytest

from estimator_mnist.report import measures


def test_wilson_is_the_published_interval():
    low, high = measures.wilson(np.array([81, 0]), np.array([263, 10]))
    np.testing.assert_allclose(low, [0.2553, 0.0], atol=1e-4)
    np.testing.assert_allclose(high, [0.3662, 0.2775], atol=1e-4)


def test_confusion_precision_and_recall():
    table = measures.confusion(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 3)
    assert table.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    precision, recall = measures.precision_recall(table)
    np.testing.assert_allclose(precision, [1, 2 / 3, np.nan])
    np.testing.assert_allclose(recall, [0.5, 1, np.nan])


def test_reliability_leaves_empty_bins_out():
    confidence = np.array([0.31, 0.33, 0.99, 1.0])
    bins = measures.reliability(confidence, np.array([True, False, True, True]))
    np.testing.assert_allclose(bins.confidence, [0.32, 0.995])
    np.testing.assert_allclose(bins.accuracy, [0.5, 1])
    assert bins.count.tolist() == [2, 2]
    assert measures.calibration_error(bins) == pytest.approx((0.18 + 0.005) / 2)


def test_cross_entropy_of_an_impossible_label_is_finite():
    probabilities = np.array([[0.5, 0.5], [1.0, 0.0]], np.float32)
    loss = measures.cross_entropy(probabilities[:1], np.array([1]))
    assert loss == pytest.approx(np.log(2))
    assert 40 < measures.cross_entropy(probabilities, np.array([1, 1])) < 50


def test_worst_are_the_surest_mistakes():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    classes = probabilities.argmax(axis=1)
    labels = np.array([1, 0, 0, 0])
    assert measures.worst(labels, probabilities, classes).tolist() == [1, 3, 0]
