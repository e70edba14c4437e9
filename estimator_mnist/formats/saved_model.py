"""A SavedModel, for TensorFlow Serving and for programs that have TensorFlow."""

import os

import tensorflow as tf

from estimator_mnist.formats.artifact import Artifact, Source
from estimator_mnist.formats.quiet import quietly

NAME = "saved_model"
TOLERANCE = 1e-5
SIGNATURE = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes the one Artifact of this format into the folder `temporary`."""
    path = export(source, temporary)
    # Serving takes the folder with the greatest number.
    name = os.path.join(NAME, os.path.basename(path))
    return [Artifact(path, name, TOLERANCE, load)]


def export(source: Source, base: str) -> str:
    """Writes a SavedModel to base/TIMESTAMP, and returns that path."""
    with quietly():  # it would name the temporary folder
        path = source.runner.export_saved_model(
            base, source.receiver_fn, checkpoint_path=source.checkpoint
        )
    return os.fsdecode(path)


def load(path: str):
    """Images float32 [batch, side, side] in 0..1 -> probabilities [batch, 10]."""
    with quietly():
        model = tf.saved_model.load(path)

    def probabilities(images):
        # Reached through the model, because without it the variables are gone.
        serve = model.signatures[SIGNATURE]
        return serve(x=tf.constant(images))["probabilities"].numpy()

    return probabilities
