"""Randomness that a resumed run draws as one that was never interrupted."""

import tensorflow as tf

tf1 = tf.compat.v1


def step_seed(seed: int) -> tf.Tensor:
    """Returns a seed for tf.random.stateless_*: int64 [2], (seed, global_step).

    Tensors drawn with it in a model_fn are new at each step and the same in each run.
    """
    step = tf.cast(tf1.train.get_global_step(), tf.int64)
    return tf.stack([tf.constant(seed, tf.int64), step])
