"""tf.contrib.framework."""

import os
import tempfile

import numpy as np


def _variables(tf):
    framework = tf.contrib.framework
    with tf.variable_scope("net"):
        framework.model_variable("weights", [2, 3])
        framework.variable("weights_2", [2], collections=["mine"])
        with tf.variable_scope("inner"):
            framework.variable("biases", [3], trainable=False)
    framework.global_variable(3.0, name="count")
    framework.local_variable([1.0, 2.0], name="local")


def variables_by_name(tf):
    framework = tf.contrib.framework
    _variables(tf)
    found = {
        "all": framework.get_variables(),
        "scope": framework.get_variables("net/inner"),
        "suffix": framework.get_variables(suffix="biases"),
        "both": framework.get_variables("net", suffix="weights"),
        "by_suffix": framework.get_variables_by_suffix("weights"),
        "by_name": framework.get_variables_by_name("weights"),
        "model": framework.get_model_variables(),
        "local": framework.get_local_variables(),
        "trainable": framework.get_trainable_variables(),
        "mine": tf.get_collection("mine"),
        "unique": [framework.get_unique_variable("net/weights")],
        "restore": framework.get_variables_to_restore(exclude=["net/inner"]),
        "included": framework.get_variables_to_restore(["net/inner", "count"]),
        "filtered": framework.filter_variables(
            framework.get_variables(), ["net"], ["biases"]
        ),
        "beginning": framework.filter_variables(
            framework.get_variables(), ["weights"], reg_search=False
        ),
    }
    return lambda session: [
        [name, [v.op.name for v in found[name]]] for name in sorted(found)
    ]


def values_assigned(tf):
    framework = tf.contrib.framework
    _variables(tf)
    op, feed = framework.assign_from_values({"net/weights": np.ones([2, 3]) / 3})
    init_fn = framework.assign_from_values_fn({"count": np.float32(7)})

    def run(session):
        session.run(op, feed)
        init_fn(session)
        return session.run(framework.get_variables("(net/weights:|count)"))

    return run


def checkpoints_assigned(tf):
    framework = tf.contrib.framework
    first, second = tf.get_variable("first", [2]), tf.get_variable("second", [3])

    def run(session):
        path = os.path.join(tempfile.mkdtemp(), "model")
        tf.train.Saver([first, second]).save(session, path)
        other = tf.get_variable("other", [2], trainable=False)
        reshaped = tf.get_variable("reshaped", [3, 1], trainable=False)
        session.run([other.initializer, reshaped.initializer])
        op, feed = framework.assign_from_checkpoint(path, {"first": other})
        session.run(op, feed)
        init_fn = framework.assign_from_checkpoint_fn(
            path, {"second": reshaped, "missing": first}, True, True
        )
        init_fn(session)
        nothing = framework.assign_from_checkpoint_fn(path, {"no": first}, True)
        assert nothing is None
        return session.run([first, other, reshaped])

    return run


def conditions(tf):
    framework = tf.contrib.framework
    unknown = tf.placeholder_with_default(True, [])
    found = [
        framework.smart_cond(True, lambda: tf.constant(1), lambda: tf.constant(2)),
        framework.smart_cond(unknown, lambda: tf.constant(1), lambda: tf.constant(2)),
        framework.smart_case([(False, lambda: 3), (True, lambda: tf.constant(4))]),
    ]
    known = [framework.smart_constant_value(each) for each in (True, 0, unknown)]
    return lambda session: [session.run(found), known]


def tensors(tf):
    framework = tf.contrib.framework
    a, b = tf.constant([[1.0], [2.0]]), tf.constant([3.0, 4.0])
    squeezed, _ = framework.remove_squeezable_dimensions(a, b)
    placeholder = tf.placeholder_with_default([5.0, 6.0], [None])
    return [
        squeezed,
        framework.reduce_sum_n([a, b]),
        framework.with_shape([2], placeholder),
        framework.with_same_shape(b, placeholder),
        framework.sort([3, 1, 2], direction="DESCENDING"),
        framework.argsort([3, 1, 2]),
    ]


def scopes_of_arguments(tf):
    framework, layers = tf.contrib.framework, tf.contrib.layers
    rows = np.ones([2, 3], np.float32)
    with framework.arg_scope([layers.fully_connected], activation_fn=None) as scope:
        first = layers.fully_connected(rows, 2)
        with framework.arg_scope([layers.fully_connected], biases_initializer=None):
            layers.fully_connected(rows, 2)
    with framework.arg_scope(scope):
        second = layers.fully_connected(rows, 2, scope="second")
    with framework.arg_scope([framework.model_variable], collections=["kept"]):
        layers.fully_connected(rows, 2, scope="third")
    assert framework.has_arg_scope(layers.conv2d)
    return first, second
