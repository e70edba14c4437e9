"""What the tables of bad calls have in common."""

import json
import os
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple
from unittest import mock

import tensorflow as tf

tf1 = tf.compat.v1

CLUSTER = {"cluster": {"chief": ["h:1"], "worker": ["h:2"], "ps": ["h:3"]}}


class Bad(NamedTuple):
    """A call of a runtime `e` that fails, recorded on TensorFlow 2.15."""

    call: Callable[[Any], Any]
    kind: type[Exception]
    clause: str  # what the message begins with


def one():
    return tf.constant(1.0)


def other():
    """Give a tensor of another graph."""
    with tf.Graph().as_default():
        return tf.constant(1.0)


def folder():
    return tempfile.mkdtemp()


def one_batch():
    return {"x": tf.constant([[1.0]])}, tf.constant([[1.0]])


def model_fn_of(e):
    def model_fn(features, labels, mode):
        predictions = features["x"] * tf1.get_variable("w", [1])
        if mode == e.ModeKeys.PREDICT:
            return e.EstimatorSpec(mode, predictions={"p": predictions})
        loss = tf.reduce_mean((predictions - labels) ** 2)
        step = tf1.train.get_or_create_global_step()
        return e.EstimatorSpec(mode, loss=loss, train_op=tf1.assign_add(step, 1))

    return model_fn


def new(e, **settings):
    return e.Estimator(model_fn_of(e), folder(), **settings)


def trained(e):
    return new(e).train(one_batch, steps=1)


def returning(e, value, mode="train"):
    """Train or evaluate a model_fn that returns `value`, or value(e, mode)."""

    def model_fn(features, labels, mode):
        return value(e, mode) if callable(value) else value

    estimator = e.Estimator(model_fn, folder())
    if mode == "train":
        return estimator.train(one_batch, steps=1)
    return estimator.evaluate(one_batch, 1)


def overriding(e, name):
    members = {name: lambda self, *given, **named: None}
    return type("Sub", (e.Estimator,), members)(model_fn_of(e))


def with_environment(call, config):
    text = config if isinstance(config, str) else json.dumps(config)
    with mock.patch.dict(os.environ, TF_CONFIG=text):
        return call()


def task(kind, index=0):
    return {**CLUSTER, "task": {"type": kind, "index": index}}


def exporter(e, given):
    class Named(e.Exporter):
        name = given

        def export(self, *given, **named):
            raise AssertionError("it is not to be called")

    return Named()


def receiver(e):
    x = tf1.placeholder(tf.float32, [None, 1])
    return e.export.ServingInputReceiver({"x": x}, {"x": x})


def in_memory(e, scaffold=None, saveable=False):
    """Train with an InMemoryEvaluatorHook and a graph of more than variables."""

    def model_fn(features, labels, mode):
        loss = tf.reduce_sum(tf1.get_variable("w", [1]))
        evaluating = mode == e.ModeKeys.EVAL
        if saveable:
            tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)
        train_op = tf1.assign_add(tf1.train.get_or_create_global_step(), 1)
        own = scaffold() if scaffold and evaluating else None
        return e.EstimatorSpec(mode, loss=loss, train_op=train_op, scaffold=own)

    estimator = e.Estimator(model_fn, folder())
    hook = e.experimental.InMemoryEvaluatorHook(estimator, one_batch, steps=1)
    return estimator.train(one_batch, hooks=[hook], steps=1)
