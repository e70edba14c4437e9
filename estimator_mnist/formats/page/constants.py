"""The numbers of a page, in base64: kernels may be rounded, nothing else is."""

import base64
from typing import Any, NamedTuple

import numpy as np

from estimator_mnist.formats.page.program import Program

# What kernels are stored in; int8 has a scale for each of a kernel's last dimension.
TYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype("<f4"),
    "float16": np.dtype("<f2"),
    "int8": np.dtype("<i1"),
}
_LARGEST = 127  # int8, of either sign


class Stored(NamedTuple):
    """The constants of a program as a page holds them."""

    base64: str
    places: dict[str, dict[str, Any]]  # "type", "shape" and "offset" by name


def store(program: Program, kernels: str) -> Stored:
    """Returns the constants of `program`, with kernels in one of TYPES."""
    content = bytearray()
    places = {}
    for name, array in program.constants.items():
        kind = kernels if name in program.kernels else "float32"
        place: dict[str, Any] = {"type": kind, "shape": list(array.shape)}
        if kind == "int8":
            array, scales = _in_int8(array)
            place["scales"] = len(content)
            content += scales.tobytes()
        places[name] = {**place, "offset": len(content)}
        content += array.astype(TYPES[kind]).tobytes()
    return Stored(base64.b64encode(content).decode("ascii"), places)


def _in_int8(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns integers, and what to multiply each of their last dimension with."""
    largest = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1)))
    scales = np.where(largest > 0, largest / _LARGEST, 1).astype(TYPES["float32"])
    return np.rint(kernel / scales), scales
