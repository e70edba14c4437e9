"""The import of tf1 in place of tensorflow, in a process of its own."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
import tensorflow
from estimator_mnist import estimator
assert tensorflow.executing_eagerly()  # the library changes nothing
from estimator_mnist import tf1 as tf
assert not tensorflow.executing_eagerly()
assert "tf_keras" not in sys.modules
tf.behave_like_tf1()  # as programs did that were written for an earlier release
import numpy as np

x = tf.placeholder(tf.float32, [None, 4])
assert x.shape[1].value == 4 and x.get_shape()[0].value is None
assert (x == x) is True and x in {x: 1}

# An Iterator and the properties that a Dataset had.
dataset = tf.data.Dataset.from_tensor_slices(np.arange(6.0)).batch(4)
assert (dataset.output_types, dataset.output_shapes.as_list()) == (tf.float64, [None])
batch = dataset.make_one_shot_iterator().get_next()
initialized = dataset.make_initializable_iterator()
assert batch.shape[0].value is None

# Variables that begin with others' values, whatever kind they are.
for resource in False, True:
    one = tf.get_variable(
        "one%d" % resource, initializer=tf.ones([2]), use_resource=resource
    )
    three = tf.Variable(3 * one.initialized_value(), trainable=False)
    with tf.Session() as session:
        session.run(three.initializer)
        assert session.run(three).tolist() == [3, 3]
        session.run(one.assign([5, 6], read_value=False))
        assert session.run(one.initialized_value()).tolist() == [5, 6]

# A session, layers, and a checkpoint that does not fit.
logits = tf.layers.dense(x, 3, name="logits")
loss = tf.losses.sparse_softmax_cross_entropy([1, 2], logits)
train_op = tf.train.AdamOptimizer().minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run([initialized.initializer])
    assert session.run(batch).tolist() == [0, 1, 2, 3]
    session.run(train_op, {x: np.ones((2, 4))})
    path = tf.train.Saver().save(session, sys.argv[1] + "/model.ckpt")
names = [v.op.name for v in tf.trainable_variables() if "one" not in v.op.name]
assert names == ["logits/kernel", "logits/bias"]
tf.reset_default_graph()
tf.get_variable("logits/bias", [5])
with tf.Session() as session:
    try:
        tf.train.Saver().restore(session, path)
    except tf.errors.InvalidArgumentError as error:
        assert "shape" in str(error)
    else:
        raise AssertionError("restored a wrong shape")

# Keras calls accuracy `acc`; its model becomes no eager one.
tf.reset_default_graph()
layer = tf.keras.layers.Dense(3, activation="softmax", input_shape=(2,))
model = tf.keras.models.Sequential([layer])
model.compile(tf.train.AdamOptimizer(), "sparse_categorical_crossentropy", ["accuracy"])
history = model.fit(np.ones((6, 2)), np.arange(6) % 3, verbose=0).history
assert set(history) == {"loss", "acc"}, history

# The runtime, from a Dataset of TF 1.x.
def model_fn(features, labels, mode):
    net = tf.contrib.layers.fully_connected(features, 64)
    logits = tf.layers.dense(net, 3)
    predictions = {"class": tf.argmax(logits, 1)}
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode, predictions)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    accuracy = tf.metrics.accuracy(labels, predictions["class"])
    step = tf.train.get_global_step()
    return tf.estimator.EstimatorSpec(
        mode,
        loss=loss,
        train_op=tf.train.AdamOptimizer(0.1).minimize(loss, step),
        eval_metric_ops={"accuracy": accuracy},
    )


def input_fn():
    x, y = np.eye(3, dtype=np.float32), np.arange(3)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).repeat(20).batch(3)
    return dataset.make_one_shot_iterator().get_next()


estimator = tf.estimator.Estimator(model_fn, sys.argv[1] + "/run")
found = estimator.train(input_fn).evaluate(input_fn)
assert (found["global_step"], found["accuracy"]) == (20, 1), found
assert [p["class"] for p in estimator.predict(input_fn)][:3] == [0, 1, 2]
expected = {"dense", "fully_connected"}
names = estimator.get_variable_names()
assert {name.split("/")[0] for name in names if name.endswith("Adam_1")} == expected
"""


EAGER = """
from estimator_mnist import tf1 as tf

tf.enable_v2_behavior()
assert tf.constant(1).numpy() == 1 and tf.constant([1, 2]).shape == (2,)
"""


def run(*command):
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_old_programs_find_graphs_dimensions_and_iterators(tmp_path):
    done = run("-c", SCRIPT, str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_program_may_still_ask_for_eager_execution():
    done = run("-c", EAGER)
    assert done.returncode == 0, done.stderr
