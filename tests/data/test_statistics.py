"""Statistics of training images, against the notebooks' numpy."""

import numpy as np
import pytest

from estimator_mnist.data import datasets, input_fns, statistics

IMAGES = np.random.RandomState(0).randint(20, 200, (7000, 28, 28)).astype(np.uint8)
IMAGES[:, 0] = 0  # pixels that never vary
SPLIT = datasets.Split(IMAGES, np.zeros(len(IMAGES), np.uint8))


def test_pixels_get_mean_0_and_deviation_1_as_in_the_notebook():
    shift, scale = statistics.image_statistics(SPLIT, "pixel", False, 0)
    assert shift.shape == scale.shape == (28, 28)
    assert shift.dtype == scale.dtype == np.float32
    given = IMAGES[:100].astype(np.float32) / 255
    mean, std = IMAGES.mean(axis=0), IMAGES.std(axis=0) + 1e-7
    np.testing.assert_allclose(
        (given - shift) / scale, (IMAGES[:100] - mean) / std, atol=1e-4
    )


def test_a_pixel_that_never_varies_is_only_shifted():
    images = np.full((3, 28, 28), 51, np.uint8)
    shift, scale = statistics.image_statistics(
        datasets.Split(images, SPLIT.labels[:3]), "pixel", False, 0
    )
    np.testing.assert_allclose(shift, 0.2, rtol=1e-6)
    assert (scale == 1).all()


def test_the_range_is_brought_onto_0_to_1():
    shift, scale = statistics.image_statistics(SPLIT, "range", False, 0)
    assert shift.shape == scale.shape == ()
    assert shift == 0 and scale == np.float32(199 / 255)


def test_translated_images_are_like_those_that_a_network_is_trained_on():
    shift, scale = statistics.image_statistics(SPLIT, "pixel", True, 0)
    batches = input_fns.train_input_fn(SPLIT, 7000, 0, translate=True)()
    seen = next(batches.as_numpy_iterator())[0]["x"]
    assert shift.shape == scale.shape == (40, 40)
    np.testing.assert_allclose(shift, seen.mean(axis=0), atol=0.03)
    varies = seen.std(axis=0) > 0
    np.testing.assert_allclose(scale[varies], seen.std(axis=0)[varies], atol=0.03)


@pytest.mark.parametrize("kind", ["range", "pixel"])
def test_statistics_depend_on_the_seed_alone(kind):
    one, other = (statistics.image_statistics(SPLIT, kind, True, 5) for _ in range(2))
    np.testing.assert_array_equal(one, other)
