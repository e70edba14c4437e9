"""Brings the piece of clothing on a picture into the form of Fashion-MNIST's images.

Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
Learning Algorithms" (2017), section 2, made them of photographs before a plain
background: edges like the background trimmed, the longest side scaled to 28 pixels, the
picture placed in the middle, negated, grey. Light is not evened, and nothing is taken
for noise: the surface of the clothing is what there is to see.
"""

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
    box = ink.box_of(differs)
    if box is None:
        raise errors.DataError(EMPTY)
    small = ink.scaled(_object(picture, background), box, idx.SIDE)
    top, left = ((idx.SIDE - length) // 2 for length in small.shape)
    image = np.zeros((idx.SIDE, idx.SIDE), np.uint8)
    height, width = small.shape
    image[top : top + height, left : left + width] = np.floor(255 * small + 0.5)
    middle = ((box.top + box.bottom) / 2, (box.left + box.right) / 2)
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
