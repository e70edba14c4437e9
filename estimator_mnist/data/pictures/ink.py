"""Finds what is written on a picture: how much ink each pixel has, on even paper.

Uneven light (a shadow, a lamp at one side) is taken away, and neither the colour of the
paper nor that of the pen matters: a pen may be brighter than the paper.
"""

import math
from typing import NamedTuple

import numpy as np

# The paper is looked for in a picture of at most so many pixels on a side.
_COARSE = 64
_BROADEST = 1 / 4  # of the longer side: no stroke is as broad
# The strongest ink is that of this share of the pixels, or of so many.
_STRONGEST, _STRONGEST_PIXELS = 0.001, 16
# What differs less from its paper, black and white being 1 apart, is none.
FAINTEST = 0.15
# On paper of less brightness noise would be taken for dark ink; light ink is for paper
# that has some darkness.
_LEAST_BRIGHT, _LEAST_DARK = 0.2, 0.5
_LIGHT = 0.2  # of the greatest third moment that there could be
_NOISE, _SPREADS = 1 / 16, (0, 1, 2)


def ink(picture: np.ndarray) -> np.ndarray | None:
    """Returns how much ink is where: 0 for paper, about 1 for the strongest strokes.

    1. The paper is what is left of the picture, each channel by itself, when all that
       is narrower than a quarter of it is taken away: a morphological closing of dark
       strokes, or opening of light ones. Shadows and their edges are broader, and stay.
       Where the paper changes, at a shadow's edge, what lies between is paper, too.
    2. The difference from the paper is divided by the paper's brightness, since a
       shadow darkens ink and paper alike; where the ink is light, by that of the
       paper's negative.
    3. The ink's colour is the direction in which the strongest differences point; ink
       is how far a pixel's difference goes that way. That makes dark ink on light paper
       and light ink on dark paper the same.

    4. Where half of the pixels are off their paper by a sixteenth of the strongest ink,
       that is noise: differences are averaged over a pixel around, then two.

    Args:
      picture: float32 [height, width, 3], RGB from 0 to 1.

    Returns:
      float32 [height, width], 0 or more; None for an empty page.
    """
    from scipy import ndimage

    coarse = smaller(picture, _COARSE)
    pairs = zip(np.moveaxis(picture, -1, 0), np.moveaxis(coarse, -1, 0), strict=True)
    difference = np.stack([_difference(*pair) for pair in pairs], axis=-1)
    for spread in _SPREADS:
        even = ndimage.gaussian_filter(difference, (spread, spread, 0))
        found = _along(even)
        if found is None or np.median(np.abs(found)) < _NOISE:
            break
    return found if found is None else np.maximum(found, 0).astype(np.float32)


def _along(difference: np.ndarray) -> np.ndarray | None:
    """Returns how far each difference goes in the ink's direction; about 1 for ink.

    Args:
      difference: float64 [height, width, 3].

    Returns:
      float64 [height, width]; None where the strongest is no ink.
    """
    strength = np.linalg.norm(difference, axis=-1)
    count = max(_STRONGEST_PIXELS, int(strength.size * _STRONGEST))
    if count > strength.size:
        return None
    strongest = strength >= np.partition(strength.ravel(), -count)[-count]
    direction = difference[strongest].mean(axis=0)
    along = difference @ (direction / (np.linalg.norm(direction) or 1))
    peak = along[strongest].mean()
    # White and black are the square root of 3 apart, by this distance.
    return along / peak if peak >= FAINTEST * np.sqrt(3) else None


class Box(NamedTuple):
    """Where something is on a picture: pixels, the stops behind the last."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Returns the number of rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Returns the number of columns."""
        return self.right - self.left


def box_of(mask: np.ndarray) -> Box | None:
    """Returns the smallest box around what is True in [height, width]; None without."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def scaled(image: np.ndarray, box: Box, side: int) -> np.ndarray:
    """Returns the means of an image's cells in a box, whose longer side is `side`.

    The shorter one has as many cells as the ratio gives, rounded, and at least 1.

    Args:
      image: float [height, width].
    """
    scale = side / max(box.height, box.width)
    by_row, by_column = (
        area_weights(start, stop, max(1, math.floor((stop - start) * scale + 0.5)), of)
        for start, stop, of in (
            (box.top, box.bottom, image.shape[0]),
            (box.left, box.right, image.shape[1]),
        )
    )
    return by_row @ image @ by_column.T


def area_weights(start: float, stop: float, cells: int, pixels: int) -> np.ndarray:
    """Returns what share each pixel has in each cell: float64 [cells, pixels].

    The cells divide the stretch from `start` to `stop`, in pixels, into equal parts; a
    cell's weights add up to 1. `rows @ image @ columns.T` with two of them is the mean
    of the image over the area of each cell, which makes an image smaller without losing
    thin lines.
    """
    edges = np.linspace(start, stop, cells + 1)
    pixel = np.arange(pixels)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(
        edges[:-1, None], pixel
    )
    return np.maximum(overlap, 0) * cells / (stop - start)


def smaller(picture: np.ndarray, side: int) -> np.ndarray:
    """Returns a picture [height, width, ...] with at most `side` pixels on a side."""
    height, width = picture.shape[:2]
    factor = max(height, width) / side
    if factor <= 1:
        return picture
    rows, columns = (
        area_weights(0, pixels, max(1, round(pixels / factor)), pixels)
        for pixels in (height, width)
    )
    return np.einsum("ab,bc...,dc->ad...", rows, picture, columns, optimize=True)


def _difference(channel: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """Returns how much a channel differs from its paper: float64 [height, width].

    Args:
      channel: float [height, width], 0 to 1.
      coarse: the same, smaller.
    """
    from scipy import ndimage

    paper, is_light = _without_strokes(coarse)
    low, high = (
        _enlarged(extreme(paper, (3, 3), mode="nearest"), *channel.shape)
        for extreme in (ndimage.minimum_filter, ndimage.maximum_filter)
    )
    near = np.clip(channel, low, high)
    if is_light:
        return (channel - near) / np.maximum(1 - near, _LEAST_DARK)
    return (channel - near) / np.maximum(near, _LEAST_BRIGHT)


def _without_strokes(channel: np.ndarray) -> tuple[np.ndarray, bool]:
    """Closes dark strokes, or light ones, of one channel [rows, columns].

    Returns that, and whether the strokes are light.

    There is less ink than paper, so that the ink is what differs more from the mean of
    its neighbourhood: the sign of the third moment says which way. It is taken where
    something narrow is, since a shadow's edge may differ more than faint ink; where it
    says little, ink is dark.
    """
    from scipy import ndimage

    window = round(max(channel.shape) * _BROADEST) | 1
    off = channel - ndimage.uniform_filter(channel, window, mode="nearest")
    closed, opened = (
        change(channel, (window, window), mode="nearest")
        for change in (ndimage.grey_closing, ndimage.grey_opening)
    )
    moment = off**3 * (closed - opened) ** 2
    is_light = bool(moment.sum() > _LIGHT * np.abs(moment).sum())
    return (opened if is_light else closed), is_light


def _enlarged(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Interpolates [rows, columns] linearly to [height, width]."""
    rows, columns = (
        _linear_weights(cells, pixels)
        for cells, pixels in zip(values.shape[:2], (height, width), strict=True)
    )
    return rows @ values @ columns.T


def _linear_weights(cells: int, pixels: int) -> np.ndarray:
    """Returns the weights of linear interpolation, float64 [pixels, cells]."""
    position = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    away = np.abs(np.clip(position, 0, cells - 1)[:, None] - np.arange(cells))
    return np.maximum(1 - away, 0)
