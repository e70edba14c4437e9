"""Finds what is written on a picture: how much ink each pixel has, on even paper.

Light that falls unevenly (a shadow, a lamp's falling off) is taken away, and neither the
colour of the paper nor that of the pen matters: a pen may be brighter than the paper.
"""

import numpy as np

# The paper is looked for in a picture of at most so many pixels on a side.
_COARSE = 64
_EDGE = 0.1  # of the sides: a border that is mostly paper
_FITS = 8
# Paper closer than this to the fitted surface always counts as paper.
_EVEN = 0.01
_NEAR = 1 / 8  # of the longer side: how far the paper of a place is looked for
# The strongest ink is that of this share of the pixels, or of so many.
_STRONGEST, _STRONGEST_PIXELS = 0.001, 16
# What differs less from its paper, black and white being 1 apart, is none.
FAINTEST = 0.08


def ink(picture: np.ndarray) -> np.ndarray | None:
    """Returns how much ink is where: 0 for paper, about 1 for the strongest strokes.

    1. The paper's colour at each place is a smooth surface: a polynomial of second
       degree in the coordinates, fitted first to the border, then to all that lies near
       it; around that surface the mean of the paper in the neighbourhood.
    2. The difference from the paper is divided by the paper's brightness, or that of
       its negative, whichever is more: a shadow weakens ink and paper alike.
    3. The ink's colour is the direction in which the strongest differences point; ink
       is how far a pixel's difference goes that way. That makes dark ink on light paper
       and light ink on dark paper the same.

    Args:
      picture: float32 [height, width, 3], RGB from 0 to 1.

    Returns:
      float32 [height, width], 0 or more; None for an empty page.
    """
    paper = _paper(picture)
    difference = (picture - paper) / np.maximum(paper, 1 - paper)
    strength = np.linalg.norm(difference, axis=-1) / np.sqrt(3)
    count = max(_STRONGEST_PIXELS, int(strength.size * _STRONGEST))
    if count > strength.size:
        return None
    floor = np.partition(strength.ravel(), -count)[-count]
    strongest = strength >= floor
    direction = difference[strongest].mean(axis=0)
    direction /= np.linalg.norm(direction) or 1
    along = np.maximum(difference @ direction, 0) / np.sqrt(3)
    peak = along[strongest].mean()
    if peak < FAINTEST:
        return None
    return (along / peak).astype(np.float32)


def area_weights(start: float, stop: float, cells: int, pixels: int) -> np.ndarray:
    """Returns what share each pixel has in each cell: float64 [cells, pixels].

    The cells divide the stretch from `start` to `stop`, in pixels, into equal parts; the
    weights of a cell that lies within the picture add up to 1. `rows @ image @
    columns.T` with two of them is the mean of the image over the area of each cell,
    which is how an image is made smaller without losing thin lines.
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


def _paper(picture: np.ndarray) -> np.ndarray:
    """Returns the paper's colour at each pixel: float64 [height, width, 3]."""
    coarse = smaller(picture, _COARSE).astype(np.float64)
    surface, is_paper = _surface(coarse)
    local = _local_mean(coarse, surface, is_paper)
    return np.clip(_enlarged(local, *picture.shape[:2]), 0, 1)


def _surface(coarse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fits the smooth surface; returns it, and the weight of each pixel as paper."""
    height, width = coarse.shape[:2]
    y, x = np.meshgrid(
        np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij"
    )
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)
    values = coarse.reshape(-1, 3)
    weights = np.maximum(np.abs(x), np.abs(y)).ravel() >= 1 - 2 * _EDGE
    weights = weights.astype(np.float64)
    for _ in range(_FITS):
        weighted = terms.T * weights
        solution = np.linalg.pinv(weighted @ terms) @ (weighted @ values)
        off = np.linalg.norm(values - terms @ solution, axis=-1)
        spread = max(_EVEN, 1.5 * _weighted_median(off, weights))
        weights = 1 / (1 + (off / (2 * spread)) ** 2) ** 2
    fitted = (terms @ solution).reshape(coarse.shape)
    return fitted, weights.reshape(height, width)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _local_mean(
    coarse: np.ndarray, surface: np.ndarray, is_paper: np.ndarray
) -> np.ndarray:
    """Returns the surface, moved by the mean of what the paper near by is off it."""
    from scipy import ndimage

    spread = max(coarse.shape[:2]) * _NEAR / 2
    off = (coarse - surface) * is_paper[..., None]
    near = ndimage.gaussian_filter(off, (spread, spread, 0), mode="nearest")
    share = ndimage.gaussian_filter(is_paper, spread, mode="nearest")
    # Where hardly any paper is near, the surface stays as it is.
    return surface + near / np.maximum(share, 0.1)[..., None]


def _enlarged(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Interpolates [rows, columns, 3] linearly to [height, width, 3]."""
    rows, columns = (
        _linear_weights(cells, pixels)
        for cells, pixels in zip(values.shape[:2], (height, width), strict=True)
    )
    return np.einsum("ab,bcd,ec->aed", rows, values, columns, optimize=True)


def _linear_weights(cells: int, pixels: int) -> np.ndarray:
    """Returns the weights of linear interpolation, float64 [pixels, cells]."""
    position = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    away = np.abs(np.clip(position, 0, cells - 1)[:, None] - np.arange(cells))
    return np.maximum(1 - away, 0)
