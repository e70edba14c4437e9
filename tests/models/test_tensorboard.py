"""The confusion matrix and the curves of precision and recall, against numpy."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.models import confusion_image, tensorboard

tf1 = tf.compat.v1

THRESHOLDS = np.linspace(0, 1, 51, dtype=np.float32)


def evaluated(batches):
    """Name of each metric -> the Summary.Value that it has after these batches."""
    with tf.Graph().as_default(), tf1.Session() as session:
        labels = tf1.placeholder(tf.int64, [None])
        probabilities = tf1.placeholder(tf.float32, [None, 10])
        predictions = {
            "classes": tf.argmax(probabilities, axis=1),
            "probabilities": probabilities,
        }
        metrics = tensorboard.metrics(labels, predictions)
        session.run(tf1.local_variables_initializer())
        assert not tf1.global_variables()
        updates = [update for _, update in metrics.values()]
        for fed in batches:
            session.run(updates, dict(zip((labels, probabilities), fed, strict=True)))
        values = session.run({name: value for name, (value, _) in metrics.items()})
    return {
        name: tf1.Summary.FromString(value).value[0] for name, value in values.items()
    }


@pytest.fixture(scope="module")
def answers():
    """Labels [n] and probabilities [n, 10], no confidence at a threshold."""
    numbers = np.random.default_rng(1)
    labels = numbers.integers(0, 10, 60)
    odds = numbers.exponential(size=[60, 10]) + 3 * np.eye(10)[labels]
    return labels, (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def values(answers):
    """Of three batches, the last of which is smaller."""
    parts = [slice(0, 25), slice(25, 50), slice(50, 60)]
    return evaluated([[one[part] for one in answers] for part in parts])


def test_the_confusion_matrix_is_a_table_of_counts(values, answers):
    labels, probabilities = answers
    counts = np.zeros([10, 10], int)
    np.add.at(counts, (labels, probabilities.argmax(axis=1)), 1)
    value = values["confusion_matrix"]
    width, height, png = value.tensor.string_val
    expected = drawn(counts)
    assert (int(height), int(width)) == expected.shape[:2]
    np.testing.assert_array_equal(tf.io.decode_png(png), expected)
    assert value.metadata.plugin_data.plugin_name == "images"


@pytest.mark.parametrize("name", ["all_classes", "class_0", "class_7"])
def test_a_curve_has_precision_and_recall_at_each_threshold(values, answers, name):
    labels, probabilities = answers
    right = np.eye(10, dtype=bool)[labels]
    if name != "all_classes":
        one = int(name[-1])
        right, probabilities = right[:, [one]], probabilities[:, [one]]
    above = probabilities[..., np.newaxis] >= THRESHOLDS
    hits = (above & right[..., np.newaxis]).sum(axis=(0, 1))
    false_alarms = (above & ~right[..., np.newaxis]).sum(axis=(0, 1))
    data = tf.make_ndarray(values[f"pr_curves/{name}"].tensor)
    np.testing.assert_array_equal(data[0], hits)
    np.testing.assert_array_equal(data[1], false_alarms)
    np.testing.assert_array_equal(data[2], (~right).sum() - false_alarms)
    np.testing.assert_array_equal(data[3], right.sum() - hits)
    positive = np.maximum(hits + false_alarms, 1)
    np.testing.assert_allclose(data[4], hits / positive, rtol=1e-6)
    np.testing.assert_allclose(data[5], hits / right.sum(), rtol=1e-6)


def test_the_pr_curves_tab_is_told_the_number_of_thresholds(values):
    plugin = pytest.importorskip(
        "tensorboard.plugins.pr_curve.plugin_data_pb2",
        reason="TensorBoard is not installed",
    )
    content = values["pr_curves/class_0"].metadata.plugin_data
    assert content.plugin_name == "pr_curves"
    assert plugin.PrCurvePluginData.FromString(content.content).num_thresholds == 51


def test_a_network_that_answers_nan_is_evaluated_too():
    values = evaluated([([3, 4], np.full([2, 10], np.nan, np.float32))])
    assert len(values) == 12


def drawn(counts):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(confusion_image.picture(tf.constant(counts)))[0]


def cells(picture):
    """uint8 [11, 11, height, width, 3]; the heads of rows are cut."""
    height = picture.shape[0] // 11
    width = (picture.shape[1] + 13) // 11
    wide = np.pad(picture, ((0, 0), (13, 0), (0, 0)), mode="edge")
    return wide.reshape(11, height, 11, width, 3).swapaxes(1, 2)


def test_a_cell_of_the_table_shows_its_count_and_its_share_of_the_row():
    counts = np.zeros([10, 10], int)
    counts[2, 3], counts[4, 4], counts[4, 5] = 7, 9876, 1
    table_cells = cells(drawn(counts))
    corner = table_cells[1:, 1:, 0, 0].astype(int).sum(axis=-1)
    # The whole of a row is dark, a small part of it and nothing are light.
    assert corner[2, 3] < 200 and corner[4, 4] < 200
    assert corner[4, 5] > 760 and corner[0, 0] == corner[9, 9] == 765
    heads = table_cells[0, 1:]
    ink = [(cell != cell[0, 0]).any(axis=-1)[:-1, :-1] for cell in heads]
    np.testing.assert_array_equal(
        (table_cells[3, 4] != table_cells[3, 4, 0, 0]).any(axis=-1)[:-1, :-1], ink[7]
    )
    assert len({one.tobytes() for one in ink}) == 10
    # Four digits take the place of four.
    assert (table_cells[5, 5] != table_cells[5, 5, 0, 0])[:, :8].any()
    assert not (table_cells[5, 6] != table_cells[5, 6, 0, 0])[:-1, :8].any()
