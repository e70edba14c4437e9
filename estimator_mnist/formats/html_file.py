"""One html file that recognises what is drawn on it, without network or server."""

import os

import numpy as np
import tensorflow as tf

from estimator_mnist.formats import saved_model
from estimator_mnist.formats.artifact import Artifact, Source
from estimator_mnist.formats.page import javascript, page, program

TOLERANCE = 2e-3  # what rounding to float16 may make of a probability
# A page of integers differs more; export.json records by how much.
INT8_TOLERANCE = float("inf")
# Kernels of more numbers than that are in int8: in float16 a page would have 11 MB.
INT8_FROM = 4_000_000
NOT_COMPARED = "neither node nor Chromium, one of which would run it, is on PATH"


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes the one Artifact of this format into the folder `temporary`."""
    found, kernels = _program(source, temporary)
    is_int8 = kernels == "int8"
    name = f"model-{source.step}{'-int8' if is_int8 else ''}.html"
    path = os.path.join(temporary, name)
    about = page.About(source.model, source.step, source.classes)
    with open(path, "w", encoding="utf-8") as file:
        file.write(page.render(found, about, kernels))
    tolerance = INT8_TOLERANCE if is_int8 else TOLERANCE
    return [Artifact(path, name, tolerance, javascript.loader(), NOT_COMPARED)]


def _program(source: Source, temporary: str) -> tuple[program.Program, str]:
    """Returns the network of the graph that a server runs, and its kernels' type."""
    test = [features["x"] for features, _ in source.test_input_fn().as_numpy_iterator()]
    with saved_model.served(source, temporary) as (session, tensors):
        found = program.of_graph(
            session,
            tensors["x"],
            tensors["probabilities"],
            tensors.get("activations"),
        )
        return found, type_of_kernels(session, found, test)


def type_of_kernels(
    session: tf.compat.v1.Session, found: program.Program, test: list[np.ndarray]
) -> str:
    """Returns int8 for large kernels, and float32 where float16 would change too much.

    Args:
      test: batches of the images that the page will be compared on.
    """
    kernels = {name: found.constants[name] for name in found.kernels}
    if sum(kernel.size for kernel in kernels.values()) > INT8_FROM:
        return "int8"
    rounded = {name: kernel.astype(np.float16) for name, kernel in kernels.items()}
    for images in test:
        exact, approximate = (
            session.run(found.probabilities, {found.image: images, **instead})
            for instead in ({}, rounded)
        )
        is_same_class = exact.argmax(axis=1) == approximate.argmax(axis=1)
        # Not all of it: the page adds up in another order.
        is_close = np.abs(exact - approximate) <= 0.9 * TOLERANCE
        if not (is_same_class.all() and is_close.all()):
            return "float32"
    return "float16"
