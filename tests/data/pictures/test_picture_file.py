"""Pictures of every form that a school has, and files that are none."""

import io
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from estimator_mnist import errors
from estimator_mnist.data.pictures import picture_file
from tests.data.pictures import drawings

PAGE = drawings.as_image(drawings.draw(drawings.Drawing(4)))
FLOAT = np.asarray(PAGE, float) / 255


def encoded(image, form="PNG", **how):
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


def decode(content):
    return picture_file.decode(io.BytesIO(content))


def with_alpha(ink):
    """Returns PAGE's digit in one colour, all else transparent."""
    image = Image.new("RGBA", PAGE.size, (*ink, 0))
    image.putalpha(PAGE.convert("L").point(lambda value: 255 - value))
    return image


FORMS = {
    "png": encoded(PAGE),
    "jpeg": encoded(PAGE, "JPEG", quality=95),
    "bmp": encoded(PAGE, "BMP"),
    "grey": encoded(PAGE.convert("L")),
    "palette": encoded(PAGE.quantize(8)),
    "black and white": encoded(PAGE.convert("1", dither=Image.Dither.NONE)),
    "cmyk": encoded(PAGE.convert("CMYK"), "JPEG", quality=95),
    "16 bits": encoded(
        Image.fromarray(np.uint16(np.asarray(PAGE.convert("L"), float) * 257))
    ),
    "transparent paper": encoded(with_alpha((20, 20, 30))),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_picture_of_any_form_is_read(name):
    pixels = decode(FORMS[name])
    assert pixels.shape == (400, 300, 3) and pixels.dtype == np.float32
    assert np.abs(pixels - FLOAT).mean() < 0.02


def test_light_ink_on_transparent_paper_is_on_black():
    assert (
        np.abs(decode(encoded(with_alpha((255, 255, 255)))) - (1 - FLOAT)).mean() < 0.1
    )


def test_transparent_corners_become_paper():
    image = PAGE.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 60, 60))
    assert np.abs(decode(encoded(image)) - FLOAT).mean() < 0.01


def test_a_photograph_is_turned_as_its_camera_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned to the right
    content = encoded(PAGE.rotate(90, expand=True), "JPEG", quality=95, exif=exif)
    assert np.abs(decode(content) - FLOAT).mean() < 0.02


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_large_picture_is_made_smaller(form):
    pixels = decode(encoded(PAGE.resize((1800, 2400)), form))
    assert max(pixels.shape) <= 512 and pixels.shape[0] / pixels.shape[1] == 4 / 3


def bomb():
    return encoded(Image.new("1", (9500, 9500)))


def animated():
    others = [Image.new("RGB", (9, 9), "red")]
    return encoded(Image.new("RGB", (9, 9)), "PNG", save_all=True, append_images=others)


REFUSED = {
    "empty": (b"", "it is empty"),
    "text": (b"three", "it is not a PNG, JPEG or BMP picture: save it as one"),
    "a gif": (encoded(PAGE, "GIF"), "it is a GIF, not a PNG"),
    "a pdf": (b"%PDF-1.4 ...", "it is a PDF, not"),
    "heic": (b"\0\0\0\x24ftypheic", "it is a HEIC picture"),
    "half of a png": (FORMS["png"][:1500], "it is damaged"),
    "half of a jpeg": (FORMS["jpeg"][:3000], "it is damaged"),
    "half of a bmp": (FORMS["bmp"][:3000], "it is damaged"),
    "a bomb": (bomb(), "more than 89 million pixels: make it smaller"),
    "a larger bomb": (
        encoded(Image.new("1", (14000, 14000))),
        "more than 89 million pixels",
    ),
    "an animation": (animated(), "it is animated"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_an_error_that_says_why(name):
    content, words = REFUSED[name]
    with pytest.raises(errors.DataError, match=words) as caught:
        decode(content)
    assert "\n" not in str(caught.value)


def test_a_file_of_too_many_bytes_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(picture_file, "_MAX_BYTES", 1 << 20)
    file = io.BytesIO(bytes(5 << 20))
    with pytest.raises(errors.DataError, match="more than 1 MB"):
        picture_file.decode(file)
    assert file.tell() == (1 << 20) + 1


@settings(max_examples=60)
@given(
    name=st.sampled_from(["png", "jpeg", "bmp", "palette"]),
    at=st.floats(0, 1),
    put=st.binary(min_size=1, max_size=8),
    left_out=st.integers(0, 40),
)
def test_a_damaged_picture_is_read_or_refused(name, at, put, left_out):
    content = FORMS[name]
    place = int(at * min(len(content), 600))
    try:
        pixels = decode(content[:place] + put + content[place + left_out :])
    except errors.DataError as error:
        assert "\n" not in str(error)
    else:
        assert pixels.ndim == 3 and np.isfinite(pixels).all()


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(errors.NotAFileError, match="a pipe"):
        picture_file.read(str(tmp_path / "a.png"))
