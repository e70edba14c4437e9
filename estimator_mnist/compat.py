"""The one place that knows TensorFlow versions."""

import logging
import types
import warnings
from collections.abc import Callable

import google.protobuf
import tensorflow as tf

from estimator_mnist import errors


def layers() -> types.ModuleType:
    """Returns `tf.compat.v1.layers`, also where TensorFlow comes with Keras 3.

    tf_keras has held these layers since TensorFlow 2.16. They are imported from where
    TensorFlow itself would find them, without TF_USE_LEGACY_KERAS, so that `tf.keras`
    stays Keras 3 for the rest of the process.
    """
    if hasattr(tf.compat.v1.layers, "dense"):
        return tf.compat.v1.layers
    from tf_keras.api._v1.keras.__internal__.legacy import layers as legacy_layers

    return legacy_layers


def keras() -> types.ModuleType:
    """Returns `tf.compat.v1.keras` of Keras 2, also where TensorFlow has Keras 3."""
    if layers() is tf.compat.v1.layers:
        return tf.compat.v1.keras
    from tf_keras.api._v1 import keras as legacy_keras

    return legacy_keras


def activation(name: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation function that Keras 2 knows as `name`.

    Raises:
      ValueError: it knows none; TypeError: `name` is no string.
    """
    return keras().activations.get(name)


def tensorflow_estimator() -> types.ModuleType:
    """Returns the original `tf.compat.v1.estimator`, which TensorFlow 2.15 has.

    Raises:
      MissingRuntimeError: this version of TensorFlow has none.
    """
    if not hasattr(tf.compat.v1, "estimator"):
        raise errors.MissingRuntimeError(
            f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator: use "
            "--engine=ours, or install tensorflow 2.15."
        )
    return tf.compat.v1.estimator


def check_protobuf(
    tensorflow: str = tf.__version__, protobuf: str = google.protobuf.__version__
) -> None:
    """Raises MissingRuntimeError where TensorFlow cannot write a graph as text.

    Args:
      tensorflow: its version. 2.20 allows any protobuf, and uses an argument that went
        with protobuf 7; releases before it allow none so new.
      protobuf: its version.
    """
    if tensorflow.startswith("2.20.") and int(protobuf.split(".")[0]) >= 7:
        raise errors.MissingRuntimeError(
            f"TensorFlow {tensorflow} cannot train with protobuf {protobuf}: "
            'pip install "protobuf<7", or a newer tensorflow.'
        )


def lite_interpreter() -> type:
    """Returns the class that runs LiteRT (TFLite) files.

    It is that of ai_edge_litert where TensorFlow no longer has one.
    """
    if hasattr(tf.lite, "Interpreter"):
        return tf.lite.Interpreter
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter


def quieten() -> None:
    """Drops TensorFlow's deprecation warnings, and its second copy of each log line."""
    logger = tf.get_logger()
    if not logger.handlers:  # where another one was set up before TensorFlow
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
        logger.addHandler(handler)
    logger.propagate = False
    logger.addFilter(lambda line: "is deprecated and will" not in line.getMessage())
    warnings.filterwarnings("ignore", message="`tf.layers")
    # TensorFlow 2.20 writes its graph so.
    warnings.filterwarnings("ignore", message="float_format is deprecated")
