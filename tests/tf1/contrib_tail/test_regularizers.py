"""Losses of tf.contrib.layers' regularizers are called as in 1.15, and so summaries."""

import pytest

from estimator_mnist import tf1 as tf

layers = tf.contrib.layers
l1, l2 = layers.l1_regularizer(0.1), layers.l2_regularizer(0.1)
MAPS = (2, 8, 8, 3)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def losses():
    return [
        loss.op.name.replace("/Regularizer/", ": ")
        for loss in tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    ]


@pytest.mark.parametrize(
    ("regularizer", "name"),
    [
        (l1, "l1_regularizer"),
        (l2, "l2_regularizer"),
        (layers.l2_regularizer(0.1, "mine"), "mine"),
        (layers.l1_l2_regularizer(0.1, 0.2), "l1_l2_regularizer"),
        (layers.l1_l2_regularizer(0.0, 0.2, "mine"), "mine"),
        (layers.sum_regularizer([l1, None, l2]), "sum_regularizer"),
        (layers.sum_regularizer([l1], "mine"), "mine"),
    ],
)
def test_a_loss_has_the_name_of_the_regularizer(regularizer, name):
    tf.get_variable("v", [2], regularizer=regularizer)
    tf.layers.dense(tf.ones([2, 3]), 2, kernel_regularizer=regularizer, name="d")
    assert losses() == [f"v: {name}", f"d/kernel: {name}"]


def test_parts_of_a_sum_are_below_it(graph):
    layers.l1_l2_regularizer(0.1, 0.2)(tf.ones([2]))
    names = [op.name for op in graph.get_operations() if op.type in ("Mul", "AddN")]
    assert names == [
        "l1_l2_regularizer/l1_regularizer",
        "l1_l2_regularizer/l2_regularizer",
        "l1_l2_regularizer",
    ]
    assert graph.get_operation_by_name("l1_l2_regularizer/l2_regularizer/scale")


@pytest.mark.parametrize(
    ("layer", "shape", "args", "names"),
    [
        (layers.fully_connected, (2, 3), (2,), ("kernel", "bias")),
        (layers.conv2d, MAPS, (2, 3), ("kernel", "bias")),
        (layers.conv2d_transpose, MAPS, (2, 3), ("kernel", "bias")),
        (
            layers.separable_conv2d,
            MAPS,
            (2, 3, 1),
            ("depthwise_kernel", "pointwise_kernel", "bias"),
        ),
    ],
)
def test_losses_have_names_and_scope_of_tf_layers(layer, shape, args, names):
    options = {"weights_regularizer": l2, "biases_regularizer": l2, "scope": "s"}
    with tf.name_scope("outer"):
        layer(tf.ones(shape), *args, **options)
    assert losses() == [f"outer/s/{name}: l2_regularizer" for name in names]


@pytest.mark.parametrize(
    ("layer", "args", "name"),
    [
        (layers.separable_conv2d, (None, 3, 1), "depthwise_weights"),
        (layers.conv2d_in_plane, (3,), "weights"),
    ],
)
def test_losses_of_other_layers_have_the_names_of_variables(layer, args, name):
    options = {"weights_regularizer": l2, "biases_regularizer": l2, "scope": "s"}
    layer(tf.ones(MAPS), *args, **options)
    assert losses() == [f"s/{name}: l2_regularizer", "s/biases: l2_regularizer"]


def test_a_regularizer_of_the_scope_has_the_name_of_the_variable():
    with tf.variable_scope("net", regularizer=l2):
        layers.fully_connected(tf.ones([2, 3]), 2, biases_initializer=None, scope="fc")
    assert losses() == ["net/fc/weights: l2_regularizer"]


def test_losses_of_batch_norm_are_in_its_scope(graph):
    params = {"beta": l2, "gamma": l1}
    layers.batch_norm(tf.ones(MAPS), scale=True, param_regularizers=params, scope="bn")
    assert losses() == ["bn/gamma: l1_regularizer", "bn/beta: l2_regularizer"]
    assert graph.get_operation_by_name("bn/FusedBatchNormV3")


def test_a_penalty_of_weights_has_a_name():
    assert (
        layers.apply_regularization(l2, [tf.ones([2])]).op.name
        == "get_regularization_penalty"
    )
    with pytest.raises(ValueError, match="scalar Tensor instead of .* rank 1"):
        layers.apply_regularization(lambda weights: weights, [tf.ones([2])])


def test_nothing_to_sum_is_no_regularizer():
    assert layers.sum_regularizer([None]) is None
    assert layers.sum_regularizer([layers.l2_regularizer(0.0)])(tf.ones([2])) is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.l1_regularizer(-0.5), "regularizer: -0.5$"),
        (lambda: layers.l2_regularizer(-1.0), r"regularizer: -1\.$"),
        (lambda: layers.l1_l2_regularizer(0.1, 1), "scale_l2 cannot be an integer: 1"),
    ],
)
def test_scales_that_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_tensor_may_be_the_scale():
    assert layers.l2_regularizer(tf.constant(0.1))(tf.ones([2])).op.type == "Mul"
