"""Heads: shapes that are checked when a graph runs, and those that are allowed."""

import numpy as np
import pytest
import tensorflow as tf

tf1 = tf.compat.v1

ERROR = tf.errors.InvalidArgumentError
HEADS = {
    "classes": lambda est, **kw: est.MultiClassHead(3, **kw),
    "binary": lambda est, **kw: est.BinaryClassHead(**kw),
    "number": lambda est, **kw: est.RegressionHead(**kw),
    "pair": lambda est, **kw: est.RegressionHead(2, **kw),
    "labels": lambda est, **kw: est.MultiLabelHead(3, **kw),
}
LOGITS = {
    "classes": [[10.0, 0, 0], [0, 10, 0]],
    "binary": [[2.0], [-1]],
    "number": [[1.0], [3]],
    "pair": [[1.0, 2], [3, 4]],
    "labels": [[2.0, -1, 0], [0, 1, 2]],
}
LABELS = {
    "classes": [[1], [1]],
    "binary": [[1], [1]],
    "number": [[2.0], [5]],
    "pair": [[2.0, 1], [5, 1]],
    "labels": [[1, 0, 1], [0, 0, 1]],
}
LOSSES = {
    "classes": 5.00009,
    "binary": 0.720095,
    "number": 2.5,
    "pair": 3.75,
    "labels": 0.544446,
}
PAIR = LABELS["pair"]


def open_shape(value, shape=None):
    """A Tensor whose shape is unknown, or is known only as far as `shape` says."""
    return tf1.placeholder_with_default(tf.constant(value), shape)


def run(fetches):
    with tf1.Session() as session:
        return session.run(fetches)


def open_sizes(value):
    """A Tensor whose rank is known, and none of its dimensions."""
    return open_shape(value, [None for _ in np.shape(value)])


@pytest.fixture(autouse=True, params=["2.x", "1.x"])
def graph(request):
    """Runs each test as well without v2 behavior, where a dimension is an object."""
    if request.param == "1.x":
        tf1.disable_v2_tensorshape()
    with tf.Graph().as_default():
        yield
    tf1.enable_v2_tensorshape()


@pytest.mark.parametrize("kind", HEADS)
@pytest.mark.parametrize("of_labels", [open_shape, open_sizes, tf.constant])
@pytest.mark.parametrize("of_logits", [open_shape, open_sizes, tf.constant])
def test_the_loss_does_not_need_known_ranks(est, kind, of_labels, of_logits):
    head = HEADS[kind](est)
    labels, logits = of_labels(LABELS[kind]), of_logits(LOGITS[kind])
    loss = run(head.loss(labels, logits, {}, "eval"))
    assert loss == pytest.approx(LOSSES[kind], rel=1e-5)


@pytest.mark.parametrize("kind", HEADS)
def test_predictions_do_not_need_a_known_rank(est, kind):
    head = HEADS[kind](est)
    known = run(head.predictions(tf.constant(LOGITS[kind])))
    found = run(head.predictions(open_shape(LOGITS[kind])))
    assert known.keys() == found.keys()
    for key, value in found.items():
        if value.dtype == object:
            assert value.tolist() == known[key].tolist()
        else:
            np.testing.assert_allclose(value, known[key], rtol=1e-5)


@pytest.mark.parametrize("kind", HEADS)
@pytest.mark.parametrize("logits", [[1.0, 2.0], [[1.0, 2, 3, 4, 5]] * 2])
def test_logits_of_another_shape(est, kind, logits):
    predictions = HEADS[kind](est).predictions(open_shape(logits))
    with pytest.raises(ERROR, match="logits"):
        run(predictions)


@pytest.mark.parametrize("kind", HEADS)
def test_labels_of_another_shape(est, kind):
    one, *_ = labels = LABELS[kind]
    flat = [row[0] for row in labels]
    wide = [[*row, row[0]] for row in labels]
    for wrong in (flat, wide, [one], [*labels, one]):
        head = HEADS[kind](est)
        loss = head.loss(open_shape(wrong), open_shape(LOGITS[kind]), {}, "eval")
        with pytest.raises(ERROR, match="labels shape must be"):
            run(loss)


@pytest.mark.parametrize("kind", HEADS)
def test_flat_labels_do_not_fit_logits_of_unknown_rank(est, kind):
    logits = open_shape(LOGITS[kind])
    with pytest.raises(ValueError, match="labels shape must be"):
        HEADS[kind](est).loss(tf.constant([1, 1]), logits, {}, "eval")


