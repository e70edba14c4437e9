"""Every test in this folder runs once per runtime: ours, and the real one on 2.15."""

import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours

RUNTIMES = ("ours", "tensorflow")


@pytest.fixture(params=RUNTIMES)
def est(request):
    """The module under test: ours, or `tf.compat.v1.estimator`."""
    if request.param == "ours":
        return ours
    if not hasattr(tf.compat.v1, "estimator"):
        pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
    return tf.compat.v1.estimator
