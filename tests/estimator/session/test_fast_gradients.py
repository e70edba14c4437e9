"""Gradients of matrix products are those of TensorFlow, but for rounding."""

import contextlib

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.session import fast_gradients

tf1 = tf.compat.v1

SMALL, LARGE = (3, 4, 5), (8, 640, 512)


def values(shapes, dtype):
    rng = np.random.RandomState(0)
    made = [rng.randn(*shape) + 1j * rng.randn(*shape) for shape in shapes]
    return made if dtype == "complex64" else [array.real for array in made]


def energy(tensors):
    """A real number, also of complex ones, with a gradient of its own for each."""
    return sum(tf.reduce_sum(tf.math.real(t * tf.math.conj(t))) for t in tensors)


def found(size, transpose_a, transpose_b, dtype, fast):
    """Gradients, and those of their squares, of a product, by both operands."""
    rows, inner, columns = size
    shapes = [
        (inner, rows) if transpose_a else (rows, inner),
        (columns, inner) if transpose_b else (inner, columns),
    ]
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        operands = [tf.constant(array, dtype) for array in values(shapes, dtype)]
        with fast_gradients.fast_products(graph) if fast else contextlib.nullcontext():
            product = tf.matmul(
                *operands, transpose_a=transpose_a, transpose_b=transpose_b
            )
            first = tf.gradients(energy([product]), operands)
            second = tf.gradients(energy(first), operands)
        ops = {op.type for op in graph.get_operations()}
        assert [part.shape for part in first] == [part.shape for part in operands]
        return session.run([first, second]), ops


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize("transpose_a", [False, True])
def test_they_are_tensorflows(size, transpose_a, transpose_b, dtype):
    (ours, _), (theirs, _) = (
        found(size, transpose_a, transpose_b, dtype, fast) for fast in (True, False)
    )
    for one, other in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        scale = np.abs(other).max()
        np.testing.assert_allclose(one / scale, other / scale, atol=2e-6)


def test_the_faster_kernel_is_for_many_weights():
    assert "Einsum" in found(LARGE, False, False, "float32", fast=True)[1]
    assert "Einsum" not in found(SMALL, False, False, "float32", fast=True)[1]
    assert "Einsum" not in found(LARGE, False, False, "float32", fast=False)[1]


def test_a_dense_layer_in_a_model_fn_has_it(tmp_path):
    def model_fn(features, labels, mode):
        hidden = tf1.get_variable("hidden", [4, 640])
        weights = tf1.get_variable("weights", [640, 512])
        loss = tf.reduce_mean((features @ hidden @ weights - labels) ** 2)
        train_op = tf1.train.GradientDescentOptimizer(0.1).minimize(
            loss, tf1.train.get_global_step()
        )
        types = [op.type for op in tf1.get_default_graph().get_operations()]
        assert ("Einsum" in types) == (mode == tf_estimator.ModeKeys.TRAIN)
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

    def input_fn(rows=2):
        ones = tf.ones([rows, 4]), tf.zeros([rows, 512])
        return tf.data.Dataset.from_tensors(ones)

    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    estimator.train(input_fn, steps=1)
    assert estimator.evaluate(input_fn)["global_step"] == 1
