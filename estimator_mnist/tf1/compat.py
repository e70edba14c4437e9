"""tf.compat, with tf1 as its `v1`: for `import tensorflow.compat.v1 as tf`."""

import sys
from typing import Any

import tensorflow as tf

v1 = sys.modules[__package__]


def __getattr__(name: str) -> Any:
    return getattr(tf.compat.v1.compat, name)
