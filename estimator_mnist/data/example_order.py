"""The order of training examples as a function of the seed; numpy only."""

import functools
import math

import numpy as np

from estimator_mnist.data import translation

# What random numbers are drawn for: each purpose has a stream of its own.
_SHUFFLE, _CORNERS, _STRIDE = 0, 1, 2
# Positions of an epoch that are shuffled together, so that memory is the same however
# many images there are; all of MNIST's are fewer.
_BLOCK = 1 << 16


class ExampleOrder:
    """An endless sequence of n images and their corners: epoch follows epoch.

    Every epoch is another permutation of the images and gives each image another
    corner. Reading may start at any position without reading what precedes it.
    """

    def __init__(self, n: int, seed: int) -> None:
        self._n = n
        self._seed = seed
        # Successive batches come from one block.
        self._block_at = functools.lru_cache(maxsize=1)(self._draw_block)

    def at(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns the images and the corners at the positions start..stop - 1.

        Returns:
          Indices of images, int [stop - start], and top-left corners (row, column),
          uint8 [stop - start, 2].
        """
        rows, corners = [], []
        while start < stop:
            epoch, position = divmod(start, self._n)
            block, first = divmod(position, _BLOCK)
            block_rows, block_corners = self._block_at(epoch, block)
            last = first + stop - start
            rows.append(block_rows[first:last])
            corners.append(block_corners[first:last])
            start += len(rows[-1])
        return np.concatenate(rows), np.concatenate(corners)

    def _draw_block(self, epoch: int, block: int) -> tuple[np.ndarray, np.ndarray]:
        """Draws the images of a block and their corners.

        The blocks of an epoch walk around the ring of images in equal strides that
        meet each image once, and each block shuffles the images that it met.
        """
        stop = min((block + 1) * _BLOCK, self._n)
        positions = np.arange(block * _BLOCK, stop)
        rows = np.sort(positions * self._stride(epoch) % self._n)
        self._rng(_SHUFFLE, epoch, block).shuffle(rows)
        corners_rng = self._rng(_CORNERS, epoch, block)
        return rows, translation.random_corners(len(rows), corners_rng)

    def _stride(self, epoch: int) -> int:
        """Draws a number that has no divisor in common with the number of images."""
        rng, stride = self._rng(_STRIDE, epoch), 0
        while math.gcd(stride, self._n) > 1:
            stride = int(rng.integers(self._n))
        return stride

    def _rng(self, *purpose: int) -> np.random.Generator:
        key = np.random.SeedSequence((self._seed, *purpose))
        return np.random.Generator(np.random.Philox(key))
