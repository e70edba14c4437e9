"""scipy.misc of 2016: pictures as arrays, by Pillow."""

from typing import Any

import numpy as np

_FILTERS = ("nearest", "lanczos", "bilinear", "bicubic", "cubic")

# An open file or its path.
File = Any
Picture = Any  # PIL.Image.Image; Pillow is imported when a function is called


def imread(name: File, flatten: bool = False, mode: str | None = None) -> np.ndarray:
    """Returns a picture, [height, width] or [height, width, channels] uint8.

    Args:
      name: see `File`.
      flatten: whether to return grey values, float32 [height, width].
      mode: of Pillow, as "RGB" or "L"; None: the picture's own.
    """
    from PIL import Image

    with Image.open(name) as picture:
        return fromimage(picture, flatten, mode)


def imsave(name: File, arr: np.ndarray, format: str | None = None) -> None:
    """Writes an array as a picture; see `toimage`."""
    toimage(arr, channel_axis=2).save(name, **({"format": format} if format else {}))


def imresize(
    arr: np.ndarray,
    size: Any,
    interp: str = "bilinear",
    mode: str | None = None,
) -> np.ndarray:
    """Returns a picture of another size, uint8.

    Args:
      arr: the picture; see `toimage`.
      size: an integer is a percentage, a float a factor, else (height, width).
      interp: nearest, lanczos, bilinear, bicubic or cubic.
      mode: of Pillow.
    """
    from PIL import Image

    picture = toimage(arr, mode=mode)
    if isinstance(size, (int, np.integer)):
        size = size / 100.0
    if isinstance(size, (float, np.floating)):
        new = tuple(int(n * size) for n in picture.size)
    else:
        new = (int(size[1]), int(size[0]))
    how = {"cubic": "bicubic"}.get(interp, interp)
    filters = {name: getattr(Image.Resampling, name.upper()) for name in _FILTERS[:4]}
    return fromimage(picture.resize(new, filters[how]))


def imrotate(arr: np.ndarray, angle: float, interp: str = "bilinear") -> np.ndarray:
    """Returns a picture turned counter-clockwise by degrees, uint8."""
    from PIL import Image

    how = {"cubic": "bicubic"}.get(interp, interp)
    filter_ = getattr(Image.Resampling, how.upper())
    return fromimage(toimage(arr).rotate(angle, filter_))


def fromimage(
    im: Picture, flatten: bool = False, mode: str | None = None
) -> np.ndarray:
    """Returns a Pillow picture as an array; arguments as in `imread`."""
    if mode is not None and mode != im.mode:
        im = im.convert(mode)
    elif im.mode == "P":
        im = im.convert("RGBA" if "transparency" in im.info else "RGB")
    if flatten:
        im = im.convert("F")
    elif im.mode == "1":
        im = im.convert("L")
    return np.array(im)


def toimage(
    arr: np.ndarray,
    high: float = 255,
    low: float = 0,
    cmin: float | None = None,
    cmax: float | None = None,
    pal: Any = None,
    mode: str | None = None,
    channel_axis: int | None = None,
) -> Picture:
    """Returns an array as a Pillow picture.

    Args:
      arr: [height, width], or with 3 or 4 channels as one of its dimensions.
      high, low, cmin, cmax: as in `bytescale`.
      pal: not used.
      mode: of Pillow; "F" and "I" keep the numbers as they are.
      channel_axis: None: the first of 3 or 4, from the last dimension.

    Raises:
      ValueError: the array has another shape.
    """
    from PIL import Image

    del pal
    data = np.asarray(arr)
    if mode in ("F", "I"):
        return Image.fromarray(data.astype(np.float32 if mode == "F" else np.int32))
    scaled = bytescale(data, cmin, cmax, high, low)
    if data.ndim == 2:
        picture = Image.fromarray(scaled)
        return picture if mode in (None, "L", "P") else picture.convert(mode)
    if data.ndim != 3 or not {3, 4}.intersection(data.shape):
        raise ValueError(
            "'arr' does not have a suitable array shape for any mode: "
            f"{data.shape}, give [height, width] or [height, width, 3]."
        )
    if channel_axis is None:
        channel_axis = next(axis for axis in (2, 0, 1) if data.shape[axis] in (3, 4))
    picture = Image.fromarray(
        np.ascontiguousarray(np.moveaxis(scaled, channel_axis, 2))
    )
    return picture if mode in (None, picture.mode) else picture.convert(mode)


def bytescale(
    data: np.ndarray,
    cmin: float | None = None,
    cmax: float | None = None,
    high: float = 255,
    low: float = 0,
) -> np.ndarray:
    """Returns `data` as uint8: from cmin..cmax (None: its range) to low..high.

    Arrays of uint8 are returned as they are.
    """
    if data.dtype == np.uint8:
        return data
    cmin = data.min() if cmin is None else cmin
    cmax = data.max() if cmax is None else cmax
    scale = float(high - low) / (float(cmax - cmin) or 1.0)
    values = (data.astype(np.float64) - cmin) * scale + low
    return (np.clip(values, low, high) + 0.5).astype(np.uint8)


def imshow(arr: np.ndarray) -> None:
    """Shows a picture, by matplotlib."""
    from matplotlib import pyplot

    pyplot.imshow(arr)
    pyplot.show()


def logsumexp(*args: Any, **kwargs: Any) -> Any:
    """Returns scipy.special.logsumexp."""
    from scipy import special

    return special.logsumexp(*args, **kwargs)
