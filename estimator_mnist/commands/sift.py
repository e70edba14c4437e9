"""Passes lines on from its input to the standard error, and keeps back known noise.

A process of its own, started by `quiet`: when TensorFlow's libraries abort, or whatever
else kills the process whose lines these are, this one is still there to show them.
Nothing of the package is imported here, so that it starts in milliseconds.
"""

import re
import sys
from collections.abc import Iterable
from typing import BinaryIO

# End of a line that is for this process, and what the end of the input may be.
SYNC, FORGET = b"\0sync\n", b"\0forget\n"
GPU = "gpu"  # an argument: the machine has one
_MOST = 1000  # lines to keep
# What libraries say while they start where nothing is wrong.
_NOISE = (
    rb"All log messages before absl::InitializeLog",
    rb"oneDNN custom operations are on",
    rb"This TensorFlow binary is optimized",
    rb"^To enable the following instructions:.* rebuild TensorFlow",
    rb"Unable to register cu\w+ factory",
    rb"computation placer already registered",
    rb"TF-TRT Warning: Could not find TensorRT",
    rb"MLIR V1 optimization pass is not enabled",
)
# What is as it should be without a GPU, and a failure with one.
_NO_GPU = (
    rb"Could not find cuda drivers on your machine",
    rb"failed call to cuInit",
    rb"cuda_diagnostics\.cc",
)


def noise(has_gpu: bool) -> re.Pattern[bytes]:
    """Returns what a line of noise has in it."""
    return re.compile(b"|".join(_NOISE + (() if has_gpu else _NO_GPU)))


def sift(
    lines: Iterable[bytes],
    noise: re.Pattern[bytes],
    shown: BinaryIO,
    answers: BinaryIO,
) -> None:
    """Passes on what is no noise; at the end also that, unless it is to be forgotten.

    Args:
      lines: those of the other process, and SYNC and FORGET.
      noise: what is found in a line that is kept back.
      shown: where the others go.
      answers: gets a line for each SYNC, once all before it has been passed on.
    """
    kept: list[bytes] = []
    for line in lines:
        text = line.removesuffix(SYNC).removesuffix(FORGET)
        if text and noise.search(text):
            kept = [*kept[-_MOST:], text]
        elif text:
            shown.write(text)
            shown.flush()
        if line.endswith(FORGET):
            return
        if line.endswith(SYNC):
            answers.write(b"\n")
            answers.flush()
    shown.writelines(kept)
    shown.flush()


if __name__ == "__main__":
    sift(
        sys.stdin.buffer,
        noise(has_gpu=GPU in sys.argv[1:]),
        sys.stderr.buffer,
        sys.stdout.buffer,
    )
