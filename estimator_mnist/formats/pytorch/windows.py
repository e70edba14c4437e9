"""What PyTorch's functions of images are called with: padding, strides, dimensions."""

from estimator_mnist.formats.page.program import Step
from estimator_mnist.formats.pytorch.unknown import unknown


def turned(shape: list[int]) -> list[int]:
    """Returns [channels, height, width] of [height, width, channels], else `shape`."""
    return [shape[2], *shape[:2]] if len(shape) == 3 else shape


def dimension(axis: int, rank: int) -> int:
    """Returns the dimension, after the batch, that `axis` of a value becomes."""
    return (2, 3, 1)[axis] if rank == 3 else axis + 1


def convolution_arguments(step: Step, sizes: list[int], shape: list[int]) -> str:
    """Returns what follows the channels in nn.Conv2d(...).

    Args:
      sizes: of the kernel, [height, width].
      shape: of the images, [height, width, channels].
    """
    parts = [_pair(sizes)]
    if step["strides"] != [1, 1]:
        parts.append(f"stride={_pair(step['strides'])}")
    around = _around(step, sizes, shape)
    if any(around):
        parts.append(f"padding={_padding(step, sizes, shape)}")
    return ", ".join(parts)


def pool_arguments(step: Step, shape: list[int]) -> str:
    """Returns what follows the images in F.max_pool2d(...) and F.avg_pool2d(...)."""
    if any(_around(step, step["window"], shape)):
        raise unknown(f"{step['op']} beyond the edge of images")
    if step["strides"] == step["window"]:
        return _pair(step["window"])
    return f"{_pair(step['window'])}, {_pair(step['strides'])}"


def pad_arguments(step: Step, shape: list[int]) -> str:
    """Returns what follows the images in F.pad(...): the last dimension comes first."""
    after = [
        new - old - before
        for new, old, before in zip(step["shape"], shape, step["before"], strict=True)
    ]
    pairs = list(zip(turned(step["before"]), turned(after), strict=True))
    while pairs and pairs[0] == (0, 0):
        del pairs[0]
    text = ", ".join(f"{before}, {end}" for before, end in pairs[::-1])
    return f"({text})" + (f", value={step['value']}" if step["value"] else "")


def reduce_arguments(step: Step, shape: list[int]) -> str:
    """Returns the dimensions that sum, mean and amax take."""
    keeps = len(step["shape"]) == len(shape)
    if len(shape) == 3 and not keeps and step["axes"] not in ([0, 1], [2]):
        raise unknown(f"{step['op']} over the axes {step['axes']} of images")
    return _dimensions(step["axes"], len(shape)) + (", keepdim=True" if keeps else "")


def _dimensions(axes: list[int], rank: int) -> str:
    found = sorted(dimension(axis, rank) for axis in axes)
    return str(found[0] if len(found) == 1 else tuple(found))


def _around(step: Step, sizes: list[int], shape: list[int]) -> list[int]:
    """Returns how many rows and columns beyond the image the windows reach."""
    places = zip(step["shape"], step["strides"], sizes, shape, strict=False)
    return [max((n - 1) * stride + size - old, 0) for n, stride, size, old in places]


def _padding(step: Step, sizes: list[int], shape: list[int]) -> str:
    around = _around(step, sizes, shape)
    if step["strides"] == [1, 1] and around == [size - 1 for size in sizes]:
        return '"same"'
    if around != [2 * before for before in step["before"]]:
        raise unknown("a convolution with more padding on one side")
    return _pair(step["before"])


def _pair(values: list[int]) -> str:
    return str(values[0] if values[0] == values[1] else tuple(values))
