"""The statistics of training images that normalise them; numpy only."""

from collections.abc import Iterator

import numpy as np

from estimator_mnist.data import translation
from estimator_mnist.data.datasets import Split

# How images are normalised: not at all, from the range of all pixels onto 0..1, or
# each pixel to mean 0 and standard deviation 1.
NORMALIZATIONS = ("none", "range", "pixel")

_WHITE = 255
_CHUNK = 5000


def image_statistics(
    split: Split, kind: str, translate: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (shift, scale), with which (images - shift) / scale is normalised.

    They are for images float32 in 0..1, as the input_fns yield them. What never varies
    gets the scale 1.

    Args:
      kind: "range" for the least value and the range of values, float32 [], or
        "pixel" for mean and standard deviation of each pixel, float32 [side, side].
      translate: whether images are placed at random on the canvas.
      seed: of their places.
    """
    images = _image_chunks(split, translate, seed)
    shift, scale = _range(images) if kind == "range" else _moments(images)
    scale = np.where(scale > 0, scale, _WHITE)
    return np.float32(shift / _WHITE), np.float32(scale / _WHITE)


def _image_chunks(split: Split, translate: bool, seed: int) -> Iterator[np.ndarray]:
    """Yields all images, as uint8 [at most _CHUNK, side, side]."""
    rng = np.random.Generator(np.random.Philox(seed))
    for start in range(0, len(split.images), _CHUNK):
        images = split.images[start : start + _CHUNK]
        if translate:
            corners = translation.random_corners(len(images), rng)
            images = translation.place(images, corners)
        yield images


def _range(chunks: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    least, greatest = _WHITE, 0
    for chunk in chunks:
        least = min(least, int(chunk.min()))
        greatest = max(greatest, int(chunk.max()))
    return np.array(least), np.array(greatest - least)


def _moments(chunks: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation, from sums of integers, which are exact."""
    count, total, squares = 0, np.int64(0), np.int64(0)
    for chunk in chunks:
        values = chunk.astype(np.int64)
        count += len(values)
        total = total + values.sum(axis=0)
        squares = squares + (values**2).sum(axis=0)
    return total / count, np.sqrt(count * squares - total**2) / count
