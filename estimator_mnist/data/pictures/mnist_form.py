"""Brings the digit of a picture into the form of MNIST's images.

http://yann.lecun.com/exdb/mnist says how those were made: black and white digits were
scaled to fit a box of 20x20 pixels, keeping their aspect ratio, grey at the edges by
anti-aliasing, and the box was placed on 28x28 pixels so that its centre of mass came to
the centre. In MNIST's files that is the pixel (14, 14), counted from 0. The arithmetic
here, which drawn strokes need as well:

1. The box of the digit is the smallest that holds all ink above one tenth.
2. Its longer side becomes 20 pixels, its shorter side as many as the ratio gives,
   rounded, and at least 1. The value of a small pixel is the mean of the ink in its
   area, where a large pixel that is cut counts for the part that lies within.
3. With m the sum of those values v, and y, x the row and column of a small pixel in its
   box, counted from 0, the centre of mass is (sum(v y) / m, sum(v x) / m). The box's
   top left corner goes to (ceil(13.5 - that row), ceil(13.5 - that column)), so that
   the centre of mass lies at or after 13.5 and before 14.5; it is then moved so that
   all of the box is on the 28x28 pixels.
4. A pixel is 255 v, rounded, with v cut off at 1.

A model for translated digits takes them on a canvas of 40x40. The 28x28 pixels go where
the digit was: their centre has that place on the canvas which the centre of mass has in
the picture, as near as the places of training, corners of 0 to 11, allow.
"""

import math
from typing import NamedTuple

import numpy as np

from estimator_mnist import errors
from estimator_mnist.data import idx, translation
from estimator_mnist.data.pictures import ink as inks

BOX = 20
_CENTRE = 14  # the pixel that MNIST's centres of mass come to
_TIE = 1e-9  # what is even on both sides is on neither because of a sum's last bit
# Strokes of a digit, and the ends of a broken one, are closer than this; in parts of
# the longest stroke's extent.
_NEAR = 0.16
# A group of strokes that is at least as long as this is a digit, beside the longest.
_DIGIT = 0.45
# No digit of MNIST is wider, in parts of its height.
_WIDEST = 2
# Smaller than this part of the picture's shorter side is noise.
_SPECK = 0.06
# Ink is what is stronger than the second, and touches what is stronger than the first.
_CERTAIN, _POSSIBLE = 0.5, 0.3
_EDGE = 0.1  # ink that the box of a digit holds
# Thinner strokes than MNIST's thinnest are thickened to this, pixels of 20.
_THINNEST = 1.6
_BROADEST = 0.4  # of a digit's longer side; broader ones are a smudge or a shadow

EMPTY = (
    "nothing is written on it: take a picture of one digit, with a dark pen on light "
    "paper or the other way round"
)
SEVERAL = "it shows several digits: cut it up, one digit to a picture"


class Seen(NamedTuple):
    """What a network is to see of a picture."""

    image: np.ndarray  # uint8 [28, 28]
    corner: tuple[int, int]  # row and column of its place on the 40x40 canvas


def see(picture: np.ndarray) -> Seen:
    """Finds the one digit on a picture, and returns it as MNIST would hold it.

    Args:
      picture: float32 [height, width, 3], RGB from 0 to 1.

    Raises:
      DataError: the page is empty, or has several digits.
    """
    found = inks.ink(picture)
    if found is None:
        raise errors.DataError(EMPTY)
    digit = one_digit(found)
    image, centre = normalized(digit)
    return Seen(image, corner(centre, digit.shape))


def one_digit(ink: np.ndarray) -> np.ndarray:
    """Returns the ink of the picture's one digit alone, 0 to 1, in the picture's size.

    Specks are dropped: what is short, and what is weaker than half of the strongest ink
    everywhere. So is what reaches the edge of the picture (a table, a finger, the next
    line), where something else does not. Strokes that are close to one another are one
    digit.

    Args:
      ink: float32 [height, width], 0 or more; about 1 for the strongest strokes.

    Raises:
      DataError: there is no digit, or more than one.
    """
    strokes = _without_what_is_cut(_strokes(ink))
    lengths = [_extent(stroke) for stroke in strokes]
    if not strokes:
        raise errors.DataError(EMPTY)
    longest = max(lengths)
    groups = _groups(strokes, _NEAR * longest)
    sizes = [_extent(group) for group in groups]
    digits = [
        g for g, size in zip(groups, sizes, strict=True) if size >= _DIGIT * max(sizes)
    ]
    if len(digits) > 1 or _is_wide(digits[0]):
        raise errors.DataError(SEVERAL)
    return _ink_around(ink, digits[0])


