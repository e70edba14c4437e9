"""The embedded data set: scikit-learn's real digits, 8x8, in MNIST's 28x28 form."""

import numpy as np

from estimator_mnist.data import idx

# MNIST's digits fill a 20x20 box, which is placed by its centre of mass.
_SMALL, _BOX = 8, 20
_INK = 16
# Every weight times this is an integer, so that rounding changes none.
_UNIT = 2000


def load() -> tuple[np.ndarray, np.ndarray]:
    """Returns images uint8 [1797, 28, 28] and labels uint8 [1797]."""
    # Here, because it takes a second to import, and MNIST does without.
    from sklearn.datasets import load_digits

    digits = load_digits()
    return enlarge(digits.images.astype(np.int64)), digits.target.astype(np.uint8)


def enlarge(small: np.ndarray) -> np.ndarray:
    """Enlarges and centres images of ink 0..16, int64 [n, 8, 8].

    All arithmetic is on integers, so that every machine gets the same bytes and with
    them the same checksum.

    Returns:
      uint8 [n, 28, 28].
    """
    weights = _cubic_weights()
    full = _INK * _UNIT**2
    ink = np.clip(weights @ small @ weights.T, 0, full)
    boxes = ((2 * 255 * ink + full) // (2 * full)).astype(np.uint8)
    images = np.zeros((len(boxes), idx.SIDE, idx.SIDE), np.uint8)
    corners = np.stack([_centred(boxes.sum(axis)) for axis in (2, 1)], axis=1)
    for image, box, (row, column) in zip(images, boxes, corners, strict=True):
        image[row : row + _BOX, column : column + _BOX] = box
    return images


def _cubic_weights() -> np.ndarray:
    """Returns the weights of Catmull-Rom interpolation, int64 [20, 8], times _UNIT."""
    position = (np.arange(_BOX) + 0.5) * _SMALL / _BOX - 0.5
    t = np.abs(position[:, None] - np.arange(_SMALL))
    near = 1.5 * t**3 - 2.5 * t**2 + 1
    far = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    weights = np.where(t < 1, near, np.where(t < 2, far, 0))
    return np.rint(_UNIT * weights).astype(np.int64)


def _centred(profiles: np.ndarray) -> np.ndarray:
    """Returns the corners, int [n], that centre the ink profiles [n, 20] in 28."""
    mass = profiles.sum(1).astype(np.int64)
    moment = (profiles * np.arange(_BOX)).sum(1).astype(np.int64)
    corner = ((idx.SIDE - 1) * mass - 2 * moment + mass) // (2 * mass)
    return np.clip(corner, 0, idx.SIDE - _BOX)
