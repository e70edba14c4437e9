"""tf.contrib.distribute: what is tf.distribute today, for RunConfig."""

import tensorflow as tf

from estimator_mnist.estimator.distribute_config import DistributeConfig
from estimator_mnist.tf1 import replacements

_SAME = ("MirroredStrategy", "OneDeviceStrategy")
_EXPERIMENTAL = tf.compat.v1.distribute.experimental
__all__ = [
    "CollectiveAllReduceStrategy",
    "DistributeConfig",
    "ParameterServerStrategy",
    *_SAME,
]

# The runtime refuses them when training starts.
CollectiveAllReduceStrategy = _EXPERIMENTAL.MultiWorkerMirroredStrategy
ParameterServerStrategy = _EXPERIMENTAL.ParameterServerStrategy

__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.distribute", tf.compat.v1.distribute, _SAME
)
