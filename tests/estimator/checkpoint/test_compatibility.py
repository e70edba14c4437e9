"""A checkpoint that does not fit: what differs, what happened, and the ways on."""

import functools
import re

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import compatibility

tf1 = tf.compat.v1


def model_fn(features, labels, mode, params):
    """Two dense layers of variables, with names and sizes of `params`."""
    inputs, units = params.get("inputs", 4), params.get("units", 3)
    dtype = params.get("dtype", tf.float32)
    hidden = layer(params.get("first", "dense"), [inputs, units], dtype)
    logits = layer(params.get("last", "dense_1"), [units, 2], dtype)
    if params.get("extra"):
        layer("extra", [2, 2], dtype)
    loss = tf.cast(hidden + logits, tf.float32) + 0 * tf.reduce_sum(features)
    optimizer = params.get("optimizer", tf1.train.GradientDescentOptimizer)
    train_op = optimizer(params.get("rate", 0.1)).minimize(
        loss, tf1.train.get_global_step()
    )
    return tf_estimator.EstimatorSpec(
        mode, predictions=features, loss=loss, train_op=train_op
    )


def layer(name, shape, dtype):
    with tf1.variable_scope(name):
        kernel = tf1.get_variable("kernel", shape, dtype)
        bias = tf1.get_variable("bias", shape[-1:], dtype)
    return tf.reduce_sum(kernel) ** 2 + tf.reduce_sum(bias) ** 2


def ones():
    return tf.data.Dataset.from_tensors(([1.0], [1.0])).repeat(1000)


def estimator_in(folder, params=None, **kwargs):
    return tf_estimator.Estimator(model_fn, str(folder), params=params or {}, **kwargs)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """model_dirs of the model above, by the name of the optimizer they had."""
    folders = {}
    for name, optimizer in {
        "GradientDescent": tf1.train.GradientDescentOptimizer,
        "Adam": tf1.train.AdamOptimizer,
        "Momentum": functools.partial(tf1.train.MomentumOptimizer, momentum=0.9),
    }.items():
        folders[name] = tmp_path_factory.mktemp(name)
        estimator_in(folders[name], {"optimizer": optimizer}).train(ones, steps=1)
    return folders


def refusal(folder, **params):
    """The error that further training with other params meets."""
    with pytest.raises(tf_estimator.CheckpointMismatchError) as caught:
        estimator_in(folder, params).train(ones, steps=1)
    return caught.value


ADAM = tf1.train.AdamOptimizer
CASES = {
    "another optimizer": (
        dict(optimizer=ADAM),
        compatibility.OPTIMIZER,
        [
            "the optimizer was changed",
            "dense/kernel/Adam_1: model [4, 3] float32, checkpoint: missing",
            "beta1_power: model [] float32, checkpoint: missing",
        ],
    ),
    "a renamed layer": (
        dict(last="logits"),
        compatibility.RENAMED,
        [
            "dense_1 is now logits",
            "logits/kernel: model [3, 2] float32, checkpoint: missing",
            "dense_1/kernel: model: missing, checkpoint [3, 2] float32",
        ],
    ),
    "inputs of another size": (
        dict(inputs=9),
        compatibility.INPUT_SIZE,
        [
            "dense/kernel takes 9 inputs in the model and 4 in the checkpoint",
            "dense/kernel: model [9, 3] float32, checkpoint [4, 3] float32",
        ],
    ),
    "layers of another size": (
        dict(units=5),
        compatibility.SHAPE,
        [
            "dense/bias: model [5] float32, checkpoint [3] float32",
            "dense_1/kernel: model [5, 2] float32, checkpoint [3, 2] float32",
        ],
    ),
    "another dtype": (
        dict(dtype=tf.float64),
        compatibility.DTYPE,
        ["dense/bias: model [3] float64, checkpoint [3] float32"],
    ),
    "a layer more": (
        dict(extra=True),
        compatibility.MISSING,
        ["extra/kernel: model [2, 2] float32, checkpoint: missing"],
    ),
    "another model": (
        dict(first="conv2d", units=7),
        compatibility.OTHER,
        ["conv2d/kernel: model [4, 7]", "dense/kernel: model: missing"],
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_refusal_says_what_happened_and_shows_names_and_both_shapes(case, trained):
    params, kind, lines = CASES[case]
    error = refusal(trained["GradientDescent"], **params)
    assert error.kind == kind
    for words in [*lines, "Three ways on", "warm_start_from", "new model_dir"]:
        assert words in str(error)


@pytest.mark.parametrize("case", sorted(set(CASES) - {"another optimizer"}))
def test_slots_of_variables_that_differ_are_not_listed(case, trained):
    params, kind, _ = CASES[case]
    error = refusal(trained["Adam"], optimizer=ADAM, **params)
    assert error.kind == kind
    assert "Adam" not in str(error).replace(str(trained["Adam"]), "")


def test_slots_of_another_optimizer_are_distinguished(trained):
    error = refusal(trained["Momentum"], optimizer=ADAM)
    assert error.kind == compatibility.OPTIMIZER
    assert "needs Adam, Adam_1, beta1_power, beta2_power" in str(error)
    assert "the checkpoint has Momentum" in str(error)


def test_slots_that_the_model_does_not_need_are_no_mismatch(trained):
    path = tf.train.latest_checkpoint(trained["Adam"])
    with tf.Graph().as_default():
        compatibility.compare(path, [tf1.get_variable("dense/kernel", [4, 3])])


@pytest.mark.parametrize(
    "case,taken",
    [
        ("another optimizer", "dense/kernel"),
        ("a renamed layer", "logits/kernel"),
        ("inputs of another size", "dense_1/kernel"),
        ("a layer more", "dense/kernel"),
    ],
)
def test_the_warm_start_that_a_refusal_shows_works(case, taken, trained, tmp_path):
    params = CASES[case][0]
    message = str(refusal(trained["GradientDescent"], **params))
    shown = re.search(r"warm_start_from=(.+); or train", message)[1]
    settings = eval(shown, {"WarmStartSettings": tf_estimator.WarmStartSettings})
    new = estimator_in(
        tmp_path / "new", {**params, "rate": 0.0}, warm_start_from=settings
    )
    new.train(ones, steps=1)
    old = estimator_in(trained["GradientDescent"])
    expected = old.get_variable_value(taken.replace("logits", "dense_1"))
    assert new.get_variable_value(taken).tolist() == expected.tolist()


def test_pieces_of_a_partitioned_variable_are_found_under_its_name(tmp_path):
    def build(partitions):
        partitioner = tf1.fixed_size_partitioner(partitions)
        return tf1.get_variable("w", [4, 2], partitioner=partitioner)

    path = str(tmp_path / "model.ckpt-0")
    with tf.Graph().as_default(), tf1.Session() as session:
        whole = tf1.get_variable("w", [4, 2])
        session.run(whole.initializer)
        tf1.train.Saver([whole]).save(session, path)
    with tf.Graph().as_default():
        build(2)
        compatibility.compare(path, tf1.global_variables())