@pytest.mark.parametrize("kind", ["classes", "number"])
@pytest.mark.parametrize("shape", [None, [2, None], "known"])
@pytest.mark.parametrize("losses", [[1.0, 2], [1.0], [[1.0]], [[1.0, 2, 3]] * 2])
def test_losses_of_another_shape(est, kind, shape, losses):
    head = HEADS[kind](est, loss_fn=lambda labels, logits: tf.constant(losses))
    logits = LOGITS[kind]
    logits = tf.constant(logits) if shape == "known" else open_shape(logits, shape)
    loss = head.loss(tf.constant(LABELS[kind]), logits, {}, "eval")
    with pytest.raises(ERROR, match="loss_fn must return Tensor of shape"):
        run(loss)


@pytest.mark.parametrize("kind", HEADS)
def test_losses_that_are_reduced(est, kind):
    head = HEADS[kind](est, loss_fn=lambda labels, logits: tf.reduce_sum(logits))
    with pytest.raises(ValueError):
        head.loss(tf.constant(LABELS[kind]), tf.constant(LOGITS[kind]), {}, "eval")
    head = HEADS[kind](est, loss_fn=lambda labels, logits: open_shape(1.0))
    loss = head.loss(tf.constant(LABELS[kind]), tf.constant(LOGITS[kind]), {}, "eval")
    with pytest.raises(ERROR):
        run(loss)


def weighted(est, kind, weights, of=open_shape):
    head = HEADS[kind](est, weight_column="w")
    labels, logits = tf.constant(LABELS[kind]), tf.constant(LOGITS[kind])
    return head.loss(labels, logits, {"w": of(weights)}, "eval")


class TestWeights:
    @pytest.mark.parametrize("kind", HEADS)
    def test_a_batch_whose_size_is_not_known(self, est, kind):
        head = HEADS[kind](est, weight_column="w")
        rows = [[1.0], [1.0]]
        labels, logits = open_shape(LABELS[kind]), LOGITS[kind]
        loss = head.loss(
            labels,
            open_shape(logits, [None, len(logits[0])]),
            {"w": open_shape(rows, [None, 1])},
            "eval",
        )
        assert run(loss) == pytest.approx(LOSSES[kind], rel=1e-5)

    @pytest.mark.parametrize("of", [open_shape, open_sizes, tf.constant])
    @pytest.mark.parametrize("weights", [[1.0, 3], [[1.0], [3]]])
    def test_one_per_example(self, est, weights, of):
        assert run(weighted(est, "pair", weights, of)) == pytest.approx(10.25)
        assert run(weighted(est, "number", weights, of)) == pytest.approx(6.5)

    @pytest.mark.parametrize("of", [open_shape, tf.constant])
    def test_one_per_number(self, est, of):
        loss = weighted(est, "pair", [[1.0, 2], [3, 4]], of)
        assert run(loss) == pytest.approx(12.75)

    def test_one_per_number_in_a_metric(self, est):
        head = HEADS["pair"](est, weight_column="w")
        spec = head.create_estimator_spec(
            {"w": tf.constant([[1.0, 2], [3, 4]])},
            "eval",
            tf.constant(LOGITS["pair"]),
            labels=tf.constant(PAIR),
        )
        value, update = spec.eval_metric_ops["average_loss"]
        with tf1.Session() as session:
            session.run(tf1.local_variables_initializer())
            session.run(update)
            assert session.run(value) == pytest.approx(5.1)

    @pytest.mark.parametrize("weights", [[1.0, 2, 3], [1.0], [[1.0]], [[[1.0]]] * 2])
    @pytest.mark.parametrize("kind", HEADS)
    def test_a_wrong_outer_dimension(self, est, kind, weights):
        shape = f"weights_shape.*{' '.join(map(str, np.shape(weights)))}"
        with pytest.raises(ERROR) as caught:
            run(weighted(est, kind, weights))
        # TensorFlow's own error, where the ranks differ.
        if np.ndim(weights) < 3:
            assert caught.match(f"(?s)weights shape must be.*logits_shape.*{shape}")

    @pytest.mark.parametrize("kind", ["classes", "binary", "pair"])
    def test_a_wrong_inner_dimension(self, est, kind):
        text = r"\[D0, D1, ... DN\] or \[D0, D1, ... DN, 1\]"
        if kind == "pair":
            text = r"DN, 1\] or \[D0, D1, ... DN, logits_dimension\]"
        with pytest.raises(ERROR, match=f"weights shape must be.*{text}"):
            run(weighted(est, kind, [[1.0, 2, 3]] * 2))

    @pytest.mark.parametrize("kind", HEADS)
    def test_a_shape_that_is_known_to_be_wrong(self, est, kind):
        with pytest.raises(ValueError):
            weighted(est, kind, [1.0, 2, 3], tf.constant)
        with pytest.raises(ValueError, match="cannot have rank 0"):
            weighted(est, kind, 1.0, tf.constant)
        with pytest.raises(ERROR, match="weights shape must be"):
            run(weighted(est, kind, [1.0], tf.constant))
