"""tf.contrib.layers: names, defaults and values of TF 1.x's documentation."""

import numpy as np
import pytest

from estimator_mnist import tf1 as tf

layers = tf.contrib.layers
arg_scope = tf.contrib.framework.arg_scope


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def run(*fetches, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run(fetches, feed)
    return values if len(values) > 1 else values[0]


def names(variables=None):
    variables = tf.global_variables() if variables is None else variables
    return [variable.op.name for variable in variables]


def constant(value):
    return tf.constant_initializer(value)


def test_fully_connected_is_relu_of_weights_and_biases():
    inputs = np.array([[1, 2], [3, -4]], np.float32)
    weights, biases = np.array([[1, -1, 0.5], [2, 1, 1]]), np.array([0.5, 0, -1])
    initial = {
        "weights_initializer": constant(weights),
        "biases_initializer": constant(biases),
    }
    outputs = layers.fully_connected(inputs, 3, **initial)
    linear = layers.fully_connected(inputs, 3, activation_fn=None, **initial)
    sums = inputs @ weights + biases
    for found, expected in zip(
        run(outputs, linear), (np.maximum(sums, 0), sums), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert outputs.op.name == "fully_connected/Relu"


def test_variables_are_called_as_in_tf_1():
    images = tf.zeros([2, 4, 4, 3])
    layers.conv2d(images, 5, 3)
    layers.convolution2d(images, 6, [2, 1])
    layers.fully_connected(layers.flatten(images), 7)
    layers.fully_connected(tf.zeros([2, 3]), 8)
    layers.fully_connected(tf.zeros([2, 3]), 9, scope="logits")
    assert {v.op.name: tuple(v.shape.as_list()) for v in tf.trainable_variables()} == {
        "Conv/weights": (3, 3, 3, 5),
        "Conv/biases": (5,),
        "Conv_1/weights": (2, 1, 3, 6),
        "Conv_1/biases": (6,),
        "fully_connected/weights": (48, 7),
        "fully_connected/biases": (7,),
        "fully_connected_1/weights": (3, 8),
        "fully_connected_1/biases": (8,),
        "logits/weights": (3, 9),
        "logits/biases": (9,),
    }
    assert names(tf.model_variables()) == names()


def test_scopes_are_shared_with_reuse():
    first = layers.fully_connected(tf.ones([2, 3]), 4, scope="fc")
    again = layers.fully_connected(tf.ones([2, 3]), 4, scope="fc", reuse=True)
    assert names() == ["fc/weights", "fc/biases"]
    np.testing.assert_array_equal(*run(first, again))
    with pytest.raises(ValueError, match="fc/weights already exists"):
        layers.fully_connected(tf.ones([2, 3]), 4, scope="fc")


def test_fully_connected_keeps_leading_dimensions():
    outputs = layers.linear(
        tf.ones([2, 5, 3]), 4, weights_initializer=tf.ones_initializer()
    )
    np.testing.assert_array_equal(run(outputs), np.full((2, 5, 4), 3.0))


def test_fully_connected_needs_to_know_the_last_dimension():
    with pytest.raises(ValueError, match="last dimension of inputs must be known"):
        layers.fully_connected(tf.placeholder(tf.float32, [None, None]), 4)


def test_without_an_initializer_or_with_a_normalizer_there_are_no_biases():
    layers.fully_connected(tf.ones([2, 3]), 4, biases_initializer=None)
    layers.conv2d(
        tf.ones([2, 3, 3, 1]),
        4,
        1,
        normalizer_fn=layers.batch_norm,
        normalizer_params={"scale": True},
    )
    assert names() == [
        "fully_connected/weights",
        "Conv/weights",
        "Conv/BatchNorm/gamma",
        "Conv/BatchNorm/beta",
        "Conv/BatchNorm/moving_mean",
        "Conv/BatchNorm/moving_variance",
    ]


def test_what_is_not_trainable_and_collections():
    collections = {"weights": ["penalised"]}
    outputs = layers.fully_connected(
        tf.ones([2, 3]),
        4,
        trainable=False,
        variables_collections=collections,
        outputs_collections="ends",
    )
    assert tf.trainable_variables() == []
    assert names(tf.get_collection("penalised")) == ["fully_connected/weights"]
    assert tf.get_collection("ends") == [outputs]


def test_regularizers_fill_the_collection_of_losses():
    layers.fully_connected(
        tf.ones([1, 2]),
        2,
        weights_initializer=constant([[1.0, -2], [3, 0]]),
        weights_regularizer=layers.l2_regularizer(0.1),
        biases_initializer=constant([1.0, -2]),
        biases_regularizer=layers.l1_regularizer(0.5),
    )
    losses = run(*tf.losses.get_regularization_losses())
    np.testing.assert_allclose(sorted(losses), [0.7, 1.5], rtol=1e-6)


def test_a_regularizer_of_scale_0_adds_nothing():
    assert layers.l2_regularizer(0.0)(tf.ones([2])) is None
    for scale, message in ((-0.1, "less than 0"), (1, "cannot be an integer")):
        with pytest.raises(ValueError, match=message):
            layers.l1_regularizer(scale)


def test_conv2d_is_same_padded_with_stride_1():
    image = np.arange(9, dtype=np.float32).reshape(1, 3, 3, 1)
    options = {"weights_initializer": tf.ones_initializer(), "activation_fn": None}
    same = layers.conv2d(image, 1, 3, **options)
    valid = layers.conv2d(image, 1, [2, 2], stride=1, padding="VALID", **options)
    strided = layers.conv2d(image, 1, 1, stride=2, **options)
    dilated = layers.conv2d(image, 1, 2, rate=2, padding="VALID", **options)
    sums = [[8, 15, 12], [21, 36, 27], [20, 33, 24]]
    found = [value[0, :, :, 0].tolist() for value in run(same, valid, strided, dilated)]
    assert found == [sums, [[8, 12], [20, 24]], [[0, 2], [6, 8]], [[16]]]


def test_conv2d_refuses_strides_together_with_a_rate():
    with pytest.raises(ValueError, match="(?i)stride.*dilation|dilation.*stride"):
        layers.conv2d(tf.ones([1, 4, 4, 1]), 1, 2, stride=2, rate=2)


def test_pools_are_valid_with_stride_2():
    image = np.arange(25, dtype=np.float32).reshape(1, 5, 5, 1)
    large, mean = layers.max_pool2d(image, 2), layers.avg_pool2d(image, [2, 2])
    same = layers.max_pool2d(image, 3, stride=2, padding="SAME")
    found = [value[0, :, :, 0].tolist() for value in run(large, mean, same)]
    assert found == [
        [[6, 8], [16, 18]],
        [[3, 5], [13, 15]],
        [[6, 8, 9], [16, 18, 19], [21, 23, 24]],
    ]


def test_flatten_keeps_the_batch():
    images = tf.placeholder(tf.float32, [None, 2, 3])
    flat = layers.flatten(images)
    assert flat.shape.as_list() == [None, 6]
    value = np.arange(12.0).reshape(2, 2, 3)
    np.testing.assert_array_equal(run(flat, feed={images: value}), value.reshape(2, 6))


def test_dropout_scales_what_it_keeps_in_training_only():
    is_training = tf.placeholder(tf.bool)
    outputs = layers.dropout(tf.ones([1000]), 0.25, is_training=is_training, seed=1)
    train = run(outputs, feed={is_training: True})
    assert set(train) == {0.0, 4.0}
    assert 150 < np.count_nonzero(train) < 350
    np.testing.assert_array_equal(
        run(outputs, feed={is_training: False}), np.ones(1000)
    )


INPUTS = np.array([[1, 10], [2, 20], [6, 30]], np.float32)


def test_batch_norm_centres_by_the_batch_and_moves_the_averages():
    outputs = layers.batch_norm(tf.constant(INPUTS), decay=0.9)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    assert names(tf.trainable_variables()) == ["BatchNorm/beta"]
    assert (names()[1:], len(updates)) == (
        ["BatchNorm/moving_mean", "BatchNorm/moving_variance"],
        2,
    )
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found = session.run(outputs)
        session.run(updates)
        mean, variance = session.run(tf.global_variables()[1:])
    expected = (INPUTS - INPUTS.mean(0)) / np.sqrt(INPUTS.var(0) + 0.001)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(mean, 0.1 * INPUTS.mean(0), rtol=1e-4)
    # The variance kept for testing is the unbiased one.
    np.testing.assert_allclose(variance, 0.9 + 0.1 * INPUTS.var(0, ddof=1), rtol=1e-4)


def test_batch_norm_goes_by_the_averages_in_testing():
    initial = {"moving_mean": constant(2.0), "moving_variance": constant(4.0)}
    initial["gamma"] = constant(3.0)
    outputs = layers.batch_norm(
        tf.constant(INPUTS), scale=True, is_training=False, param_initializers=initial
    )
    assert tf.get_collection(tf.GraphKeys.UPDATE_OPS) == []
    np.testing.assert_allclose(run(outputs), (INPUTS - 2) / 2.00025 * 3, rtol=1e-4)


def test_batch_norm_updates_in_place_where_there_is_no_collection():
    is_training = tf.placeholder(tf.bool)
    with tf.variable_scope("outer"):
        outputs = layers.batch_norm(
            tf.constant(INPUTS),
            decay=0.0,
            is_training=is_training,
            updates_collections=None,
            scope="bn",
        )
    assert names()[1:] == ["outer/bn/moving_mean", "outer/bn/moving_variance"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        means = []
        for training in (False, True):
            session.run(outputs, {is_training: training})
            means.append(session.run(tf.global_variables()[1]).tolist())
    assert means == [[0, 0], [3, 20]]


@pytest.mark.parametrize(
    ("initializer", "limit", "deviation"),
    [
        (layers.xavier_initializer(), (6 / 500) ** 0.5, (2 / 500) ** 0.5),
        (layers.xavier_initializer(uniform=False), 2 * 0.0721, 0.8796 * 0.0721),
        (layers.variance_scaling_initializer(), 2 * 0.1140, 0.8796 * 0.1140),
        (
            layers.variance_scaling_initializer(1.0, "FAN_OUT", uniform=True),
            (3 / 300) ** 0.5,
            (1 / 300) ** 0.5,
        ),
    ],
)
def test_initial_values_have_the_documented_spread(initializer, limit, deviation):
    # FAN_AVG normal: sqrt(1.3 / 250) = 0.0721; factor 2 by FAN_IN: sqrt(2.6 / 200).
    values = run(initializer([200, 300]))
    assert 0.98 * limit < np.abs(values).max() <= limit * 1.001
    np.testing.assert_allclose(values.std(), deviation, rtol=0.02)


def test_an_unknown_mode_is_refused():
    with pytest.raises(TypeError, match="Unknown mode fan_in"):
        layers.variance_scaling_initializer(mode="fan_in")


def test_arg_scope_sets_defaults_within_its_block():
    with arg_scope([layers.fully_connected, layers.conv2d], activation_fn=None):
        with arg_scope([layers.fully_connected], biases_initializer=None) as scope:
            layers.fully_connected(tf.ones([1, 2]), 2, scope="a")
            again = layers.fully_connected(
                tf.ones([1, 2]), 2, activation_fn=tf.nn.tanh, scope="b"
            )
        linear = layers.fully_connected(tf.ones([1, 2]), 2, scope="c")
    with arg_scope(scope):
        layers.fully_connected(tf.ones([1, 2]), 2, scope="d")
    usual = layers.fully_connected(tf.ones([1, 2]), 2, scope="e")
    kinds = [tensor.op.type for tensor in (again, linear, usual)]
    assert kinds == ["Tanh", "BiasAdd", "Relu"]
    biased = [name[0] for name in names() if name.endswith("biases")]
    assert biased == ["c", "e"]


def test_arg_scope_takes_functions_of_ones_own_when_marked():
    @tf.contrib.framework.add_arg_scope
    def double(x, times=2):
        return times * x

    with arg_scope([double], times=3):
        assert (double(1), double(1, times=5)) == (3, 5)
    assert double(1) == 2
    for what, message in (
        ([len], "not decorated with @add_arg_scope"),
        ({}, "no kwargs"),
    ):
        with pytest.raises(ValueError, match=message), arg_scope(what, times=3):
            pass
