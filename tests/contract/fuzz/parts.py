"""The parts of models that programs name: layers, losses, metrics and the like."""

import numpy as np
import tensorflow as tf

from tests.contract.small_models import step_reads

tf1 = tf.compat.v1


def _zeros(x):
    return x * tf1.get_variable("w", [], initializer=tf1.zeros_initializer())


def _drawn(x):
    return x * tf1.get_variable("w", [], initializer=tf1.random_normal_initializer())


def _seeded(x):
    start = tf1.random_normal_initializer(seed=5)
    return x * tf1.get_variable("w", [], initializer=start)


def _two(x):
    bias = tf1.get_variable("b", [1], initializer=tf1.ones_initializer())
    return _zeros(x) + bias


def _dense(x):
    column = tf.reshape(x, [-1, 1])
    # Without a seed of its own Keras 2 draws from Python's generator.
    start = tf1.random_normal_initializer(seed=5)
    return tf1.layers.dense(column, 1, kernel_initializer=start, name="dense")[:, 0]


def _wide(x):
    start = tf1.ones_initializer()
    return x * tf.reduce_mean(tf1.get_variable("w", [3], initializer=start))


def _not_trainable(x):
    count = tf1.get_variable("frozen", [], trainable=False)
    return _zeros(x) + 0 * count


def _local(x):
    """Counts the runs of a session in a local variable."""
    start = tf1.zeros_initializer()
    count = tf1.get_local_variable("runs", [], initializer=start)
    return _zeros(x) + tf1.assign_add(count, 1.0)


def _table(x):
    keys, values = tf.constant([0, 1, 2], tf.int64), tf.constant([0.5, 1.5, 2.5])
    start = tf.lookup.KeyValueTensorInitializer(keys, values)
    table = tf.lookup.StaticHashTable(start, -1.0)
    return _zeros(x) + table.lookup(tf.cast(x, tf.int64))


def _dropout(x):
    return _zeros(x) + tf1.nn.dropout(x, rate=0.5)


def _partitioned(x):
    w = tf1.get_variable(
        "w",
        [4],
        partitioner=tf1.fixed_size_partitioner(2),
        initializer=tf1.ones_initializer(),
    )
    return x * tf.reduce_mean(tf.convert_to_tensor(w))


def _reference(x):
    start = tf1.zeros_initializer()
    return x * tf1.get_variable("w", [], initializer=start, use_resource=False)


def _product(x):
    """Multiply by a matrix, whose gradient training computes in its own way."""
    hidden = tf1.get_variable("h", [1, 2], initializer=tf1.ones_initializer())
    output = tf1.get_variable("o", [2, 1], initializer=tf1.ones_initializer())
    return tf.matmul(tf.nn.relu(tf.matmul(tf.reshape(x, [-1, 1]), hidden)), output)[
        :, 0
    ]


def _normalized(x):
    column = tf.reshape(x, [-1, 1])
    return _zeros(tf1.layers.batch_normalization(column, training=True)[:, 0])


VARIABLES = {
    "zeros": _zeros,
    "drawn": _drawn,
    "seeded": _seeded,
    "two": _two,
    "dense": _dense,
    "wide": _wide,
    "frozen": _not_trainable,
    "local": _local,
    "table": _table,
    "dropout": _dropout,
    "partitioned": _partitioned,
    "reference": _reference,
    "product": _product,
    "normalized": _normalized,
    "none": lambda x: x + 0.5,
}


# form -> function of (y, x).
OUTPUTS = {
    "y": lambda y, x: y,
    "x": lambda y, x: x,
    "column": lambda y, x: y[:, None],
    "int": lambda y, x: tf.cast(x, tf.int64),
    "bool": lambda y, x: x > 1.0,
    "double": lambda y, x: tf.cast(y, tf.float64),
    "half": lambda y, x: tf.cast(y, tf.float16),
    "text": lambda y, x: tf.strings.join(["ä", tf.strings.as_string(x)]),
    "complex": lambda y, x: tf.complex(y, x),
    "shorter": lambda y, x: y[:-1],
    "scalar": lambda y, x: tf.reduce_sum(y),
    "empty": lambda y, x: y[:0],
    "step": lambda y, x: x + tf.cast(tf1.train.get_global_step(), tf.float32),
    "sparse": lambda y, x: tf.sparse.from_dense(x[:, None]),
    "ragged": lambda y, x: tf.RaggedTensor.from_row_lengths(
        x, tf.ones_like(x, tf.int64)
    ),
    "none": lambda y, x: None,
    "number": lambda y, x: 1.5,
    "array": lambda y, x: np.ones([2], np.float32),
    "variable": lambda y, x: tf1.get_variable("p", [2]),
    "operation": lambda y, x: tf.no_op(),
}


LOSSES = {
    "scalar": lambda loss: loss,
    "vector of 1": lambda loss: tf.reshape(loss, [1]),
    "double": lambda loss: tf.cast(loss, tf.float64),
    "unknown shape": lambda loss: tf1.placeholder_with_default(loss, None),
    "nan": lambda loss: tf.where(
        tf1.train.get_global_step() >= 2, tf.constant(np.nan), loss
    ),
    "nan in evaluation": lambda loss: loss + tf.constant(np.inf),
    "vector": lambda loss: tf.stack([loss, loss]),
    "int": lambda loss: tf.cast(loss, tf.int32),
    "number": lambda loss: 1.5,
    "none": lambda loss: None,
    "operation": lambda loss: tf.no_op(),
}


