"""LiteRT (TFLite) files for phones and boards: float32, and int8 throughout."""

import os
import tempfile

import numpy as np
import tensorflow as tf

from estimator_mnist.formats import saved_model
from estimator_mnist.formats.artifact import Artifact, Source
from estimator_mnist.formats.quiet import quietly

# LiteRT adds up in another order than TensorFlow does.
TOLERANCE = 1e-4
# A rounded model differs; by how much is what the report is for.
INT8_TOLERANCE = float("inf")
WHITE = 255


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes a float32 and an int8 Artifact into the folder `temporary`."""
    name = f"model-{source.step}"
    side = source.calibration.shape[1]
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        exported = saved_model.export(source, folder)
        with quietly():
            narrow = _only_probabilities(exported, side, folder)
            floats = _converter(narrow).convert()
            integers = _int8(_converter(narrow), source.calibration).convert()
    return [
        _written(temporary, f"{name}.tflite", floats, TOLERANCE),
        _written(temporary, f"{name}-int8.tflite", integers, INT8_TOLERANCE),
    ]


def load(path: str):
    """Images float32 [batch, side, side] in 0..1 -> probabilities [batch, 10].

    Where the file takes bytes, it gets the pixels 0..255 as they are.
    """
    interpreter = _interpreter(path)
    given = interpreter.get_input_details()[0]
    wanted = interpreter.get_output_details()[0]

    def probabilities(images):
        if given["dtype"] == np.uint8:
            images = np.rint(images * WHITE).astype(np.uint8)
        interpreter.resize_tensor_input(given["index"], images.shape)
        with quietly():
            interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], images)
        interpreter.invoke()
        return _as_float(interpreter.get_tensor(wanted["index"]), wanted)

    return probabilities


def _written(folder, name, content, tolerance):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return Artifact(path, name, tolerance, load)


def _as_float(values, details):
    if values.dtype != np.uint8:
        return values
    scale, zero = details["quantization"]
    return (values.astype(np.float32) - zero) * np.float32(scale)


def _only_probabilities(path, side, folder):
    """A SavedModel with nothing but images -> probabilities, under these names."""
    module = tf.Module()
    module.model = tf.saved_model.load(path)
    serve = module.model.signatures[saved_model.SIGNATURE]

    @tf.function(input_signature=[tf.TensorSpec([None, side, side], name="images")])
    def probabilities(images):
        return {"probabilities": serve(x=images)["probabilities"]}

    narrow = os.path.join(folder, "probabilities")
    tf.saved_model.save(module, narrow, signatures=probabilities)
    return narrow


def _converter(path):
    return tf.lite.TFLiteConverter.from_saved_model(path)


def _int8(converter, calibration):
    """Integers throughout: bytes in and out, pixels as in the image files."""
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter


def _interpreter(path):
    """TensorFlow's own interpreter, or the package that takes over from it."""
    if not hasattr(tf.lite, "Interpreter"):
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter(path)
    with quietly():  # it says on each use that it will be deleted
        return tf.lite.Interpreter(path)
