"""Brings the piece of clothing on a picture into the form of Fashion-MNIST's images.

Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
Learning Algorithms" (2017), section 2, made them of photographs before a plain
background: edges like the background trimmed, the longest side scaled to 28 pixels, the
picture placed in the middle, negated, grey. Light is not evened, and nothing is taken
for noise: the surface of the clothing is what there is to see.
"""

import math

import numpy as np

from estimator_mnist import errors
from estimator_mnist.data import idx
from estimator_mnist.data.pictures import ink, mnist_form

_LIKE = 0.05  # of the background's colour; black and white are 1 apart
EMPTY = "nothing is on it: take a picture of one piece before a plain background"


def see(picture: np.ndarray) -> mnist_form.Seen:
    """Trims, scales, centres and, on a light background, negates a picture.

    Args:
      picture: float32 [height, width, 3], RGB from 0 to 1.

    Raises:
      DataError: there is nothing but background.
    """
    background = _background(picture)
    differs = (np.abs(picture - background) > _LIKE).any(axis=-1)
    rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise errors.DataError(EMPTY)
    box = (rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)
    scale = idx.SIDE / max(stop - start for start, stop in box)
    by_row, by_column = (
        ink.area_weights(
            start, stop, max(1, math.floor((stop - start) * scale + 0.5)), pixels
        )
        for (start, stop), pixels in zip(box, differs.shape, strict=True)
    )
    small = by_row @ _object(picture, background) @ by_column.T
    top, left = ((idx.SIDE - length) // 2 for length in small.shape)
    image = np.zeros((idx.SIDE, idx.SIDE), np.uint8)
    height, width = small.shape
    image[top : top + height, left : left + width] = np.floor(255 * small + 0.5)
    middle = tuple((start + stop) / 2 for start, stop in box)
    return mnist_form.Seen(image, mnist_form.corner(middle, differs.shape))


def _background(picture: np.ndarray) -> np.ndarray:
    """Returns the colour of the border: float [3]."""
    border = [picture[0], picture[-1], picture[:, 0], picture[:, -1]]
    return np.median(np.concatenate(border), axis=0)


def _object(picture: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Returns grey [height, width]: 0 where the background is, 1 at the other end."""
    grey, at = picture.mean(axis=-1), float(background.mean())
    if at >= 1 / 2:
        return np.clip((at - grey) / at, 0, 1)
    return np.clip((grey - at) / (1 - at), 0, 1)
