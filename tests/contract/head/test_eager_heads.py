"""Heads without a graph: Keras metrics over several batches, and errors at once."""

import pytest
import tensorflow as tf

FIRST = tf.constant([[2.0], [-1.0]]), tf.constant([[1], [1]])
SECOND = tf.constant([[3.0], [-2.0]]), tf.constant([[1], [0]])
CLASS_LOGITS = tf.constant([[10.0, 0, 0], [0, 10, 0]])
ONES = tf.constant([[1], [1]])


def results(head, *batches, weights=None, losses=None):
    """The metrics' values after several batches."""
    metrics = head.metrics(regularization_losses=losses)
    features = {} if weights is None else {"w": tf.constant(weights)}
    for logits, labels in batches:
        updated = head.update_metrics(
            metrics, features, logits, labels, regularization_losses=losses
        )
        assert updated is metrics
    return {name: float(metric.result()) for name, metric in metrics.items()}


def test_two_classes(est):
    head = est.BinaryClassHead(thresholds=[0.3], name="n")
    expected = {
        "average_loss/n": 0.403926,
        "accuracy/n": 0.75,
        "precision/n": 1.0,
        "recall/n": 2 / 3,
        "prediction/mean/n": 0.555379,
        "label/mean/n": 0.75,
        "accuracy_baseline/n": 0.75,
        "auc/n": 1.0,
        "auc_precision_recall/n": 1.0,
        "accuracy/positive_threshold_0.3/n": 0.75,
        "precision/positive_threshold_0.3/n": 1.0,
        "recall/positive_threshold_0.3/n": 2 / 3,
    }
    assert results(head, FIRST, SECOND) == pytest.approx(expected, rel=1e-5)


def test_two_classes_with_weights(est):
    head = est.BinaryClassHead(weight_column="w")
    found = results(head, FIRST, SECOND, weights=[1.0, 3.0])
    assert found["average_loss"] == pytest.approx(0.562011, rel=1e-5)
    assert found["accuracy"] == found["label/mean"] == 0.625
    assert found["recall"] == pytest.approx(0.4)


def test_the_baseline_is_that_of_all_batches(est):
    logits = tf.zeros([2, 1])
    batches = [(logits, tf.constant([[0], [0]])), (logits, ONES)]
    assert results(est.BinaryClassHead(), *batches)["accuracy_baseline"] == 0.5
    unseen = est.BinaryClassHead().metrics()["accuracy_baseline"]
    assert float(unseen.result()) == 0


def test_three_classes(est):
    second = tf.constant([[1.0, 0, 0], [0, 1, 0]]), tf.constant([[0], [1]])
    losses = [tf.constant(1.0), tf.constant(2.0)]
    head = est.MultiClassHead(3)
    assert results(head, (CLASS_LOGITS, ONES), second, losses=losses) == pytest.approx(
        {"average_loss": 2.775768, "accuracy": 0.75, "regularization_loss": 3},
        rel=1e-5,
    )


def test_numbers_with_weights_count_every_number(est):
    logits = tf.constant([[1.0, 2], [3, 4]])
    batches = [(logits, [[2.0, 1], [4, 4]]), (logits, [[2.0, 1], [5, 5]])]
    batches = [(logits, tf.constant(labels)) for logits, labels in batches]
    head = est.RegressionHead(2, weight_column="w")
    assert results(head, *batches, weights=[1.0, 3.0]) == pytest.approx(
        {"average_loss": 1.375, "prediction/mean": 3.0, "label/mean": 3.75}
    )


def test_metrics_are_of_keras(est):
    for metric in est.BinaryClassHead().metrics().values():
        assert isinstance(metric, tf.keras.metrics.Metric)


@pytest.mark.parametrize(
    "labels, words",
    [
        ([[7], [1]], "Labels must be <= 3 - 1"),
        ([[-1], [1]], "Labels must be >= 0"),
        ([[1]], "labels.shape"),
    ],
)
def test_labels_are_checked_at_once(est, labels, words):
    with pytest.raises(ValueError, match=words):
        est.MultiClassHead(3).loss(tf.constant(labels), CLASS_LOGITS, {}, "eval")


def test_weights_and_losses_are_checked_at_once(est):
    head = est.MultiClassHead(3, weight_column="w")
    with pytest.raises(ValueError, match="weights shape must be"):
        head.loss(ONES, CLASS_LOGITS, {"w": tf.constant([1.0])}, "eval")
    head = est.MultiClassHead(3, loss_fn=lambda labels, logits: tf.ones([2]))
    with pytest.raises(ValueError, match="loss_fn must return Tensor of shape"):
        head.loss(ONES, CLASS_LOGITS, {}, "eval")


def test_number_of_classes_as_a_tensor(est):
    head = est.MultiClassHead(tf.constant(3))
    names = head.predictions(CLASS_LOGITS)["all_classes"].numpy().tolist()
    assert names == [[b"0", b"1", b"2"]] * 2
    head = est.MultiClassHead(tf.constant(3), label_vocabulary=["a", "b", "c"])
    names = head.predictions(CLASS_LOGITS)["all_classes"].numpy().tolist()
    assert names == [[b"a", b"b", b"c"]] * 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="greater than 2"):
        est.MultiClassHead(tf.constant(2))


def test_several_labels(est):
    logits = tf.constant([[2.0, -1.0, 0.5], [-1.0, 3.0, 0.2]])
    labels = tf.constant([[1, 0, 1], [0, 0, 1]])
    head = est.MultiLabelHead(3, thresholds=[0.5], classes_for_class_based_metrics=[0])
    found = results(head, (logits, labels), (logits, labels))
    assert found["average_loss"] == pytest.approx(0.812376, rel=1e-5)
    assert found["probability_mean/class0"] == pytest.approx(0.574869, rel=1e-5)
    assert found["auc/class0"] == 1.0
    assert found["recall/positive_threshold_0.5"] == 1.0


def test_several_heads(est):
    heads = [est.MultiClassHead(3, name="kind"), est.RegressionHead(name="size")]
    head = est.MultiHead(heads)
    logits = {"kind": CLASS_LOGITS, "size": tf.constant([[1.0], [3]])}
    labels = {"kind": ONES, "size": tf.constant([[2.0], [5]])}
    found = results(head, (logits, labels))
    assert found["loss/kind"] == pytest.approx(5.000091, rel=1e-5)
    assert found["accuracy/kind"] == 0.5
    assert found["average_loss/size"] == found["loss/size"] == 2.5
    assert float(head.loss(labels, logits, {}, "eval")) == pytest.approx(7.500091)
