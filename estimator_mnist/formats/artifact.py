"""What the writers of formats are given, and what they give."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Source(NamedTuple):
    """What is exported, and the images to check it on."""

    model: str  # its name
    params: dict  # those of its model_fn
    runner: object  # the Estimator
    receiver_fn: Callable  # its serving_input_receiver_fn
    checkpoint: str  # path prefix
    step: int  # its global step
    test_input_fn: Callable  # -> Dataset of ({"x": images}, labels) to check on
    calibration: np.ndarray  # training images [n, side, side] float32 in 0..1


class Artifact(NamedTuple):
    """What a writer wrote to a temporary place."""

    path: str  # file or folder
    name: str  # where it belongs, relative to the export folder
    tolerance: float  # of its probabilities; infinite for a rounded model
    load: Callable  # path -> function of images that returns probabilities
