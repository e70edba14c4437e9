"""A digit on a picture comes back as MNIST would hold it, wherever it is."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from estimator_mnist import errors
from estimator_mnist.data import idx
from estimator_mnist.data.pictures import ink, mnist_form
from tests.data.pictures import drawings
from tests.data.pictures.drawings import Drawing

# Grey levels of 255, the mean over the image; a shift by one pixel makes 10 or so.
ALIKE = 9


def see(page):
    return mnist_form.see(page.astype(np.float32))


def off(one, other):
    return np.abs(one.astype(int) - other).mean()


def off_but_for_ties(image, other):
    """As `off`, but a centre of mass at its limit may be one pixel before or after."""
    shifts = []
    for axis in (0, 1):
        centre = centre_of_mass(image, axis)
        by = 1 if centre < 13.6 else -1 if centre > 14.4 else 0
        shifts.append({0, by})
    rolled = [np.roll(image, (y, x), (0, 1)) for y in shifts[0] for x in shifts[1]]
    return min(off(one, other) for one in rolled)


def centre_of_mass(image, axis):
    profile = image.sum(axis=1 - axis).astype(float)
    return (profile * np.arange(idx.SIDE)).sum() / profile.sum()


def page_with(image, corner=(60, 40), times=6):
    page = np.ones((400, 300, 3))
    large = np.kron(image / 255, np.ones((times, times)))[..., None]
    height, width = large.shape[:2]
    page[corner[0] : corner[0] + height, corner[1] : corner[1] + width] -= large
    return page


@pytest.fixture(scope="module")
def three():
    return see(drawings.draw(Drawing(3))).image


def test_the_longer_side_has_20_pixels_and_the_centre_of_mass_is_the_middle(three):
    rows, columns = (np.flatnonzero((three > 25).any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == mnist_form.BOX
    for axis in (0, 1):
        assert 13.4 <= centre_of_mass(three, axis) < 14.6
    assert three.dtype == np.uint8 and three.max() >= 250


def test_the_arithmetic_is_as_documented():
    bar = np.zeros((100, 60))
    bar[10:90, 30:40] = 1  # 80x10 becomes 20x3: 2.5, rounded up
    image, centre = mnist_form.normalized(bar)
    expected = np.zeros((28, 28), np.uint8)
    expected[4:24, 13:16] = 255  # 9.5 within the box: ceil(13.5 - 9.5) is 4
    np.testing.assert_array_equal(image, expected)
    assert centre == (50, 35)


def test_what_is_even_lies_where_it_does_whatever_the_rounding_of_sums():
    # A sum of products is exact for no pixel but by chance.
    for place in range(5, 45):
        dot = np.zeros((50, 50))
        dot[place, place] = 1
        image, _ = mnist_form.normalized(dot)
        assert np.flatnonzero(image.any(axis=1))[[0, -1]].tolist() == [4, 23]
        assert np.flatnonzero(image.any(axis=0))[[0, -1]].tolist() == [4, 23]


def test_a_digit_in_the_form_already_comes_back(three):
    assert off(see(np.repeat(three[..., None] / 255, 3, axis=-1)).image, three) < 3
    assert off(see(page_with(three)).image, three) < 3


def test_a_digit_of_mnist_on_a_page_comes_back(data_dir):
    images = idx.read_images(data_dir / "mnist" / "t10k-images-idx3-ubyte.gz")[:10]
    differences = [off(see(page_with(image)).image, image) for image in images]
    assert np.median(differences) < 3
    assert max(differences) < 25  # shifted by a pixel, or thickened


@settings(max_examples=6)
@example(0.5, 0.5, 177.5, False, ("BLACK", "WHITE"))  # its centre is a pixel further
@given(
    x=st.floats(0.35, 0.65),
    y=st.floats(0.35, 0.65),
    height=st.floats(100, 180),
    swapped=st.booleans(),
    colours=st.sampled_from(
        [("BLACK", "WHITE"), ("BLUE", "YELLOW"), ("RED", "PINK"), ("GREEN", "WHITE")]
    ),
)
def test_place_size_and_colours_do_not_matter(three, x, y, height, swapped, colours):
    pen, paper = (getattr(drawings, name) for name in colours[:: -1 if swapped else 1])
    drawing = Drawing(3, 0, 0.07 * height, height, (x, y), pen, paper)
    assert off_but_for_ties(see(drawings.draw(drawing)).image, three) < ALIKE


def test_a_frame_around_the_page_and_specks_are_left_out(three):
    page = drawings.draw(Drawing(3, height=150, pen=10.5))
    page[:9] = page[-9:] = page[:, :9] = page[:, -9:] = 0.2
    page[50:54, 40:44] = page[330:336, 200:206] = 0
    assert off(see(page).image, three) < ALIKE


def test_a_shadow_and_noise_change_little(three):
    photograph = drawings.photograph(drawings.draw(Drawing(3)), seed=4)
    assert off(see(photograph).image, three) < ALIKE


@pytest.mark.parametrize("light", [False, True])
def test_a_thin_line_is_thickened(light):
    page = drawings.draw(Drawing(7, pen=1.5))
    image = see(1 - page if light else page).image
    assert image.max() > 200 and 25 < image.sum() / 255 < 110  # MNIST's are 38 to 199


@pytest.mark.parametrize(
    "centre, corner",
    [((0.5, 0.5), (6, 6)), ((0.2, 0.15), (0, 0)), ((0.85, 0.85), (11, 11))],
)
def test_for_a_translated_model_the_digit_stays_where_it_is(centre, corner):
    found = see(drawings.draw(Drawing(1, pen=6, height=60, centre=centre))).corner
    assert np.abs(np.subtract(found, corner)).max() <= 1
    assert min(found) >= 0 and max(found) <= 11


def several():
    left, right = (
        Drawing(digit, pen=10, height=130, centre=(x, 0.5))
        for digit, x in ((3, 0.25), (7, 0.75))
    )
    return drawings.draw(left) * drawings.draw(right)


def touching():
    page = np.ones((400, 300, 3))
    page[150:230, 50:62] = page[150:230, 240:252] = page[190:200, 50:252] = 0
    return page


@pytest.mark.parametrize("page", [several(), touching()], ids=["apart", "touching"])
def test_several_digits_are_an_error_that_says_so(page):
    with pytest.raises(errors.DataError, match="several digits"):
        see(page)


NOTHING = {
    "white": np.ones((400, 300, 3)),
    "black": np.zeros((40, 30, 3)),
    "one pixel": np.ones((1, 1, 3)),
    "a line of pixels": np.linspace(0, 1, 90).reshape(1, 30, 3),
    "noise": np.random.default_rng(0).normal(0.7, 0.04, (400, 300, 3)),
    "a photograph of nothing": drawings.photograph(np.ones((400, 300, 3)), seed=5),
    "specks": np.where(np.random.default_rng(0).random((400, 300, 1)) < 2e-4, 0.0, 1.0)
    * np.ones(3),
    "a smudge": 1
    - np.exp(-np.square(np.mgrid[-3:3:400j, -3:3:300j]).sum(axis=0) * 20)[..., None]
    * np.ones(3),
}


@pytest.mark.parametrize("name", NOTHING)
def test_an_empty_page_is_an_error_that_says_so(name):
    with pytest.raises(errors.DataError, match="nothing is written"):
        see(NOTHING[name])


@settings(max_examples=50)
@given(st.integers(1, 60), st.integers(1, 60), st.floats(0, 1), st.floats(0, 1))
def test_each_cell_has_all_of_its_area(pixels, cells, start, stop):
    start, stop = sorted((start * pixels, stop * pixels))
    if stop - start > 1e-3:
        weights = ink.area_weights(start, stop, cells, pixels)
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        assert weights.shape == (cells, pixels) and (weights >= 0).all()
