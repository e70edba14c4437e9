"""A table of counts, drawn by ops of the graph."""

import numpy as np
import tensorflow as tf

from estimator_mnist.models import prototypes
from estimator_mnist.models.layers import CLASSES

WHITE, BLACK, GREY = 255.0, 0.0, 190.0
BLUE = (8.0, 48.0, 107.0)  # the dark end of Brewer's Blues
# Digits of a number: what each is worth, and from which number on it is written.
_PLACES, _FROM = (1000, 100, 10, 1), (1000, 100, 10, 0)
_MARGIN = ((3, 3), (1, 0))  # of a digit: above and below, left and right; pixels
_NOTHING = -1
_SPARE = 13  # pixels left of the heads of rows; without them it is 350 wide


def picture(counts: tf.Tensor) -> tf.Tensor:
    """Draws counts int [10, 10], each below 10,000: uint8 [1, height, width, 3].

    Rows and columns have digits at their heads. A cell holds its count, and is the
    darker the larger its share of the row.
    """
    counts = tf.cast(counts, tf.int32)
    share = tf.cast(counts, tf.float32)
    share = tf.math.divide_no_nan(share, tf.reduce_sum(share, axis=1, keepdims=True))
    share = share[:, :, tf.newaxis]  # [10, 10, 1]
    ground = _mix(WHITE, np.array(BLUE, np.float32), share)
    ink = tf.where(
        share > 0.5, WHITE, tf.where(counts[..., tf.newaxis] > 0, BLACK, GREY)
    )
    head = [[1, 0], [1, 0]]
    return _drawn(
        tf.pad(counts, head) + _heads(),
        tf.pad(ground, [*head, [0, 0]], constant_values=GREY),
        tf.pad(ink, [*head, [0, 0]], constant_values=BLACK),
    )


def _heads() -> np.ndarray:
    """Returns int32 [11, 11]: the numbers above and beside the cells, which have 0."""
    numbers = np.zeros([CLASSES + 1, CLASSES + 1], np.int32)
    numbers[0, 1:] = numbers[1:, 0] = np.arange(CLASSES)
    numbers[0, 0] = _NOTHING
    return numbers


def _drawn(numbers: tf.Tensor, ground: tf.Tensor, ink: tf.Tensor) -> tf.Tensor:
    """Draws numbers int32 [rows, columns] in colours float32 [rows, columns, 3]."""
    line = [[0, 0], [0, 0], [0, 1], [0, 1], [0, 0]]
    ground, ink = (c[:, :, tf.newaxis, tf.newaxis] for c in (ground, ink))
    cells = tf.pad(_mix(ground, ink, _written(numbers)), line, constant_values=GREY)
    rows, columns, height, width, depth = cells.shape
    lines = tf.transpose(cells, [0, 2, 1, 3, 4])
    lines = tf.reshape(lines, [1, rows * height, columns * width, depth])
    return tf.cast(lines[:, :, _SPARE:], tf.uint8)


def _mix(
    start: float | tf.Tensor, end: np.ndarray | tf.Tensor, share: tf.Tensor
) -> tf.Tensor:
    return start + (end - start) * share


def _written(numbers: tf.Tensor) -> tf.Tensor:
    """Returns ink in 0..1, float32 [rows, columns, height, width, 1]."""
    numbers = numbers[..., tf.newaxis]
    digits = numbers // _PLACES % 10
    ink = tf.gather(_glyphs(), digits)  # [rows, columns, digits, height, width]
    ink *= tf.cast(numbers >= _FROM, tf.float32)[..., tf.newaxis, tf.newaxis]
    ink = tf.transpose(ink, [0, 1, 3, 2, 4])
    rows, columns, height, count, width = ink.shape
    return tf.reshape(ink, [rows, columns, height, count * width, 1])


def _glyphs() -> np.ndarray:
    """Returns float32 [10, height, width]: 1 where there is ink."""
    drawn = prototypes.digits().reshape(-1, prototypes.HEIGHT, prototypes.WIDTH) > 0
    return np.pad(drawn, ((0, 0), *_MARGIN)).astype(np.float32)
