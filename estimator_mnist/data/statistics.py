"""What training images are like, pixel by pixel; numpy only."""

from collections.abc import Iterator

import numpy as np

from estimator_mnist.data import translate as placing
from estimator_mnist.data.datasets import Split

# How images are normalised: as they are, from the range of all pixels onto 0..1, or
# each pixel to mean 0 and standard deviation 1.
NORMALIZATIONS = ("none", "range", "pixel")

_WHITE = 255
_CHUNK = 5000


def image_statistics(
    split: Split, kind: str, translate: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(shift, scale), with which (images - shift) / scale is normalised.

    Of images float32 in 0..1, as the input_fns give them. Kind "range": the least
    value and the range of values, float32 []; "pixel": mean and standard deviation of
    each pixel, float32 [side, side]. What never varies gets the scale 1. Translated
    images are placed at random by `seed`.
    """
    images = _images(split, translate, seed)
    shift, scale = _range(images) if kind == "range" else _moments(images)
    scale = np.where(scale > 0, scale, _WHITE)
    return np.float32(shift / _WHITE), np.float32(scale / _WHITE)


def _images(split, translate, seed) -> Iterator[np.ndarray]:
    """All images, as uint8 [at most _CHUNK, side, side]."""
    rng = np.random.Generator(np.random.Philox(seed))
    for start in range(0, len(split.images), _CHUNK):
        images = split.images[start : start + _CHUNK]
        if translate:
            images = placing.place(images, placing.offsets(len(images), rng))
        yield images


def _range(images):
    least, greatest = _WHITE, 0
    for chunk in images:
        least = min(least, int(chunk.min()))
        greatest = max(greatest, int(chunk.max()))
    return least, greatest - least


def _moments(images):
    """Mean and standard deviation, from sums of integers, which are exact."""
    count = total = squares = 0
    for chunk in images:
        values = chunk.astype(np.int64)
        count += len(values)
        total = total + values.sum(axis=0)
        squares = squares + (values**2).sum(axis=0)
    return total / count, np.sqrt(count * squares - total**2) / count
