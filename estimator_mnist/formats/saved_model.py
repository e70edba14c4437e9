"""A SavedModel, for TensorFlow Serving and for programs that have TensorFlow."""

import os

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.formats.artifact import Artifact, Classifier, Source
from estimator_mnist.formats.suppress_output import suppress_output

NAME = "saved_model"
TOLERANCE = 1e-5
SIGNATURE = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes the one Artifact of this format into the folder `temporary`."""
    path = export(source, temporary)
    # TensorFlow Serving takes the folder with the greatest number.
    name = os.path.join(NAME, os.path.basename(path))
    return [Artifact(path, name, TOLERANCE, load)]


def export(source: Source, base: str) -> str:
    """Writes a SavedModel to base/TIMESTAMP; returns that path."""
    with suppress_output():  # it names the temporary folder
        path = source.estimator.export_saved_model(
            base, source.receiver_fn, checkpoint_path=source.checkpoint
        )
    return os.fsdecode(path)


def load(path: str) -> Classifier:
    """Loads a SavedModel; returns a function of images."""
    with suppress_output():
        model = tf.saved_model.load(paths.for_tensorflow(path))

    def probabilities(images: np.ndarray) -> np.ndarray:
        # This refers to the model, because the variables live as long as it does.
        serve = model.signatures[SIGNATURE]
        return serve(x=tf.constant(images))["probabilities"].numpy()

    return probabilities
