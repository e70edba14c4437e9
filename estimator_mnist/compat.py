"""The one place that knows TensorFlow versions."""

import logging
import types
import warnings

import tensorflow as tf

from estimator_mnist import errors


def layers() -> types.ModuleType:
    """`tf.compat.v1.layers`, also where TensorFlow comes with Keras 3.

    tf_keras holds the layers since 2.16. They are taken from where TensorFlow itself
    would look for them, without TF_USE_LEGACY_KERAS, so that `tf.keras` stays Keras 3
    for everything else in the process.
    """
    if hasattr(tf.compat.v1.layers, "dense"):
        return tf.compat.v1.layers
    from tf_keras.api._v1.keras.__internal__.legacy import layers as legacy_layers

    return legacy_layers


def tensorflow_estimator() -> types.ModuleType:
    """The real `tf.compat.v1.estimator` of TensorFlow 2.15.

    Raises MissingRuntimeError where TensorFlow has none.
    """
    if not hasattr(tf.compat.v1, "estimator"):
        raise errors.MissingRuntimeError(
            f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator: use "
            "--engine=ours, or install tensorflow 2.15."
        )
    return tf.compat.v1.estimator


def quieten() -> None:
    """TensorFlow warns of its own functions' age, and logs each line twice: no more."""
    logger = tf.get_logger()
    if not logger.handlers:  # where another one was set up before TensorFlow
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
        logger.addHandler(handler)
    logger.propagate = False
    logger.addFilter(lambda line: "is deprecated and will" not in line.getMessage())
    warnings.filterwarnings("ignore", message="`tf.layers")
