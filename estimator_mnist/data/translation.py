"""28x28 images at random places on a black 40x40 canvas; numpy only."""

import numpy as np

from estimator_mnist.data.idx import SIDE

CANVAS = 40
MARGIN = CANVAS - SIDE  # corners of training images are 0..MARGIN - 1

_CHUNK = 1 << 16


def random_corners(
    n: int, rng: np.random.Generator | np.random.RandomState
) -> np.ndarray:
    """Returns (row, column) of n random top-left corners, uint8 [n, 2], each 0..11."""
    corners = np.empty((n, 2), np.uint8)
    # In chunks, because they are drawn as int64.
    for start in range(0, n, _CHUNK):
        chunk = corners[start : start + _CHUNK]
        chunk[...] = rng.choice(MARGIN, size=chunk.shape)
    return corners


def place(images: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Copies each image to its place on a canvas of zeros.

    Args:
      images: uint8 [n, 28, 28].
      corners: int [n, 2], (row, column) of each top-left corner, 0..12.

    Returns:
      uint8 [n, 40, 40].

    Raises:
      ValueError: for other shapes or dtypes, or a corner that does not fit.
    """
    n = len(images)
    _check(images, corners)
    canvas = np.zeros((n, CANVAS, CANVAS), np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(
        canvas, (SIDE, SIDE), axis=(1, 2), writeable=True
    )  # [n, 13, 13, 28, 28], all within canvas
    windows[np.arange(n), corners[:, 0], corners[:, 1]] = images
    return canvas


def _check(images: np.ndarray, corners: np.ndarray) -> None:
    n = len(images)
    if images.dtype != np.uint8 or images.shape != (n, SIDE, SIDE):
        raise ValueError(
            f"images must be uint8 [n, {SIDE}, {SIDE}], got {images.dtype} "
            f"{list(images.shape)}"
        )
    if corners.shape != (n, 2):
        raise ValueError(f"corners must be [{n}, 2], got {list(corners.shape)}")
    if n and not (corners.min() >= 0 and corners.max() <= MARGIN):
        raise ValueError(
            f"corners must be 0..{MARGIN}, got {corners.min()}..{corners.max()}"
        )
