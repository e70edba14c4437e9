"""A SavedModel, for TensorFlow Serving and for programs that have TensorFlow."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any

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


def probabilities_only(model: Any, side: int) -> Any:
    """Returns a tf.function of `images` that gives `probabilities`, and nothing else.

    Args:
      model: what tf.saved_model.load returned, which lives as long as the function.
      side: of the images, in pixels.
    """
    signature = [tf.TensorSpec([None, side, side], name="images")]

    # Nothing is to be translated, and what that writes stays where a kill comes.
    @tf.function(input_signature=signature, autograph=False)
    def probabilities(images: tf.Tensor) -> dict[str, tf.Tensor]:
        serve = model.signatures[SIGNATURE]
        return {"probabilities": serve(x=images)["probabilities"]}

    return probabilities


@contextlib.contextmanager
def served(
    source: Source, temporary: str
) -> Iterator[tuple[tf.compat.v1.Session, dict[str, tf.Tensor]]]:
    """Gives a session with the graph that a server runs, and its tensors by name.

    Args:
      temporary: a folder.
    """
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        path = export(source, folder)
        graph = tf.Graph()
        with suppress_output(), tf.compat.v1.Session(graph=graph) as session:
            yield session, _tensors(session, path)


def _tensors(session: tf.compat.v1.Session, path: str) -> dict[str, tf.Tensor]:
    """Loads a SavedModel into a session; returns `x` and the predictions by name."""
    tags = [tf.saved_model.SERVING]
    loaded = tf.compat.v1.saved_model.load(session, tags, paths.for_tensorflow(path))
    signature = loaded.signature_def[SIGNATURE]
    infos: dict[str, Any] = {**signature.inputs, **signature.outputs}
    graph = session.graph
    return {key: graph.get_tensor_by_name(info.name) for key, info in infos.items()}