def normalized(ink: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Scales and centres a digit as MNIST's were; see the steps in this module's text.

    Args:
      ink: float [height, width], 0 to 1, the digit alone; some of it above one tenth.

    Returns:
      uint8 [28, 28], and row and column of the ink's centre of mass in pixels of `ink`.
    """
    box = _box_of(ink > _EDGE)
    small = inks.scaled(np.minimum(ink, 1), box, BOX)
    cells = small.shape
    row, column = _centre_of_mass(small)
    image = np.zeros((idx.SIDE, idx.SIDE), np.uint8)
    at = [
        min(max(math.ceil(_CENTRE - 0.5 - centre - _TIE), 0), idx.SIDE - length)
        for centre, length in zip((row, column), cells, strict=True)
    ]
    image[at[0] : at[0] + cells[0], at[1] : at[1] + cells[1]] = np.floor(
        255 * small + 0.5
    )
    centre = (
        box.top + (row + 0.5) * box.height / cells[0],
        box.left + (column + 0.5) * box.width / cells[1],
    )
    return image, centre


def corner(centre: tuple[float, float], shape: tuple[int, ...]) -> tuple[int, int]:
    """Returns where on the 40x40 canvas the top left corner of a 28x28 image goes.

    Args:
      centre: row and column of the centre of mass, pixels of the picture.
      shape: height and width of the picture, pixels.
    """
    row, column = (
        min(
            max(math.floor(translation.CANVAS * at / length - idx.SIDE / 2 + 0.5), 0),
            translation.MARGIN - 1,
        )
        for at, length in zip(centre, shape, strict=True)
    )
    return row, column


def _centre_of_mass(image: np.ndarray) -> tuple[float, float]:
    mass = image.sum()
    row = (image.sum(axis=1) * np.arange(image.shape[0])).sum() / mass
    column = (image.sum(axis=0) * np.arange(image.shape[1])).sum() / mass
    return float(row), float(column)


def _strokes(ink: np.ndarray) -> list[np.ndarray]:
    """Returns a mask, bool [height, width], of each stroke that is no speck."""
    from scipy import ndimage

    labels, _ = ndimage.label(ink > _POSSIBLE, np.ones((3, 3)))
    shortest = _SPECK * min(ink.shape)
    certain = np.unique(labels[ink > _CERTAIN])
    boxes = ndimage.find_objects(labels)
    return [
        labels == label
        for label in certain[certain > 0]
        if max(side.stop - side.start for side in boxes[label - 1]) > shortest
    ]


def _without_what_is_cut(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """Returns the strokes that do not reach the edge, or all where each one does."""
    whole = [
        stroke
        for stroke in strokes
        if not (stroke[[0, -1]].any() or stroke[:, [0, -1]].any())
    ]
    return whole or strokes


def _box_of(mask: np.ndarray) -> inks.Box:
    """Returns the box around what is True, of which there is some."""
    box = inks.box_of(mask)
    assert box
    return box


def _extent(mask: np.ndarray) -> int:
    """Returns the longer side of the box around what is True, pixels."""
    box = _box_of(mask)
    return max(box.height, box.width)


def _is_wide(mask: np.ndarray) -> bool:
    """Returns whether this is too wide for one digit, as digits that touch are."""
    box = _box_of(mask)
    return box.width > _WIDEST * box.height


def _groups(strokes: list[np.ndarray], distance: float) -> list[np.ndarray]:
    """Joins the strokes between which there are at most so many pixels of paper."""
    from scipy import ndimage

    everything = np.logical_or.reduce(strokes)
    away = ndimage.distance_transform_edt(~everything)
    labels, count = ndimage.label(away <= max(1, distance / 2), np.ones((3, 3)))
    return [(labels == label) & everything for label in range(1, count + 1)]


def _ink_around(ink: np.ndarray, digit: np.ndarray) -> np.ndarray:
    """Returns the ink of a digit and its edges, with strokes that are thick enough.

    Raises DataError where it is no stroke.
    """
    from scipy import ndimage

    full = np.median(ink[digit & (ink > _CERTAIN)])
    edges = ndimage.binary_dilation(digit, np.ones((3, 3)))
    alone = np.where(edges, np.minimum(ink / full, 1), 0)
    core = alone > 0.5
    within = ndimage.distance_transform_edt(core)[core] - 0.5
    # The mean distance to the edge is a quarter of a stroke's width.
    width, extent = 4 * within.mean(), _extent(core)
    if width > _BROADEST * extent:
        raise errors.DataError(EMPTY)
    missing = _THINNEST * extent / BOX - width
    return _thickened(alone, core, missing / 2) if missing > 0 else alone


def _thickened(ink: np.ndarray, core: np.ndarray, by: float) -> np.ndarray:
    """Adds full ink up to `by` pixels around the core."""
    from scipy import ndimage

    away = ndimage.distance_transform_edt(~core)
    return np.maximum(ink, np.clip(by + 1 - away, 0, 1))