OPTIMIZERS = {
    "sgd": lambda: tf1.train.GradientDescentOptimizer(0.05),
    "momentum": lambda: tf1.train.MomentumOptimizer(0.05, 0.5),
    "adam": lambda: tf1.train.AdamOptimizer(0.05),
    "ftrl": lambda: tf1.train.FtrlOptimizer(0.05),
    "decayed": lambda: tf1.train.GradientDescentOptimizer(
        tf1.train.exponential_decay(0.1, tf1.train.get_global_step(), 1, 0.5)
    ),
}


def _minimize(loss, optimizer, has_weights):
    if not has_weights:
        return _count(loss)
    updates = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
    with tf.control_dependencies(updates):
        return optimizer().minimize(loss, tf1.train.get_global_step())


def _count(loss, by=1):
    with tf.control_dependencies([loss, *step_reads()]):
        return tf1.assign_add(tf1.train.get_global_step(), by)


TRAIN_OPS = {
    "minimize": _minimize,
    "count": lambda loss, optimizer, has_weights: _count(loss),
    "count by 2": lambda loss, optimizer, has_weights: _count(loss, 2),
    "grouped": lambda *given: tf.group(_minimize(*given)),
    "none": lambda loss, optimizer, has_weights: None,
    "number": lambda loss, optimizer, has_weights: 1.5,
}


def _keras_mean(x):
    metric = tf.keras.metrics.Mean(name="keras_mean")
    metric.update_state(x)
    return metric


def _picture(x):
    image = tf1.summary.image("picture", tf.zeros([1, 2, 3, 1]))
    return image, tf.no_op()


# form -> function of (predictions y, labels t).
METRICS = {
    "mean": lambda y, t: tf1.metrics.mean(y),
    "error": lambda y, t: tf1.metrics.mean_absolute_error(t, y),
    "count": lambda y, t: (tf.constant(3), tf.no_op()),
    "long": lambda y, t: (tf.constant(3, tf.int64), tf.no_op()),
    "bool": lambda y, t: (tf.constant(True), tf.no_op()),
    "half": lambda y, t: (tf.constant(1.5, tf.float16), tf.no_op()),
    "double": lambda y, t: (tf.constant(1.5, tf.float64), tf.no_op()),
    "byte": lambda y, t: (tf.constant(3, tf.uint8), tf.no_op()),
    "texts": lambda y, t: (tf.constant(["a", "b"]), tf.no_op()),
    "text": lambda y, t: (tf.constant("text"), tf.no_op()),
    "array": lambda y, t: tf1.metrics.mean_tensor(tf.constant([[1.0, 2.0]])),
    "complex": lambda y, t: (tf.constant(1 + 2j), tf.no_op()),
    "same tensor": lambda y, t: (tf.reduce_sum(t),) * 2,
    "picture": lambda y, t: _picture(y),
    "nested": lambda y, t: ((tf.constant(1.0), (tf.constant(2.0),)), tf.no_op()),
    "dict": lambda y, t: ({"b": tf.constant(1.0), "a": tf.constant(2)}, tf.no_op()),
    "update operation": lambda y, t: (tf.constant(1.0), tf.group(tf.no_op())),
    "several updates": lambda y, t: (tf.constant(1.0), (tf.no_op(), tf.constant(1.0))),
    "variable": lambda y, t: (tf1.get_variable("m", [2]), tf.no_op()),
    "keras": lambda y, t: _keras_mean(y),
    "keras without update": lambda y, t: tf.keras.metrics.Mean(name="idle"),
    "list": lambda y, t: list(tf1.metrics.mean(y)),
    "three": lambda y, t: (*tf1.metrics.mean(y), tf.no_op()),
    "none": lambda y, t: None,
    "numbers": lambda y, t: (1.0, 2.0),
    "none inside": lambda y, t: (tf.constant(1.0), None),
    "sparse": lambda y, t: (tf.sparse.from_dense([[1.0]]), tf.no_op()),
    "ragged": lambda y, t: (tf.ragged.constant([[1.0], []]), tf.no_op()),
    "tensor": lambda y, t: tf.constant(1.0),
}


SUMMARIES = {
    "scalar": lambda y: tf1.summary.scalar("mean y", tf.reduce_mean(y)),
    "histogram": lambda y: tf1.summary.histogram("y", y),
    "loss": lambda y: tf1.summary.scalar("loss", tf.reduce_mean(y)),
    "text": lambda y: tf1.summary.text("words", tf.constant("abc")),
    "in a scope": lambda y: tf1.summary.scalar("scope/y", tf.reduce_mean(y)),
    "other collection": lambda y: tf1.summary.scalar(
        "other", tf.reduce_mean(y), collections=["others"]
    ),
}


def _init_fn(scaffold, session):
    del scaffold
    session.run([v.initializer for v in tf1.trainable_variables()])


SCAFFOLDS = {
    "none": lambda: None,
    "plain": lambda: tf1.train.Scaffold(),
    "init_fn": lambda: tf1.train.Scaffold(init_fn=_init_fn),
    "init_op": lambda: tf1.train.Scaffold(
        init_op=tf.group(
            tf1.global_variables_initializer(),
            *(
                tf1.assign_add(v, tf.ones_like(v))
                for v in tf1.trainable_variables()[:0]
            ),
        )
    ),
    "local_init_op": lambda: tf1.train.Scaffold(
        local_init_op=tf.group(
            tf1.local_variables_initializer(), tf1.tables_initializer()
        )
    ),
    "saver": lambda: tf1.train.Scaffold(saver=tf1.train.Saver(max_to_keep=2)),
    "summary_op": lambda: tf1.train.Scaffold(
        summary_op=tf1.summary.merge_all("others")
    ),
    "collection": lambda: tf1.add_to_collection(
        tf1.GraphKeys.SAVERS, tf1.train.Saver(max_to_keep=1)
    ),
    "no scaffold": lambda: "no scaffold",
}
