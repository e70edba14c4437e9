"""The choices of --optimizer, and Nadam against the one of Keras."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.models import declarations
from estimator_mnist.models.optimizers import OPTIMIZERS, NadamOptimizer

tf1 = tf.compat.v1

START = [np.array([1.0, -2.0, 0.5], np.float32), np.array([[0.3]], np.float32)]
STEPS = 300
SLOTS = {
    "gradient_descent": [],
    "momentum": ["w/Momentum"],
    "rmsprop": ["w/RMSProp", "w/RMSProp_1"],
    "adam": ["beta1_power", "beta2_power", "w/Adam", "w/Adam_1"],
    "nadam": ["beta1_power", "beta2_power", "w/Nadam", "w/Nadam_1"],
}


def gradients(step):
    """Neither constant nor of one size."""
    return [np.sin(step + 1 + part) * part - 0.1 * step % 3 for part in START]


def ours(rate):
    """START after STEPS, in a graph."""
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        variables = [tf1.Variable(part) for part in START]
        fed = [tf1.placeholder(tf.float32, part.shape) for part in START]
        optimizer = NadamOptimizer(rate)
        pairs = list(zip(fed, variables, strict=True))
        train_op = optimizer.apply_gradients(pairs, step)
        session.run(tf1.global_variables_initializer())
        for i in range(STEPS):
            session.run(train_op, dict(zip(fed, gradients(i), strict=True)))
        return session.run(variables)


def kerass(keras2, rate):
    optimizer = keras2.optimizers.legacy.Nadam(rate)
    variables = [tf.Variable(part) for part in START]
    for i in range(STEPS):
        fed = [tf.constant(g, tf.float32) for g in gradients(i)]
        optimizer.apply_gradients(zip(fed, variables, strict=True))
    return [variable.numpy() for variable in variables]


def test_nadam_goes_where_that_of_keras_goes(keras2):
    found, expected = ours(0.01), kerass(keras2, 0.01)
    for one, other, start in zip(found, expected, START, strict=True):
        assert np.abs(other - start).min() > 0.01
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimizer_descends_and_its_slots_are_variables(name):
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        w = tf1.get_variable("w", initializer=[3.0, -4.0])
        loss = tf.reduce_sum(tf.square(w - 1))
        optimizer = OPTIMIZERS[name](0.05)
        train_op = optimizer.minimize(loss, step)
        session.run(tf1.global_variables_initializer())
        before = session.run(loss)
        for _ in range(100):
            session.run(train_op)
        assert session.run([loss < 0.3 * before, step]) == [True, 100]
        names = {v.op.name for v in tf1.global_variables()}
        assert names == {"w", "global_step", *SLOTS[name]}
        assert {v.op.name for v in optimizer.variables()} == set(SLOTS[name])


def test_nadam_names_its_slots():
    with tf.Graph().as_default():
        step = tf1.train.create_global_step()
        with tf1.name_scope("here"):
            w = tf1.get_variable("w", [2])
            optimizer = NadamOptimizer()
            train_op = optimizer.minimize(tf.reduce_sum(w), step)
        assert optimizer.get_slot_names() == ["m", "v"]
        assert optimizer.get_slot(w, "m").op.name == "w/Nadam"
        assert optimizer.get_slot(w, "v").op.name == "w/Nadam_1"
        assert optimizer.get_slot(step, "m") is None
        assert tf1.get_collection(tf1.GraphKeys.TRAIN_OP) == [train_op]


def test_nadam_takes_the_sparse_gradients_of_a_gather():
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        table = tf1.get_variable("table", initializer=np.ones([3, 2], np.float32))
        loss = tf.reduce_sum(tf.gather(table, [1, 1]))
        train_op = NadamOptimizer(0.1).minimize(loss, step)
        session.run(tf1.global_variables_initializer())
        session.run(train_op)
        moved = session.run(table)
    assert (moved[1] < 1).all() and (moved[[0, 2]] == 1).all()


def test_nadam_says_what_it_lacks():
    with tf.Graph().as_default():
        step = tf1.train.create_global_step()
        w = tf1.get_variable("w", [2])
        with pytest.raises(ValueError, match="no gradient"):
            NadamOptimizer().apply_gradients([(None, w)], step)
        with pytest.raises(ValueError, match="global_step is None"):
            NadamOptimizer().minimize(tf.reduce_sum(w))


def test_each_name_that_a_model_may_declare_is_an_optimizer():
    assert tuple(OPTIMIZERS) == declarations.OPTIMIZERS
