"""The heads that programs name, and the EstimatorSpecs that they make."""

import tensorflow as tf

from tests.contract.small_models import step_reads

tf1 = tf.compat.v1

_NAMES = ["none", "few", "many"]


def _column(y, t):
    return y[:, None], t[:, None]


def _flat(y, t):
    return y[:, None], t


def _two(y, t):
    return tf.stack([y, 1 - y], 1), tf.stack([t, t + 1], 1)


def _classes(count):
    """Gives a function that makes logits and labels of so many classes."""

    def make(y, t):
        logits = y[:, None] * tf.range(1.0, 1.0 + max(count, 2))
        label = tf.cast(tf.math.floormod(tf.abs(t), count), tf.int64)[:, None]
        return logits[:, : 1 if count == 2 else count], label

    return make


def _named(y, t):
    logits, label = _classes(3)(y, t)
    return logits, tf.gather(tf.constant(_NAMES), label)


def _several(y, t):
    return tf.stack([y, 1 - y], 1), tf.cast(tf.stack([t > 1, t > 2], 1), tf.int64)


def _both(y, t):
    parts = {"r": _column(y, t), "c": _classes(3)(y, t)}
    return {k: p[0] for k, p in parts.items()}, {k: p[1] for k, p in parts.items()}


def _multi_head(est):
    heads = [est.RegressionHead(name="r"), est.MultiClassHead(3, name="c")]
    return est.MultiHead(heads, [1.0, 0.5])


# form -> (function of est that makes the head, function of (y, t) that makes what
# the head takes as logits and labels).
HEADS = {
    "regression": (lambda est: est.RegressionHead(), _column),
    "flat regression": (lambda est: est.RegressionHead(), _flat),
    "two regressions": (lambda est: est.RegressionHead(label_dimension=2), _two),
    "inverse": (lambda est: est.RegressionHead(inverse_link_fn=tf.exp), _column),
    "weighted regression": (
        lambda est: est.RegressionHead(weight_column="w", name="r"),
        _column,
    ),
    "summed regression": (
        lambda est: est.RegressionHead(loss_reduction=tf.losses.Reduction.SUM),
        _column,
    ),
    "binary": (lambda est: est.BinaryClassHead(), _classes(2)),
    "thresholds": (
        lambda est: est.BinaryClassHead("w", thresholds=[0.25, 0.5], name="b"),
        _classes(2),
    ),
    "wrong classes": (lambda est: est.BinaryClassHead(), _column),
    "classes": (lambda est: est.MultiClassHead(3), _classes(3)),
    "weighted classes": (lambda est: est.MultiClassHead(3, "w"), _classes(3)),
    "named classes": (
        lambda est: est.MultiClassHead(3, label_vocabulary=_NAMES),
        _named,
    ),
    "few logits": (lambda est: est.MultiClassHead(3), _classes(2)),
    "labels": (lambda est: est.MultiLabelHead(2), _several),
    "multi": (_multi_head, _both),
}


def spec(head, form, training, mode, x, y, t, **fields):
    """Returns the EstimatorSpec that the head of this form makes."""
    with tf.control_dependencies(step_reads()):
        logits, labels = HEADS[form][1](y, t)
    made = head.create_estimator_spec(
        {"w": 1 + tf.abs(x)[:, None]},
        mode,
        logits,
        None if mode == "infer" else labels,
        **training(),
    )
    return made._replace(**fields)


def _keras(make):
    def training():
        optimizer = make()
        optimizer.iterations = tf1.train.get_or_create_global_step()
        trained = tf1.trainable_variables()
        return {"optimizer": optimizer, "trainable_variables": trained}

    return training


def training(form, optimizer):
    """Gives a function that makes the arguments which say how to train.

    Args:
      form: of a train_op.
      optimizer: function that makes one of tf.compat.v1.train.
    """
    legacy = tf.keras.optimizers.legacy
    step = tf1.train.get_global_step
    return {
        "count": _keras(lambda: legacy.SGD(0.05)),
        "count by 2": _keras(lambda: legacy.Adam(0.05)),
        "none": lambda: {},
        "number": lambda: {"optimizer": optimizer()},
    }.get(
        form, lambda: {"train_op_fn": lambda loss: optimizer().minimize(loss, step())}
    )
