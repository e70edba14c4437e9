"""The notebooks' networks: what they give, and how many parameters they have."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.estimator import ModeKeys
from estimator_mnist.models import catalog, model_fn, optimizers
from estimator_mnist.models import layers as layer_functions
from estimator_mnist.models.layers import stateless_dropout
from estimator_mnist.models.networks import cnn_same

tf1 = tf.compat.v1

# Parameters by layer, as the notebooks' summaries print them; LeNet-5's of the paper.
PARAMETERS = {
    "cnn_deep": {"conv2d": 320, "conv2d_1": 18496, "conv2d_2": 73856, "dense": 11530},
    "dense": {"dense": 401920, "dense_1": 131328, "dense_2": 32896, "dense_3": 1290},
    "cnn_same": {"conv2d": 320, "conv2d_1": 9248, "conv2d_2": 9248, "dense": 15690},
    "fashion": {
        "conv2d": 3200,
        "conv2d_1": 73856,
        "conv2d_2": 147584,
        "conv2d_3": 295168,
        "conv2d_4": 590080,
        "dense": 2304 * 128 + 128,
        "dense_1": 128 * 64 + 64,
        "dense_2": 650,
    },
    "lenet5": {
        "c1": 156,
        "s2": 12,
        "c3": 1516,
        "s4": 32,
        "c5": 48120,
        "f6": 10164,
    },
}
FEATURES = {
    "cnn_deep": 1152,
    "dense": 128,
    "cnn_same": 1568,
    "fashion": 64,
    "lenet5": 84,
}
ACTIVATIONS = {
    "cnn_deep": [None, 26, 26, 32],
    "cnn_same": [None, 28, 28, 32],
    "fashion": [None, 28, 28, 64],
    "lenet5": [None, 28, 28, 6],
}
NAMES = sorted(PARAMETERS)
IMAGES = np.random.RandomState(0).rand(4, 28, 28).astype(np.float32)
LABELS = np.array([3, 0, 9, 1], np.int32)


def neutral(kind):
    return np.zeros([28, 28], np.float32), np.ones([28, 28], np.float32)


def call(name, mode, images=IMAGES, labels=LABELS, **params):
    """Calls the model_fn of `name` in the default graph."""
    tf1.train.get_or_create_global_step()
    kind = catalog.MODELS[name]
    params = {**kind.params, "seed": 0, "image_statistics": neutral, **params}
    labels = None if mode == ModeKeys.PREDICT else tf.constant(labels)
    fn = model_fn.make_model_fn(kind.network, estimator)
    return fn({"x": tf.convert_to_tensor(images)}, labels, mode, params)


def batches(side=28):
    return tf1.placeholder(tf.float32, [None, side, side])


def layers():
    """Numbers that a layer trains, by its name."""
    counts = {}
    for variable in tf1.trainable_variables():
        layer = variable.op.name.partition("/")[0]
        counts[layer] = counts.get(layer, 0) + variable.shape.num_elements()
    return counts


def run(tensors):
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        session.run(tf1.local_variables_initializer())
        return session.run(tensors)


@pytest.mark.parametrize("name", NAMES)
def test_predict_gives_what_the_model_exports_from_as_many_parameters(name):
    with tf.Graph().as_default():
        spec = call(name, ModeKeys.PREDICT, batches())
        assert layers() == PARAMETERS[name]
    shapes = {key: tensor.shape.as_list() for key, tensor in spec.predictions.items()}
    expected = {"classes": [None], "probabilities": [None, 10]}
    expected["features"] = [None, FEATURES[name]]
    if name in ACTIVATIONS:
        expected["activations"] = ACTIVATIONS[name]
    assert shapes == expected
    assert set(catalog.MODELS[name].exports) == set(shapes) - {
        "classes",
        "probabilities",
    }
    assert spec.loss is None and spec.train_op is None


@pytest.mark.parametrize("name", NAMES)
def test_larger_images_are_taken_too(name):
    with tf.Graph().as_default():
        spec = call(name, ModeKeys.PREDICT, batches(40))
    assert spec.predictions["probabilities"].shape.as_list() == [None, 10]


@pytest.mark.parametrize("name", NAMES)
def test_one_hot_labels_evaluate_as_sparse_ones(name):
    def evaluate(labels):
        with tf.Graph().as_default():
            tf1.set_random_seed(1)
            spec = call(name, ModeKeys.EVAL, labels=labels)
            return run([spec.loss, spec.eval_metric_ops["accuracy"][1]])

    sparse = evaluate(LABELS)
    np.testing.assert_allclose(evaluate(np.eye(10)[LABELS]), sparse, rtol=1e-6)
    assert np.isfinite(sparse).all()


@pytest.mark.parametrize("name", NAMES)
def test_training_lowers_the_loss(name):
    with tf.Graph().as_default():
        tf1.set_random_seed(1)
        spec = call(name, ModeKeys.TRAIN, dropout_rate=0.1, optimizer="adam")
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            losses = [session.run([spec.loss, spec.train_op])[0] for _ in range(25)]
            assert session.run(tf1.train.get_global_step()) == 25
    assert min(losses[-3:]) < 0.7 * losses[0]


def test_cnn_same_has_the_layers_that_were_asked_for():
    settings = {"filters": 4, "kernel_size": 5, "activation": "tanh"}
    for count, last in [(1, 28 * 28 * 4), (5, 1 * 1 * 4)]:
        with tf.Graph().as_default():
            spec = call("cnn_same", ModeKeys.PREDICT, conv_layers=count, **settings)
            kernels = [v for v in tf1.trainable_variables() if "kernel" in v.name]
            activations = run(spec.predictions["activations"])
        assert len(kernels) == count + 1 and kernels[0].shape == [5, 5, 1, 4]
        assert spec.predictions["features"].shape[1] == last
        assert -1 <= activations.min() < 0 < activations.max() <= 1


@pytest.mark.parametrize("activation", sorted(cnn_same.ACTIVATIONS))
def test_cnn_same_computes_with_each_activation(activation):
    with tf.Graph().as_default():
        spec = call("cnn_same", ModeKeys.EVAL, activation=activation, filters=4)
        assert np.isfinite(run(spec.loss))


def test_the_learning_rate_halves_each_time_decay_steps_are_over():
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        rate = optimizers.learning_rate_of({"learning_rate": 0.4, "decay_steps": 10})
        session.run(step.initializer)
        found = []
        for reached in (0, 9, 10, 25):
            session.run(step.assign(reached))
            found.append(session.run(rate))
    np.testing.assert_allclose(found, [0.4, 0.4, 0.2, 0.1], rtol=1e-6)
    for never in ({"learning_rate": 0.4}, {"learning_rate": 0.4, "decay_steps": 0}):
        assert optimizers.learning_rate_of(never) == 0.4


def test_dropout_of_two_layers_is_not_alike():
    with tf.Graph().as_default():
        tf1.train.create_global_step()
        ones = tf.ones([1, 1000])
        first, second, again = run(
            [stateless_dropout(ones, 0.5, 3, layer) for layer in (1, 2, 2)]
        )
    np.testing.assert_array_equal(second, again)
    assert 400 < (first == second).sum() < 600


def test_a_column_of_sparse_labels_is_not_taken_for_one_hot():
    with tf.Graph().as_default():
        column = model_fn.class_of(tf.constant([[3], [1]]))
        one_hot = model_fn.class_of(tf.one_hot([3, 1], 10))
        column, one_hot = run([column, one_hot])
    assert column.tolist() == [[3], [1]] and one_hot.tolist() == [3, 1]


def test_each_activation_that_cnn_same_declares_is_a_layers():
    assert tuple(layer_functions.ACTIVATIONS) == cnn_same.ACTIVATIONS
