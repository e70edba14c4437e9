"""tf.contrib.cluster_resolver: what is tf.distribute.cluster_resolver today."""

import tensorflow as tf

from estimator_mnist.tf1 import replacements

_SAME = (
    "ClusterResolver",
    "SimpleClusterResolver",
    "SlurmClusterResolver",
    "TFConfigClusterResolver",
    "TPUClusterResolver",
    "UnionResolver",
)
# They end in -Resolver by now.
GceClusterResolver = tf.distribute.cluster_resolver.GCEClusterResolver
KubernetesClusterResolver = tf.distribute.cluster_resolver.KubernetesClusterResolver
UnionClusterResolver = tf.distribute.cluster_resolver.UnionResolver
__all__ = [
    "GceClusterResolver",
    "KubernetesClusterResolver",
    "UnionClusterResolver",
    *_SAME,
]

__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.cluster_resolver",
    tf.compat.v1.distribute.cluster_resolver,
    _SAME,
)
