"""The data that a report shows; apart from drawing, so that it needs no matplotlib."""

from typing import NamedTuple

import numpy as np


class ReportData(NamedTuple):
    """A trained model and what it predicts for n images of one split, in order."""

    title: str
    facts: list[tuple[str, str]]  # name and value, added to the measured ones
    model_dir: str  # with event files, or without
    checkpoint: str  # path prefix
    variables: list[str]  # the trained ones of the checkpoint
    classes: tuple[str, ...]  # names
    place: str  # of the images, for a title: ", at random places", or ""
    images: np.ndarray  # [n, side, side] float32, as the network sees them
    labels: np.ndarray  # [n] int
    predicted: np.ndarray  # [n] int
    probabilities: np.ndarray  # [n, classes]
    features: np.ndarray | None  # [m, units] of the first m images, for the t-SNE
    features_key: dict  # what the features depend on besides the checkpoint
    activations: np.ndarray | None  # [side, side, filters] of the first image
    offsets: np.ndarray | None  # accuracy [rows, columns] by place
    offset_images: int  # the number of images at each place
    page: str | None = None  # relative path of a page to draw on
