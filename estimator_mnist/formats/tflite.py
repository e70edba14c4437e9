"""LiteRT (TFLite) files for phones and boards: a float32 and an int8 model."""

import os
import tempfile
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.formats import saved_model
from estimator_mnist.formats.artifact import Artifact, Classifier, Source
from estimator_mnist.formats.suppress_output import suppress_output

# LiteRT adds up in another order than TensorFlow does.
TOLERANCE = 1e-4
# A rounded model differs; export.json records by how much.
INT8_TOLERANCE = float("inf")
WHITE = 255


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes a float32 and an int8 Artifact into the folder `temporary`."""
    name = f"model-{source.step}"
    side = source.calibration.shape[1]
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        exported = saved_model.export(source, folder)
        with suppress_output():
            reduced = _probabilities_only(exported, side, folder)
            floats = _converter(reduced).convert()
            integers = _int8(_converter(reduced), source.calibration).convert()
    return [
        _write_file(temporary, f"{name}.tflite", floats, TOLERANCE),
        _write_file(temporary, f"{name}-int8.tflite", integers, INT8_TOLERANCE),
    ]


def load(path: str) -> Classifier:
    """Loads a file; returns a function of images.

    A file that takes uint8 is given pixels 0..255.
    """
    interpreter = _interpreter(path)
    inputs = interpreter.get_input_details()[0]
    outputs = interpreter.get_output_details()[0]

    def probabilities(images: np.ndarray) -> np.ndarray:
        if inputs["dtype"] == np.uint8:
            images = np.rint(images * WHITE).astype(np.uint8)
        interpreter.resize_tensor_input(inputs["index"], images.shape)
        with suppress_output():
            interpreter.allocate_tensors()
        interpreter.set_tensor(inputs["index"], images)
        interpreter.invoke()
        return _as_float(interpreter.get_tensor(outputs["index"]), outputs)

    return probabilities


def _write_file(folder: str, name: str, content: bytes, tolerance: float) -> Artifact:
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return Artifact(path, name, tolerance, load)


def _as_float(values: np.ndarray, details: dict[str, Any]) -> np.ndarray:
    if values.dtype != np.uint8:
        return values
    scale, zero = details["quantization"]
    return (values.astype(np.float32) - zero) * np.float32(scale)


def _probabilities_only(path: str, side: int, folder: str) -> str:
    """Writes a SavedModel with one signature, images -> probabilities; returns it."""
    module = tf.Module()
    module.model = tf.saved_model.load(paths.for_tensorflow(path))
    probabilities = saved_model.probabilities_only(module.model, side)
    reduced = os.path.join(folder, "probabilities")
    tf.saved_model.save(module, reduced, signatures=probabilities)
    return reduced


def _converter(path: str) -> Any:
    return tf.lite.TFLiteConverter.from_saved_model(paths.for_tensorflow(path))


def _int8(converter: Any, calibration: np.ndarray) -> Any:
    """Sets `converter` to compute in integers, with uint8 pixels and probabilities."""
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter


def _interpreter(path: str) -> Any:
    with suppress_output():  # TensorFlow's warns that it will be removed
        return compat.lite_interpreter()(path)
