"""Placing images on the canvas, against the notebook's loop."""

import numpy as np
import pytest

from estimator_mnist.data import translation

IMAGES = np.random.RandomState(0).randint(0, 256, (50, 28, 28)).astype(np.uint8)


def placed_one_by_one(images, corners):
    canvas = np.zeros((len(images), 40, 40), images.dtype)
    for i, (x, y) in enumerate(corners):
        canvas[i, x : x + 28, y : y + 28] = images[i]
    return canvas


def test_translating_equals_the_notebooks_loop():
    corners = translation.random_corners(50, np.random.RandomState(1))
    expected = placed_one_by_one(IMAGES, corners)
    np.testing.assert_array_equal(translation.place(IMAGES, corners), expected)


@pytest.mark.parametrize("corner", [(0, 0), (0, 12), (12, 0), (12, 12), (11, 3)])
def test_no_pixel_is_lost_at_the_edges(corner):
    corners = np.tile(corner, (2, 1))
    expected = placed_one_by_one(IMAGES[:2], corners)
    np.testing.assert_array_equal(translation.place(IMAGES[:2], corners), expected)


@pytest.mark.parametrize(
    "rng", [np.random.RandomState(0), np.random.default_rng(0)], ids=["old", "new"]
)
def test_offsets_are_every_value_below_twelve_on_both_axes(rng):
    corners = translation.random_corners(2000, rng)
    assert corners.shape == (2000, 2)
    for axis in (0, 1):
        assert np.unique(corners[:, axis]).tolist() == list(range(12))


@pytest.mark.parametrize("corner", [(-1, 0), (0, 13), (13, 0), (0, -1)])
def test_a_corner_that_does_not_fit_is_refused(corner):
    with pytest.raises(ValueError, match="corners must be 0..12"):
        translation.place(IMAGES[:1], np.array([corner]))


def test_other_shapes_and_dtypes_are_refused():
    corners = np.zeros((50, 2), int)
    with pytest.raises(ValueError, match="images must be uint8"):
        translation.place(IMAGES.astype(np.float32), corners)
    with pytest.raises(ValueError, match="images must be uint8"):
        translation.place(IMAGES[:, :20], corners)
    with pytest.raises(ValueError, match=r"corners must be \[50, 2\]"):
        translation.place(IMAGES, corners[:49])
