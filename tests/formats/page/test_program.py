"""What the page's JavaScript computes of a graph is what TensorFlow does."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.formats import html_file
from estimator_mnist.formats.page import javascript, page, program

tf1 = tf.compat.v1
SIDE = 12
IMAGES = np.random.default_rng(0).random([5, SIDE, SIDE], np.float32)


def random(*shape):
    generator = np.random.default_rng(sum(shape))
    return tf.constant(generator.normal(size=shape).astype(np.float32))


def every_op(images):
    """Builds a network in which each op that the page knows changes the answer."""
    x = tf.pad(images[..., None], [[0, 0], [1, 2], [0, 1], [0, 0]], constant_values=0.5)
    x = tf.nn.conv2d(x, random(3, 2, 1, 5), [1, 2, 1, 1], "SAME")
    x = tf.nn.bias_add(x, random(5))
    x = tf.nn.max_pool2d(tf.nn.elu(x), 3, 2, "SAME")
    paddings = [[0, 0], [2, 1], [0, 1], [0, 0]]
    x = tf.nn.conv2d(x, random(3, 3, 5, 6), 1, paddings)
    x, *_ = tf1.nn.fused_batch_norm(
        x, random(6), random(6), random(6), random(6) ** 2, 1e-3, is_training=False
    )
    x = tf.nn.avg_pool2d(tf.nn.selu(x), [2, 3], 1, "SAME")
    x = tf.nn.leaky_relu(x, 0.3) / (1.5 + tf.sigmoid(x)) - tf.tanh(x)
    x = tf.maximum(tf.minimum(x * x, tf.nn.relu6(x)), tf.abs(x) / 3)
    gate = tf.reduce_mean(x, [1, 2], keepdims=True)
    x = x * tf.exp(-tf.square(gate)) + tf.nn.softplus(
        tf.reduce_max(x, 3, keepdims=True)
    )
    x = tf.math.rsqrt(tf.sqrt(1 + tf.math.squared_difference(x, 0.5))) + tf.nn.silu(x)
    x = tf.reduce_sum(x, axis=-2)
    x = tf.nn.relu(tf.reshape(x, [-1, x.shape[1] * x.shape[2]]) @ random(30, 4))
    return tf.nn.softmax(tf.identity(tf.expand_dims(x, 1)[:, 0] @ random(4, 10)) / 9)


def program_of(network, *layers):
    """Returns (Program, TensorFlow's probabilities of IMAGES)."""
    with tf1.Session(graph=tf.Graph()) as session:
        images = tf1.placeholder(tf.float32, [None, SIDE, SIDE])
        probabilities = network(images)
        found = program.of_graph(session, images, probabilities)
        return found, session.run(probabilities, {images: IMAGES})


def written(found, folder, kernels="float32"):
    path = folder / "page.html"
    about = page.About("model", 1, tuple("0123456789"))
    path.write_text(page.render(found, about, kernels), "utf-8")
    return str(path)


@pytest.mark.parametrize("names", [["node"], javascript.CHROMIUM], ids=lambda n: n[0])
def test_the_page_computes_what_tensorflow_does(names, tmp_path):
    load = javascript.loader(names) or pytest.skip(f"none of {names} is on PATH")
    found, expected = program_of(every_op)
    assert {step["op"] for step in found.steps} == set(
        known.name for known in program.OPS.values()
    )
    np.testing.assert_allclose(
        load(written(found, tmp_path))(IMAGES), expected, atol=2e-6
    )
    assert expected.std() > 0.05


@pytest.mark.parametrize(("kernels", "most"), [("float16", 1e-3), ("int8", 0.03)])
def test_rounded_kernels_change_little(kernels, most, tmp_path):
    load = javascript.loader() or pytest.skip("neither node nor Chromium is on PATH")
    found, expected = program_of(every_op)
    computed = load(written(found, tmp_path, kernels))(IMAGES)
    assert 0 < np.abs(computed - expected).max() < most


def test_a_program_that_cannot_run_a_page_is_named(tmp_path, monkeypatch):
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho 'it is too old' >&2; exit 1")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    classify = javascript.loader()(str(tmp_path / "page.html"))
    with pytest.raises(errors.ExportError, match=f"{node} could not .*it is too old"):
        classify(IMAGES)


@pytest.mark.parametrize(
    ("gain", "images", "int8_from", "kernels"),
    [
        (1, 200, 10**6, "float16"),
        (100, 200, 10**6, "float32"),  # a probability would be another
        (1, 500, 10**6, "float32"),  # a class would be
        (1, 200, 9, "int8"),
    ],
)
def test_kernels_are_rounded_where_no_answer_minds(
    gain, images, int8_from, kernels, monkeypatch
):
    monkeypatch.setattr(html_file, "INT8_FROM", int8_from)
    test = np.random.default_rng(1).random([images, SIDE, SIDE], np.float32)
    with tf1.Session(graph=tf.Graph()) as session:
        image = tf1.placeholder(tf.float32, [None, SIDE, SIDE])
        logits = gain * (flat(image) @ (random(SIDE * SIDE, 10) / SIDE))
        found = program.of_graph(session, image, tf.nn.softmax(logits))
        assert html_file.type_of_kernels(session, found, [test]) == kernels


def flat(images):
    return tf.reshape(images, [-1, SIDE * SIDE])


@pytest.mark.parametrize(
    ("network", "unknown"),
    [
        (lambda x: tf.cumsum(flat(x), 1), "the op Cumsum, which makes 'Cumsum'"),
        (lambda x: tf.matmul(flat(x), flat(x), transpose_b=True), "MatMul"),
        (
            lambda x: tf.linalg.matvec(x, tf.reshape(x, [-1, 12])),
            "BatchMatMulV2",
        ),
        (lambda x: tf.reduce_sum(x, 0), r"Sum -> \(12, 12\)"),
        (lambda x: x + tf.reduce_sum(x, 0, keepdims=True), "Sum"),
        (lambda x: x[:, 1:], r"StridedSlice of \(None, 12, 12\)"),
        (lambda x: tf.reshape(x, [-1, 12]), "Reshape of"),
        (lambda x: x[:, None] * x, r"Mul -> \(None, None, 12, 12\)"),
        (
            lambda x: tf.nn.conv2d(
                x[..., None], random(3, 3, 1, 2), 1, "SAME", dilations=2
            ),
            "dilations",
        ),
    ],
)
def test_an_op_that_the_page_does_not_know_is_named(network, unknown):
    with pytest.raises(errors.ExportError, match=f"does not know .*({unknown})"):
        program_of(network)
