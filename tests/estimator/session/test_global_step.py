"""The global step of an input's graph: made quickly, but what TensorFlow makes."""

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.session import model_graph, user_functions

tf1 = tf.compat.v1


def built(device_fn):
    """Returns what an input_fn saw of the step, and the graph it was called in."""
    seen = {}

    def input_fn():
        step = tf1.train.get_global_step()
        with tf1.variable_scope("", reuse=True):
            seen["reused"] = tf1.get_variable("global_step", dtype=step.dtype) is step
        seen["added"] = tf1.assign_add(step, 2)
        seen["noise"] = tf.random.uniform([])
        seen["initial"] = step.initial_value.name, step.initializer.name
        seen["kind"] = type(step), step.shape, step.dtype, step.trainable
        return tf.data.Dataset.from_tensors([1.0]).map(lambda x: x + float(len(x)))

    config = tf_estimator.RunConfig(device_fn=device_fn, tf_random_seed=1)
    functions = user_functions.UserFunctions(lambda features: None, {}, config)
    return seen, model_graph.build_input(functions, input_fn).graph


def on_no_device(op):
    return ""


@pytest.mark.parametrize("resources", [True, False])
def test_it_is_the_same_with_and_without_a_device_fn(resources):
    """Only without one is it copied."""
    if not resources:
        tf1.disable_resource_variables()
    try:
        copied, made = built(None), built(on_no_device)
    finally:
        tf1.enable_resource_variables()
    for name in ("reused", "initial", "kind"):
        assert copied[0][name] == made[0][name]
    assert copied[0]["reused"]
    ops = [
        [(op.name, op.type, str(op.inputs)) for op in graph.get_operations()]
        for _, graph in (copied, made)
    ]
    assert ops[0] == ops[1]
    sizes = [model_graph.collection_sizes(graph) for _, graph in (copied, made)]
    assert sizes[0] == sizes[1]
    values = [run(*one) for one in (copied, made)]
    assert values[0] == values[1] == [2, values[0][1]]


def run(seen, graph):
    with tf1.Session(graph=graph) as session:
        for variable in graph.get_collection(tf1.GraphKeys.GLOBAL_STEP):
            session.run(variable.initializer)
        return session.run([seen["added"], seen["noise"]])


def test_a_hook_that_fetches_the_step_gets_the_one_before(tmp_path):
    """Also where the train_op adds to it right after its input is there."""
    seen = []

    class Hook(tf1.train.SessionRunHook):
        def before_run(self, run_context):
            return tf1.train.SessionRunArgs(tf1.train.get_global_step())

        def after_run(self, run_context, run_values):
            seen.append(int(run_values.results))

    def model_fn(features, mode):
        step = tf1.train.get_global_step()
        with tf.control_dependencies([features]):
            train_op = tf1.assign_add(step, 1).op
        return tf_estimator.EstimatorSpec(
            mode, loss=tf.reduce_sum(features), train_op=train_op
        )

    tf_estimator.Estimator(model_fn, str(tmp_path)).train(
        lambda: tf.data.Dataset.from_tensors([1.0]).repeat(), [Hook()], steps=1000
    )
    assert seen == list(range(1000))
