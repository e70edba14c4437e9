"""A piece of clothing fills the image, is light, and keeps its surface."""

import numpy as np
import pytest

from estimator_mnist import errors
from estimator_mnist.data.pictures import fashion_form


@pytest.mark.parametrize("light", [True, False])
def test_the_piece_is_trimmed_scaled_and_light(light):
    page = np.ones((200, 300, 3), np.float32)
    page[40:180, 100:170] = np.linspace(0.1, 0.6, 70)[:, None]
    image, corner = fashion_form.see(page if light else 1 - page)
    assert image.shape == (28, 28) and image.dtype == np.uint8
    assert not image[:, :7].any() and not image[:, 21:].any()
    expected = 255 * (1 - np.linspace(0.1, 0.6, 70))
    np.testing.assert_allclose(image[14, 7:21], expected.reshape(14, 5).mean(1), atol=1)
    assert corner == (8, 4)


def test_a_plain_background_is_refused():
    with pytest.raises(errors.DataError, match="nothing is on it"):
        fashion_form.see(np.full((20, 30, 3), 0.3, np.float32))
