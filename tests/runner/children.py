"""Runs `estimator_mnist.run` in processes that have TensorFlow imported already.

The import takes seconds, and there are many programs. Otherwise children of a fork
server are as fresh as `python -m`: nothing of TensorFlow has run in the server.
"""

import multiprocessing
import os
import pathlib
import sys
from typing import NamedTuple

_SECONDS = 300


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def server():
    """Returns the context whose processes are such children."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["estimator_mnist.tf1", "matplotlib.pyplot", "tf_keras", __name__]
    )
    return context


def run(context, argv, folder: pathlib.Path, outputs: pathlib.Path) -> Outcome:
    """Runs `python -m estimator_mnist.run ARGV`, with `folder` as working directory."""
    out, err = outputs / "stdout", outputs / "stderr"
    argv = [str(arg) for arg in argv]
    process = context.Process(target=_child, args=(argv, str(folder), out, err))
    process.start()
    process.join(_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return Outcome(process.exitcode, out.read_text(), err.read_text())


def _child(argv, folder, out, err):
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(variable, None)
    from estimator_mnist import run as command

    sys.exit(command.main(argv))
