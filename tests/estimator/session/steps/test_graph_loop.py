"""How the loop in the graph gets its batches: each once, in order."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from tests.estimator.session.steps.test_multi_step import SeenLast

tf1 = tf.compat.v1

STEPS = 130


def noting_model_fn(features, labels, mode):
    """Notes the number of the batch that each step has got."""
    noted = tf1.get_variable("noted", [STEPS], initializer=tf1.zeros_initializer())
    step, batch = tf1.train.get_global_step(), features["x"] + labels
    with tf.control_dependencies([tf1.scatter_update(noted, step, batch)]):
        train_op = tf1.assign_add(step, 1).op
    return tf_estimator.EstimatorSpec(mode, loss=tf.identity(batch), train_op=train_op)


def numbers(stop=tf.int64.max, threads=0):
    """Returns the numbers of batches, half as features and half as labels."""
    options = tf.data.Options()
    if threads:
        options.threading.private_threadpool_size = threads
    counted = tf.data.Dataset.range(stop).map(_halves).prefetch(1)
    if stop == tf.int64.max:
        cardinality = tf.data.INFINITE_CARDINALITY
        counted = counted.apply(tf.data.experimental.assert_cardinality(cardinality))
    return counted.with_options(options)


def _halves(number):
    half = tf.numpy_function(lambda n: np.float32(n / 2), [number], tf.float32)
    half.set_shape([])
    return {"x": half}, half


def numbers_of_arrays():
    x = np.arange(STEPS, dtype=np.float32)
    return tf_estimator.inputs.numpy_input_fn(
        {"x": x / 2}, x / 2, batch_size=1, num_epochs=None, shuffle=False
    )


def scalars(features, labels, mode):
    return noting_model_fn({"x": features["x"][0]}, labels[0], mode)


@pytest.mark.parametrize(
    ("model_fn", "input_fn"),
    [
        (noting_model_fn, numbers),
        (noting_model_fn, lambda: numbers(threads=1)),
        (noting_model_fn, lambda: numbers(STEPS)),
        (noting_model_fn, lambda: numbers(STEPS, threads=1)),
        (scalars, numbers_of_arrays()),
    ],
    ids=["endless", "own threads", "ending", "ending, own threads", "arrays"],
)
@pytest.mark.parametrize("steps_per_run", [None, 7])
def test_each_step_has_the_next_batch(tmp_path, model_fn, input_fn, steps_per_run):
    # However few threads the model has.
    one_thread = tf1.ConfigProto(inter_op_parallelism_threads=1)
    one_thread.use_per_session_threads = True
    config = tf_estimator.RunConfig(
        steps_per_run=steps_per_run, session_config=one_thread, save_summary_steps=40
    )
    estimator = tf_estimator.Estimator(model_fn, str(tmp_path), config)
    hook = SeenLast()
    estimator.train(input_fn, [hook], max_steps=STEPS)
    np.testing.assert_array_equal(estimator.get_variable_value("noted"), range(STEPS))
    assert hook.steps[-1] == STEPS
