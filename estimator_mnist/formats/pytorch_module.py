"""A module of PyTorch's, generated for one network, and its weights as safetensors."""

import os
import runpy

import numpy as np

from estimator_mnist.formats import optional_library, saved_model, weights
from estimator_mnist.formats.artifact import Artifact, Classifier, Source
from estimator_mnist.formats.page import program
from estimator_mnist.formats.pytorch import module_source

TOLERANCE = 1e-5
FOLDER = "pytorch"
NOT_COMPARED = (
    "torch, which would run it, is not installed (pip install "
    "'estimator_mnist[pytorch]')"
)


def write(source: Source, temporary: str) -> list[Artifact]:
    """Writes model.py and what it loads, model.safetensors, as two Artifacts.

    Raises:
      ExperimentError: safetensors is missing.
      ExportError: the network has an op that the generated code has no words for.
    """
    module = _module(source, temporary)
    names = module_source.WEIGHTS, module_source.FILE
    of_weights, of_code = (os.path.join(temporary, name) for name in names)
    about = {"format": "pt", "model": source.model, "step": str(source.step)}
    weights.save_safetensors(of_weights, module.tensors, **about)
    with open(of_code, "w", encoding="utf-8") as file:
        file.write(module.code)
    loader = load if optional_library.is_installed("torch") else None
    return [
        Artifact(path, os.path.join(FOLDER, name), TOLERANCE, loader, NOT_COMPARED)
        for path, name in zip((of_weights, of_code), names, strict=True)
    ]


def load(path: str) -> Classifier:
    """Loads the module of which `path` is one of the files."""
    torch = optional_library.imported("torch", "pytorch")
    code = os.path.join(os.path.dirname(path), module_source.FILE)
    network = runpy.run_path(code)["load"]()

    def probabilities(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return network(torch.tensor(images)).numpy()

    return probabilities


def _module(source: Source, temporary: str) -> module_source.Module:
    with saved_model.served(source, temporary) as (session, tensors):
        found = program.of_graph(
            session, tensors["x"], tensors["probabilities"], form="pytorch"
        )
        return module_source.generate(found, session.graph, source.model)
