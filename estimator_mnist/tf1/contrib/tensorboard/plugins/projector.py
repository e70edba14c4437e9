"""tf.contrib.tensorboard.plugins.projector: embeddings for TensorBoard."""

import os
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

__all__ = ["EmbeddingInfo", "ProjectorConfig", "SpriteMetadata", "visualize_embeddings"]

PROJECTOR_FILENAME = "projector_config.pbtxt"


class SpriteMetadata:
    """A picture with a thumbnail for each embedding."""

    def __init__(self) -> None:
        self.image_path = ""
        self.single_image_dim: list[int] = []


class EmbeddingInfo:
    """One variable, and files about it; paths are relative to the log folder."""

    def __init__(self) -> None:
        self.tensor_name = ""
        self.metadata_path = ""
        self.bookmarks_path = ""
        self.tensor_shape: list[int] = []
        self.sprite = SpriteMetadata()
        self.tensor_path = ""


class _Embeddings(list[EmbeddingInfo]):
    """A list that makes its elements."""

    def add(self) -> EmbeddingInfo:
        """Returns a new one, which is in the list."""
        self.append(EmbeddingInfo())
        return self[-1]


class ProjectorConfig:
    """What the projector shows."""

    def __init__(self) -> None:
        self.model_checkpoint_path = ""
        self.embeddings = _Embeddings()
        self.model_checkpoint_dir = ""


def visualize_embeddings(summary_writer: Any, config: ProjectorConfig) -> None:
    """Writes `config` into the folder of a writer, where TensorBoard finds it.

    Args:
      summary_writer: a tf.summary.FileWriter, or the folder.
      config: see above.
    """
    folder = summary_writer
    if not isinstance(summary_writer, (str, bytes, os.PathLike)):
        folder = summary_writer.get_logdir()
    path = os.path.join(os.fspath(folder), PROJECTOR_FILENAME)
    with tf.io.gfile.GFile(path, "w") as file:
        file.write("".join(_fields(config, 0)))


def _fields(message: Any, depth: int) -> list[str]:
    """Returns the lines of a message in protobuf's text format."""
    lines, indent = [], "  " * depth
    for name, value in vars(message).items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                text = each.replace("\\", "\\\\").replace('"', '\\"')
                lines += [f'{indent}{name}: "{text}"\n'] if each else []
            elif isinstance(each, int):
                lines.append(f"{indent}{name}: {each}\n")
            elif inner := _fields(each, depth + 1):
                lines += [f"{indent}{name} {{\n", *inner, f"{indent}}}\n"]
    return lines


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.tensorboard.plugins.projector")
