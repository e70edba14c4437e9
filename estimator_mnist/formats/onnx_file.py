"""An ONNX file, for ONNX Runtime and all that reads what it does."""

import os
import tempfile
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.formats import optional_library, saved_model
from estimator_mnist.formats.artifact import Artifact, Classifier, Source
from estimator_mnist.formats.suppress_output import suppress_output

TOLERANCE = 1e-5
OPSET = 15  # of 2022: any ONNX Runtime since 1.10 has it
_EXTRA = "onnx"


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes the one Artifact of this format into the folder `temporary`.

    It takes `images`, float32 [batch, side, side] in 0..1, and gives `probabilities`.

    Raises ExperimentError where tf2onnx or onnxruntime is missing.
    """
    tf2onnx = optional_library.imported("tf2onnx", _EXTRA)
    optional_library.imported("onnxruntime", _EXTRA)
    name = f"model-{source.step}.onnx"
    path = os.path.join(temporary, name)
    side = source.calibration.shape[1]
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        exported = saved_model.export(source, folder)
        with suppress_output():
            model = tf.saved_model.load(paths.for_tensorflow(exported))
            classify = saved_model.probabilities_only(model, side)
            found, _ = tf2onnx.convert.from_function(
                classify, classify.input_signature, opset=OPSET
            )
    _name_batch(found.graph)
    with open(path, "wb") as file:
        file.write(found.SerializeToString())
    return [Artifact(path, name, TOLERANCE, load, note=f"opset {OPSET}")]


def load(path: str) -> Classifier:
    """Loads a file; returns a function of images."""
    runtime = optional_library.imported("onnxruntime", _EXTRA)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def probabilities(images: np.ndarray) -> np.ndarray:
        return session.run(["probabilities"], {"images": images})[0]

    return probabilities


def _name_batch(graph: Any) -> None:
    """Calls the dimension that may have any size `batch`, in place of a number."""
    for one in [*graph.input, *graph.output]:
        one.type.tensor_type.shape.dim[0].dim_param = "batch"
