"""What the writers of formats are given, and what they return."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator

# Images float32 [batch, side, side] in 0..1 -> probabilities [batch, 10].
Classifier = Callable[[np.ndarray], np.ndarray]


class Source(NamedTuple):
    """A trained model to be exported, and the images to check the export on."""

    model: str  # its name
    params: Mapping[str, Any]  # those of its model_fn
    estimator: tf_estimator.Estimator
    receiver_fn: Callable[[], Any]  # serving_input_receiver_fn
    checkpoint: str  # path prefix
    step: int  # global step of the checkpoint
    origin: str  # path prefix that the checkpoint has in its model_dir
    test_input_fn: Callable[[], tf.data.Dataset]  # of ({"x": images}, labels)
    classes: Sequence[str]  # their names
    calibration: np.ndarray  # training images [n, side, side] float32 in 0..1


class Artifact(NamedTuple):
    """What a writer wrote to a temporary folder."""

    path: str  # file or folder
    name: str  # its path in the export folder
    tolerance: float  # of its probabilities; infinite for a rounded model
    # Loads the file or folder at a path; None where this machine cannot, and why.
    load: Callable[[str], Classifier] | None
    not_compared: str = ""
    note: str = ""  # what else is to be said of it, in a few words


Writer = Callable[[Source, str], list[Artifact]]  # writes into a temporary folder
