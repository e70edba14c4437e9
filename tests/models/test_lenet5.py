"""LeNet-5 against the paper, part by part, and against numpy."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.models import lenet5_layers, prototypes
from estimator_mnist.models.networks import lenet5

tf1 = tf.compat.v1

IMAGES = np.random.RandomState(0).rand(3, 28, 28).astype(np.float32)
LABELS = np.array([7, 0, 2])
# Table I of the paper: a row per map of S2, a column per map of C3.
TABLE_I = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX
"""


def compute(make, seed=1):
    """Runs what `make` returns, with all variables by name."""
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(seed)
        tensors = make()
        session.run(tf1.global_variables_initializer())
        variables = {v.op.name: v for v in tf1.trainable_variables()}
        return session.run((tensors, variables))


def forward(head):
    def make():
        net = lenet5.network(tf.constant(IMAGES), {"head": head}, False)
        loss = net.loss(tf.constant(LABELS)) if net.loss else tf.zeros([])
        return net.logits, net.penultimate, loss

    return compute(make)


def distances(features):
    return ((features[:, None] - prototypes.digits()) ** 2).sum(-1)


def test_c3_sees_what_table_i_says():
    rows = TABLE_I.split()
    table = [[row for row in range(6) if rows[row][i] == "X"] for i in range(16)]
    assert [sorted(seen) for seen in lenet5_layers.C3_SEES] == table


def test_c3_is_a_convolution_without_the_connections_that_are_not_there():
    maps = np.random.RandomState(1).rand(2, 14, 14, 6).astype(np.float32)
    outputs, variables = compute(
        lambda: lenet5_layers.sparse_conv(tf.constant(maps), "c3")
    )
    kernel = np.zeros([5, 5, 6, 16], np.float32)
    filters = iter(variables["c3/kernel"])
    for i, seen in enumerate(lenet5_layers.C3_SEES):
        for j in seen:
            kernel[:, :, j, i] = next(filters)
    windows = np.lib.stride_tricks.sliding_window_view(maps, (5, 5), axis=(1, 2))
    sums = np.einsum("bhwcij,ijcf->bhwf", windows, kernel)
    expected = 1.7159 * np.tanh(2 / 3 * sums)
    assert outputs.shape == (2, 10, 10, 16) and next(filters, None) is None
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


def test_subsampling_is_a_mean_times_a_coefficient_plus_a_bias():
    maps = np.random.RandomState(2).rand(2, 4, 6, 3).astype(np.float32)

    def make():
        outputs = lenet5_layers.subsample(tf.constant(maps), "s2")
        coefficient, bias = tf1.trainable_variables()
        changed = tf.group(coefficient.assign([2, -1, 0]), bias.assign([0.1, 0.2, 0.3]))
        return outputs, changed

    with tf.Graph().as_default(), tf1.Session() as session:
        outputs, changed = make()
        session.run(tf1.global_variables_initializer())
        session.run(changed)
        found = session.run(outputs)
    means = maps.reshape(2, 2, 2, 3, 2, 3).mean((2, 4))
    sums = means * [2, -1, 0] + [0.1, 0.2, 0.3]
    np.testing.assert_allclose(found, 1.7159 * np.tanh(2 / 3 * sums), rtol=1e-5)


def test_the_squashing_function_keeps_one():
    with tf.Graph().as_default(), tf1.Session() as session:
        values = session.run(lenet5_layers.scaled_tanh(tf.constant([-1.0, 0.0, 1.0])))
    np.testing.assert_allclose(values, [-1, 0, 1], atol=1e-4)


def test_images_are_padded_with_background():
    def make():
        white = lenet5.network(tf.ones([1, 28, 28]), {"head": "rbf"}, False)
        (padding,) = [
            op
            for op in tf1.get_default_graph().get_operations()
            if op.type == "Conv2D" and op.name.startswith("c1")
        ]
        del white
        return padding.inputs[0]

    image, _ = compute(make)
    assert image.shape == (1, 32, 32, 1)
    np.testing.assert_allclose(image[0, 2:-2, 2:-2], 1.175, rtol=1e-6)
    np.testing.assert_allclose(image[0, :2], -0.1, rtol=1e-6)


def test_prototypes_are_ten_different_drawings():
    drawings = prototypes.digits()
    assert drawings.shape == (10, 84) and set(drawings.ravel()) == {-1.0, 1.0}
    apart = ((drawings[:, None] - drawings) ** 2).sum(-1) + 1e9 * np.eye(10)
    assert apart.min() > lenet5_layers.RUBBISH
    one = drawings[1].reshape(prototypes.HEIGHT, prototypes.WIDTH)
    assert (one[1:-1, 3] == 1).all() and (one[:, 6] == -1).all()


def test_rbf_outputs_are_distances_to_the_prototypes():
    for head in ("rbf", "rbf_mse"):
        (logits, features, _), _ = forward(head)
        np.testing.assert_allclose(-logits, distances(features), rtol=1e-5)


def test_the_map_criterion_is_equation_9():
    (_, features, loss), _ = forward("rbf")
    y = distances(features).astype(np.float64)
    others = np.log(np.exp(-lenet5_layers.RUBBISH) + np.exp(-y).sum(axis=1))
    assert loss == pytest.approx((y[range(3), LABELS] + others).mean(), rel=1e-5)


def test_the_mse_criterion_is_equation_8():
    (_, features, loss), _ = forward("rbf_mse")
    expected = distances(features)[range(3), LABELS].mean()
    assert loss == pytest.approx(expected, rel=1e-5)


def test_the_softmax_head_is_a_dense_layer():
    (logits, features, _), variables = forward("softmax")
    expected = features @ variables["output/kernel"] + variables["output/bias"]
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)
