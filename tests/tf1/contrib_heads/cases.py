"""What heads are made to do, on TensorFlow 1.15 and here.

`python cases.py FILE`, with TensorFlow 1.15, records what they do. So this module uses
neither the package nor newer Python.
"""

import json
import sys

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
SUM = tf1.losses.Reduction.SUM

ONE = np.array([[2.0], [-1.0], [0.5]], np.float32)
THREE = np.array([[2.0, -1.0, 0.5], [-1.0, 3.0, 0.2], [0.0, 0.0, 1.0]], np.float32)
WEIGHTS = np.array([1.0, 3.0, 0.0], np.float32)
YES_NO = np.array([[1], [1], [0]])
CLASSES = np.array([[1], [0], [2]])
SEVERAL = np.array([[1, 0, 1], [0, 0, 1], [0, 1, 1]])
SIDE_BY_SIDE = np.concatenate([THREE, ONE], 1)

# Name -> (head of tf.contrib.estimator, logits, labels).
CASES = {
    "binary": lambda c: (
        c.binary_classification_head("w", [0.3], name="n"),
        ONE,
        YES_NO,
    ),
    "binary sum": lambda c: (
        c.binary_classification_head(loss_reduction=SUM),
        ONE,
        YES_NO,
    ),
    "classes": lambda c: (
        c.multi_class_head(3, "w", ["a", "b", "c"], name="n"),
        THREE,
        np.array([["a"], ["c"], ["b"]]),
    ),
    "numbers": lambda c: (c.regression_head("w", 3, SUM, name="n"), THREE, THREE * 2),
    "link": lambda c: (c.regression_head(inverse_link_fn=tf.exp), ONE, ONE * 2),
    "counts": lambda c: (c.poisson_regression_head("w"), ONE, np.abs(ONE * 2)),
    "counts in part": lambda c: (
        c.poisson_regression_head(compute_full_loss=False),
        ONE,
        np.abs(ONE * 2),
    ),
    "probability": lambda c: (
        c.logistic_regression_head("w", name="n"),
        ONE,
        np.array([[0.5], [1.0], [0.0]], np.float32),
    ),
    "labels": lambda c: (
        c.multi_label_head(3, "w", [0.3], name="n"),
        THREE,
        SEVERAL,
    ),
    "labels of a vocabulary": lambda c: (
        c.multi_label_head(
            3,
            label_vocabulary=["a", "b", "c"],
            loss_reduction=SUM,
            classes_for_class_based_metrics=["a", "c"],
        ),
        THREE,
        SEVERAL,
    ),
    "heads": lambda c: (
        c.multi_head(
            [
                c.multi_class_head(3, name="h1", loss_reduction=SUM),
                c.binary_classification_head("w", name="h2"),
            ],
            [2.0, 0.5],
        ),
        {"h1": THREE, "h2": ONE},
        {"h1": CLASSES, "h2": YES_NO},
    ),
    "heads side by side": lambda c: (
        c.multi_head([c.multi_label_head(3, name="h1"), c.regression_head(name="h2")]),
        SIDE_BY_SIDE,
        {"h1": SEVERAL, "h2": ONE * 2},
    ),
}


def outcome(contrib, name):
    """Returns what the head does in all modes, as plain data."""
    found = {}
    for mode in ("train", "eval", "infer"):
        head, logits, labels = CASES[name](contrib)
        with tf.Graph().as_default(), tf1.Session() as session:
            found[mode] = _run(head, mode, logits, labels, session)
    found["logits_dimension"] = head.logits_dimension
    found["name"] = head.name
    return found


def _run(head, mode, logits, labels, session):
    step = tf1.train.create_global_step()
    with tf1.variable_scope("dnn"):
        scale = tf1.get_variable("scale", initializer=1.0)
        spec = head.create_estimator_spec(
            {"w": tf.constant(WEIGHTS)},
            mode,
            _each(lambda value: tf.constant(value) * scale, logits),
            None if mode == "infer" else _each(tf.constant, labels),
            optimizer=tf1.train.AdamOptimizer(0.1) if mode == "train" else None,
        )
    names = [variable.name for variable in tf1.global_variables()]
    session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
    session.run(tf1.local_variables_initializer())
    metrics = spec.eval_metric_ops or {}
    session.run([update for _, update in metrics.values()])
    found = {
        "predictions": _named(session.run(spec.predictions)),
        "metrics": _named(session.run({key: m[0] for key, m in metrics.items()})),
        "variables": names,
        "summaries": _summaries(session),
        "exports": {
            key: type(output).__name__
            for key, output in (spec.export_outputs or {}).items()
        },
    }
    if spec.loss is not None:
        found["loss"] = float(session.run(spec.loss))
    if spec.train_op is not None:
        session.run(spec.train_op)
        found["after a step"] = [float(session.run(scale)), int(session.run(step))]
    return found


def _each(function, values):
    if isinstance(values, dict):
        return {key: function(value) for key, value in values.items()}
    return function(values)


def _named(values):
    return {
        key if isinstance(key, str) else "/".join(key): _plain(value)
        for key, value in values.items()
    }


def _plain(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.decode() if isinstance(value, bytes) else value


def _summaries(session):
    found = {}
    for summary in tf1.get_collection(tf1.GraphKeys.SUMMARIES):
        for value in tf1.Summary.FromString(session.run(summary)).value:
            found[value.tag] = value.simple_value
    return found


def _main(path):
    found = {name: outcome(tf.contrib.estimator, name) for name in CASES}
    with open(path, "w") as file:
        file.write(_text(found) + "\n")


def _text(value, indent=1):
    """Returns JSON with a line for each key, and each list in one."""
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    space = "\n" + " " * indent
    lines = [
        f"{space}{json.dumps(key)}: {_text(value[key], indent + 1)}"
        for key in sorted(value)
    ]
    return "{" + ",".join(lines) + space[:-1] + "}"


if __name__ == "__main__":
    _main(sys.argv[1])
