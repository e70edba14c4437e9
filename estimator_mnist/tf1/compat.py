"""tf.compat, whose `v1` is tf1 itself, for `import tensorflow.compat.v1 as tf`."""

import sys

import tensorflow as tf

v1 = sys.modules[__package__]


def __getattr__(name: str):
    return getattr(tf.compat.v1.compat, name)
