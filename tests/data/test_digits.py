"""The embedded digits look like MNIST's."""

import numpy as np

from estimator_mnist.data import digits


def test_there_are_1797_and_each_is_centred_within_a_border():
    images, labels = digits.load()
    assert images.shape == (1797, 28, 28) and images.dtype == np.uint8
    assert np.unique(labels).tolist() == list(range(10))
    mass = images.sum((1, 2))
    for axis in (1, 2):
        centre = (images.sum(3 - axis) * np.arange(28)).sum(1) / mass
        assert np.abs(centre - 13.5).max() <= 0.5


def test_full_ink_becomes_white_and_none_black():
    images, _ = digits.load()
    assert images.min() == 0 and images.max() == 255
    assert (images > 0).mean() < 0.4


def test_a_known_digit_keeps_its_shape():
    ring = np.zeros((1, 8, 8), np.int64)
    ring[0, 1:7, 2:6] = 16
    ring[0, 3:5, 3:5] = 0
    image = digits.enlarge(ring)[0]
    assert image[13:15, 13:15].max() < 60
    assert image[14, 9:11].min() > 200 and image[14, 17:19].min() > 200
    np.testing.assert_array_equal(image, image[:, ::-1])
