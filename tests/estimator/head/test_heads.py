"""Heads: what they take beyond the original, and what they reject."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.estimator.head import checks, metrics
from estimator_mnist.estimator.head.base_head import Head
from estimator_mnist.estimator.head.binary_class_head import BinaryClassHead
from estimator_mnist.estimator.head.multi_class_head import MultiClassHead
from estimator_mnist.estimator.head.regression_head import RegressionHead
from estimator_mnist.estimator.mode_keys import ModeKeys

tf1 = tf.compat.v1


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        tf1.train.create_global_step()
        yield graph


def run(fetches, feed=None):
    with tf1.Session() as session:
        session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
        session.run(tf1.local_variables_initializer())
        return session.run(fetches, feed)


def evaluated(head, logits, labels, features=None):
    """The metrics of one batch."""
    spec = head.create_estimator_spec(features, ModeKeys.EVAL, logits, labels)
    values = {name: pair[0] for name, pair in spec.eval_metric_ops.items()}
    updates = [pair[1] for pair in spec.eval_metric_ops.values()]
    with tf1.Session() as session:
        session.run([tf1.local_variables_initializer(), tf1.tables_initializer()])
        session.run(updates)
        return session.run(values)


def train_spec(head=None, **arguments):
    """The TRAIN spec of logits 0, 0, 0 from a variable, for label 0."""
    logits = tf1.get_variable("w", [1, 3], initializer=tf1.zeros_initializer())
    head = head or MultiClassHead(3)
    labels = tf.constant([0])
    return head.create_estimator_spec(
        {}, ModeKeys.TRAIN, logits, labels=labels, **arguments
    )


def trained_weights(spec):
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        session.run(spec.train_op)
        return session.run([tf1.train.get_global_step(), *tf1.trainable_variables()])


def test_an_optimizer_of_tensorflow_1_minimizes_the_loss_and_counts():
    spec = train_spec(optimizer=tf1.train.GradientDescentOptimizer(3.0))
    step, weights = trained_weights(spec)
    assert step == 1
    np.testing.assert_allclose(weights, [[2, -1, -1]], rtol=1e-6)


def test_an_optimizer_changes_only_the_variables_it_is_given():
    left_alone = tf1.get_variable("a", [], initializer=tf1.ones_initializer())
    trained = tf1.get_variable("b", [], initializer=tf1.ones_initializer())
    spec = RegressionHead().create_estimator_spec(
        {},
        ModeKeys.TRAIN,
        tf.reshape(left_alone + trained, [1, 1]),
        labels=tf.constant([[1.5]]),
        optimizer=tf1.train.GradientDescentOptimizer(0.5),
        trainable_variables=[trained],
    )
    assert trained_weights(spec) == [1, 1, 0.5]


def test_update_ops_run_with_the_step():
    average = tf1.get_variable("average", [], trainable=False)
    spec = train_spec(
        optimizer=tf1.train.GradientDescentOptimizer(1.0),
        update_ops=[tf1.assign(average, 7.0)],
    )
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        session.run(spec.train_op)
        assert session.run(average) == 7


def test_a_legacy_keras_optimizer_works_on_the_global_step(keras2):
    optimizer = keras2.optimizers.legacy.SGD(3.0)
    optimizer.iterations = tf1.train.get_global_step()
    logits = tf1.get_variable("w", [1, 3], initializer=tf1.zeros_initializer())
    spec = MultiClassHead(3).create_estimator_spec(
        {},
        ModeKeys.TRAIN,
        logits,
        labels=tf.constant([0]),
        optimizer=optimizer,
        trainable_variables=[logits],
    )
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        session.run(spec.train_op)
        step, weights = session.run([tf1.train.get_global_step(), logits])
    assert step == 1
    np.testing.assert_allclose(weights, [[2, -1, -1]], rtol=1e-6)


def test_another_optimizer_is_rejected_by_naming_what_to_use():
    with pytest.raises(ValueError, match="tf.compat.v1.train.*AdamOptimizer"):
        train_spec(optimizer="sgd")


def test_labels_of_one_byte_count_past_its_range():
    logits = tf.one_hot([255], 300) * 100
    loss = MultiClassHead(300).loss(tf.constant([255], tf.uint8), logits)
    assert run(loss) == pytest.approx(0, abs=1e-6)


def test_truth_values_are_labels_of_two_classes():
    found = evaluated(
        BinaryClassHead(), tf.constant([[1.0], [-1.0]]), tf.constant([True, False])
    )
    assert found["accuracy"] == 1
    assert found["label/mean"] == 0.5


def test_labels_whose_batch_differs_when_run_are_rejected():
    logits = tf1.placeholder(tf.float32, [None, 1])
    labels = tf1.placeholder(tf.float32, [None])
    loss = RegressionHead().loss(labels, logits)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels.shape"):
        run(loss, {logits: np.zeros([3, 1]), labels: [5.0]})


def test_an_unknown_word_is_rejected_when_run():
    head = MultiClassHead(3, label_vocabulary=["a", "b", "c"])
    words = tf1.placeholder(tf.string, [None])
    loss = head.loss(words, tf.zeros([2, 3]))
    assert run(loss, {words: ["a", "c"]}) == pytest.approx(np.log(3))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Labels must >= 0"):
        run(loss, {words: ["a", "z"]})


def test_weights_of_another_shape_are_rejected():
    head = RegressionHead(weight_column="w")
    with pytest.raises(ValueError, match=r"weights shape must be .*\(2, 1\)"):
        head.loss(tf.zeros([3, 1]), tf.zeros([3, 1]), {"w": tf.ones([2])})


def test_a_loss_that_is_reduced_already_is_rejected():
    head = RegressionHead(loss_fn=lambda labels, logits: tf.reduce_mean(logits))
    with pytest.raises(ValueError, match="loss_fn must return"):
        head.loss(tf.zeros([3, 1]), tf.zeros([3, 1]))


def test_a_loss_fn_may_take_the_features():
    head = RegressionHead(
        loss_fn=lambda labels, logits, features: features["factor"] * (logits - labels)
    )
    features = {"factor": tf.constant([[1.0], [3.0]])}
    assert run(head.loss(tf.zeros([2, 1]), tf.ones([2, 1]), features)) == 2


def test_unwanted_metrics_can_be_left_out():
    head = BinaryClassHead()
    metrics = head.metrics()
    kept = {"accuracy": metrics["accuracy"]}
    updated = head.update_metrics(kept, {}, tf.ones([2, 1]), tf.ones([2, 1]))
    assert updated is kept
    assert list(updated) == ["accuracy"]
    value, update = updated["accuracy"]
    with tf1.Session() as session:
        session.run(tf1.local_variables_initializer())
        session.run(update)
        assert session.run(value) == 1


def test_logits_of_sequences_have_a_class_per_position():
    logits = tf.constant([[[5.0, 0, 0], [0, 5.0, 0]]])
    head = MultiClassHead(3)
    predictions = run(head.predictions(logits))
    assert predictions["class_ids"].tolist() == [[[0], [1]]]
    assert predictions["all_class_ids"].shape == (1, 2, 3)
    found = evaluated(head, logits, tf.constant([[0, 0]]))
    assert found["accuracy"] == 0.5


class MaximumHead(Head):
    """The largest of two numbers; absolute error."""

    def __init__(self, **arguments):
        super().__init__(2, **arguments)

    def predictions(self, logits, keys=None):
        return {"maximum": tf.reduce_max(logits, -1, keepdims=True)}

    def _processed_labels(self, labels, logits):
        return checks.checked_labels(labels, logits, 1)

    def _default_losses(self, labels, logits):
        return tf.abs(labels - self.predictions(logits)["maximum"])

    def _metrics(self):
        return {"highest": metrics.prediction_mean("maximum")}


def test_a_head_is_what_its_class_defines():
    head = MaximumHead(weight_column="w", name="n")
    logits, labels = tf.constant([[1.0, 3.0], [2.0, 0.0]]), tf.constant([5.0, 2.0])
    found = evaluated(head, logits, labels, {"w": tf.constant([3.0, 1.0])})
    assert found == {"average_loss/n": 1.5, "highest/n": 2.75}
    spec = head.create_estimator_spec({}, ModeKeys.PREDICT, logits)
    assert sorted(spec.export_outputs) == ["predict", "serving_default"]


@pytest.mark.parametrize("name", ["_processed_labels", "_default_losses", "_metrics"])
def test_a_head_that_lacks_a_method_says_which(name):
    methods = {key: value for key, value in vars(MaximumHead).items() if key != name}
    head = type("Incomplete", (Head,), {**methods, "__init__": Head.__init__})(2)
    with pytest.raises(NotImplementedError, match=f"Incomplete lacks {name}"):
        evaluated(head, tf.zeros([1, 2]), tf.zeros([1]))
