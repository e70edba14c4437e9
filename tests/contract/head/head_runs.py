"""Runs what a head specifies, and the numpy formulas to compare it with."""

import types

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


def gradient_descent(loss):
    """A train_op_fn: the `optimizer` argument would need one of Keras."""
    optimizer = tf1.train.GradientDescentOptimizer(0.5)
    return optimizer.minimize(loss, tf1.train.get_global_step())


def run(head, mode, logits, labels=None, weights=None, **kwargs):
    """Builds the head's spec on constants and runs all of it once, to numpy.

    `kwargs` go to create_estimator_spec; `regularization_losses` may be floats.
    """
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.train.create_global_step()
        scale = tf1.get_variable("v", initializer=1.0)
        features = {} if weights is None else {"w": tf.constant(weights)}
        labels = None if labels is None else tf.constant(labels)
        if "regularization_losses" in kwargs:
            losses = kwargs["regularization_losses"]
            kwargs["regularization_losses"] = [tf.constant(loss) for loss in losses]
        spec = head.create_estimator_spec(
            features, mode, scale * logits, labels=labels, **kwargs
        )
        session.run(tf1.global_variables_initializer())
        session.run([tf1.local_variables_initializer(), tf1.tables_initializer()])
        metrics = spec.eval_metric_ops or {}
        session.run([update for _, update in metrics.values()])
        outcome = types.SimpleNamespace(
            loss=None if spec.loss is None else session.run(spec.loss),
            predictions=session.run(dict(spec.predictions or {})),
            metrics=session.run({key: value for key, (value, _) in metrics.items()}),
            export_outputs=spec.export_outputs,
        )
        if spec.train_op is not None:
            session.run(spec.train_op)
        outcome.step = session.run(step)
    return outcome


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def strings(array):
    return array.astype("U").tolist()
