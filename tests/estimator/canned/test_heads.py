"""Heads of TF 1.x: what the contract tests of estimators cannot see of them."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.estimator.canned.heads import V1Head
from estimator_mnist.estimator.canned.multi_head import V1MultiHead
from estimator_mnist.estimator.head.binary_class_head import BinaryClassHead
from estimator_mnist.estimator.head.regression_head import RegressionHead

tf1 = tf.compat.v1

LOGITS = np.array([[1.0], [3.0]], np.float32)
LABELS = np.array([[2.0], [5.0]], np.float32)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def value_of(fetches, first=()):
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        session.run(first)
        return session.run(fetches)


def one():
    return V1Head(RegressionHead(weight_column="w", name="size"))


def several():
    return V1MultiHead([one(), V1Head(BinaryClassHead(name="sold"))], [2.0, 1.0])


def inputs(head):
    """The head's features, logits and labels."""
    features = {"w": tf.constant([1.0, 3.0])}
    logits, labels = tf.constant(LOGITS), tf.constant(LABELS)
    if not isinstance(head, V1MultiHead):
        return features, logits, labels
    zeros = tf.zeros([2, 1])
    return features, {"size": logits, "sold": zeros}, {"size": labels, "sold": zeros}


@pytest.mark.parametrize("new", [one, several])
def test_each_step_runs_the_update_ops(new):
    features, logits, labels = inputs(new())
    average = tf1.get_variable("average", initializer=0.0)
    update = tf1.assign(average, 2.0)
    tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, update)
    step = tf1.train.create_global_step()
    spec = new().create_estimator_spec(
        features,
        "train",
        logits,
        labels,
        train_op_fn=lambda loss: tf1.assign_add(step, 1),
    )
    assert value_of([average, step], first=spec.train_op) == [2.0, 1]


@pytest.mark.parametrize("new", [one, several])
def test_regularization_losses_are_added(new):
    features, logits, labels = inputs(new())
    losses = []
    for penalties in (None, [tf.constant(0.5), tf.constant(1.0)]):
        spec = new().create_estimator_spec(
            features, "eval", logits, labels, regularization_losses=penalties
        )
        losses.append(value_of(spec.loss))
    assert losses[1] - losses[0] == pytest.approx(1.5)


def test_create_loss_gives_what_the_loss_is_made_from():
    features, logits, labels = inputs(one())
    found = value_of(one().create_loss(features, "train", logits, labels)._asdict())
    assert found["training_loss"] == 1 + 3 * 4
    assert found["unreduced_loss"].tolist() == [[1], [4]]
    assert found["weights"].tolist() == [[1], [3]]
    np.testing.assert_allclose(found["processed_labels"], LABELS)


def test_create_loss_of_several_heads_has_their_names():
    head = several()
    features, logits, labels = inputs(head)
    found = head.create_loss(features, "train", logits, labels)
    loss = 2 * 13 + 2 * np.log(2)
    assert value_of(found.training_loss) == pytest.approx(loss)
    assert value_of(found.unreduced_loss["size"]).tolist() == [[1], [4]]
    assert found.weights["sold"] == 1.0
    assert set(found.processed_labels) == {"size", "sold"}
    assert (head.name, head.logits_dimension) == ("size_sold", 2)


def test_heads_of_one_name_are_refused():
    with pytest.raises(ValueError, match="different names. Given: .'size', 'size'"):
        V1MultiHead([one(), one()])
