"""Checkpoints with all that a foreign one may have."""

import warnings

import tensorflow as tf

tf1 = tf.compat.v1

NOT_FINITE = "scope/not_finite"


def save(prefix):
    """Saves a graph's: types of all kinds, pieces, an optimizer's slots, an average."""
    with tf.Graph().as_default(), tf1.Session() as session:
        pieces = tf1.fixed_size_partitioner(3)
        tf1.get_variable("pieces", [10, 4], partitioner=pieces)
        for name, value in values().items():
            tf1.get_variable(name, initializer=value)
        weight = tf1.get_variable("weight", initializer=[1.0, 2.0, 3.0])
        average = tf.train.ExponentialMovingAverage(0.5).apply([weight])
        step = tf1.train.get_or_create_global_step()
        loss = tf.reduce_sum(weight)
        train_op = tf1.train.AdamOptimizer(0.25).minimize(loss, step)
        session.run(tf1.global_variables_initializer())
        session.run([average, train_op])
        tf1.train.Saver().save(session, str(prefix))


def values():
    """Returns tensors of the default graph, as variables are to have them, by name."""
    return {
        "bfloat": tf.constant([1.5, -2.0], tf.bfloat16),
        "file": tf.constant(2**53 + 1, tf.int64),  # what numpy.savez calls its argument
        "flags": tf.constant([True, False, True]),
        "half": tf.constant([[0.5]], tf.float16),
        "none": tf.zeros([0, 3]),
        NOT_FINITE: tf.constant([1.0, float("nan"), float("inf"), 3.0]),
        "words": tf.constant(["a", "b"]),
    }


def save_objects(prefix):
    """Saves a Keras model, and its optimizer after one step, as objects."""
    layer = tf.keras.layers.Dense(2)
    model = tf.keras.Sequential([tf.keras.layers.Input([3]), layer])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.compile("adam", "mse")
        model.train_on_batch(tf.ones([1, 3]), tf.ones([1, 2]))
    checkpoint = tf.train.Checkpoint(optimizer=model.optimizer, model=model)
    return checkpoint.write(str(prefix))
