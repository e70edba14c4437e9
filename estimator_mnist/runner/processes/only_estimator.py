"""Runs a program of today's TensorFlow that still imports tf.estimator."""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from estimator_mnist import estimator


def run(script: Path, args: Sequence[str]) -> int:
    """Runs `script` as `python SCRIPT args` does, with this runtime as tf.estimator.

    The rest of TensorFlow stays as it is. Returns 0; what the program raises is raised.
    """
    # TensorFlow 2.15 has one of its own, which is not what was asked for.
    estimator.install(force=True)
    sys.argv = [str(script), *args]
    sys.path[0] = str(script.resolve().parent)
    runpy.run_path(str(script), run_name="__main__")
    return 0
