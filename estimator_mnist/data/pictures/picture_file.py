"""Reads a picture that may come from anywhere: PNG, JPEG or BMP, by Pillow."""

from __future__ import annotations

import io
import typing
import warnings
from typing import BinaryIO

import numpy as np

from estimator_mnist import errors, files
from estimator_mnist.data.pictures import ink

if typing.TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
_FORMATS = ("PNG", "JPEG", "BMP")
# A picture is made smaller to this: a digit that was large enough to read still is.
_SIDE = 512
_MAX_BYTES = 256 << 20
# What people also have: where its mark is in the file, the mark, and a name for it.
_OTHERS = (
    (0, b"GIF8", "a GIF"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftyp", "a HEIC picture or a film"),
    (0, b"%PDF", "a PDF"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"PK", "a zip archive or a document"),
)
_OPAQUE = 0.5


def read(path: str) -> np.ndarray:
    """Reads the picture in a file; see `decode` for what it returns and raises.

    Raises also NotAFileError, for a folder, pipe or device, and OSError.
    """
    with files.opened(path) as file:
        return decode(file)


def decode(file: BinaryIO) -> np.ndarray:
    """Returns the picture in `file`, which need not be seekable.

    It is turned as its EXIF data says. What is transparent becomes paper: of the colour
    of the rest, where most is not, else black or white, whichever the rest is not.

    Returns:
      float32 [height, width, 3], RGB from 0 to 1, at most 512 pixels on a side.

    Raises:
      DataError: it is no picture, is damaged, or is too large.
      OSError: it cannot be read.
    """
    content = file.read(_MAX_BYTES + 1)
    if not content:
        raise errors.DataError("it is empty: take a PNG, JPEG or BMP picture")
    if len(content) > _MAX_BYTES:
        raise errors.DataError(
            f"it has more than {_MAX_BYTES >> 20} MB: make it smaller"
        )
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow only warns up to twice the pixels that it takes for an attack.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                return _pixels(image)
    except errors.DataError:
        raise
    except UnidentifiedImageError:
        raise errors.DataError(_what_it_is(content)) from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        most = (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise errors.DataError(
            f"it has more than {most} million pixels: make it smaller"
        ) from None
    except Exception as error:  # Pillow's decoders raise of every kind at damage
        reason = " ".join(str(error).split()) or type(error).__name__
        raise errors.DataError(
            f"it is damaged ({reason}): save it again, as PNG or JPEG"
        ) from error


def _what_it_is(content: bytes) -> str:
    names = [n for at, mark, n in _OTHERS if content[at : at + len(mark)] == mark]
    found = f"it is {names[0]}, " if names else "it is "
    return f"{found}not a PNG, JPEG or BMP picture: save it as one of those"


def _pixels(image: Image) -> np.ndarray:
    from PIL import ImageOps

    # A photograph may hold a small one of itself, in a form that counts as two.
    if getattr(image, "is_animated", False) and image.format == "PNG":
        raise errors.DataError("it is animated: save one picture of it")
    image.draft("RGB", (_SIDE, _SIDE))  # JPEG: decodes no more than is needed
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        grey = np.asarray(upright, np.float32) / (2**16 - 1)
        return ink.smaller(np.repeat(grey[..., None], 3, -1), _SIDE).astype(np.float32)
    rgba = _smaller(upright).convert("RGBA")
    return _on_paper(np.asarray(rgba, np.float32) / 255)


def _smaller(image: Image) -> Image:
    """Returns the image reduced by a whole factor, to not much more than _SIDE."""
    factor = max(image.size) // _SIDE
    whole = image.convert("RGBA") if image.mode in ("1", "P", "PA") else image
    return whole.reduce(factor) if factor > 1 else whole


def _on_paper(rgba: np.ndarray) -> np.ndarray:
    """Lays float32 [height, width, 4] on paper; returns RGB of at most _SIDE a side."""
    rgb, alpha = rgba[..., :3], rgba[..., 3:]
    opaque = alpha[..., 0] > _OPAQUE
    paper: np.ndarray | float = 1.0
    if opaque.mean() > 1 / 2:
        paper = np.median(rgb[opaque], axis=0)
    elif opaque.any():
        paper = 1.0 if rgb[opaque].mean() < 1 / 2 else 0.0
    laid = rgb * alpha + paper * (1 - alpha)
    return ink.smaller(laid, _SIDE).astype(np.float32)
