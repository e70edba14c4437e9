"""What a report is about; apart, because who fills it in need not draw."""

from typing import NamedTuple

import numpy as np


class Source(NamedTuple):
    """What a report is about; n images of one split, in the split's order."""

    title: str
    facts: list[tuple[str, str]]  # what the summary adds to what is measured here
    model_dir: str  # with event files, or without
    checkpoint: str  # path prefix
    variables: list[str]  # the trained ones of the checkpoint
    classes: tuple[str, ...]
    place: str  # of the images, for a title: " at random places", or ""
    images: np.ndarray  # [n, side, side] float32, as the network sees them
    labels: np.ndarray  # [n] int
    predicted: np.ndarray  # [n] int
    probabilities: np.ndarray  # [n, classes]
    features: np.ndarray | None  # [t-SNE's, units] of the first images
    features_key: dict  # what they depend on beside the checkpoint
    activations: np.ndarray | None  # [side, side, filters] of the first image
    offsets: np.ndarray | None  # accuracy [rows, columns] by place
    offset_images: int  # how many were at each
