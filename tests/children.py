"""Runs the project's commands in processes that have TensorFlow imported already.

The import takes seconds, and there are many commands. Otherwise children of a fork
server are as fresh as `python -m`: nothing of TensorFlow has run in the server.
"""

import multiprocessing
import os
import pathlib
import sys
from multiprocessing import forkserver
from typing import NamedTuple

_SECONDS = 300
_PRELOAD = [
    "estimator_mnist.tf1",
    "estimator_mnist.experiment.training",
    "matplotlib.pyplot",
    "tf_keras",
    __name__,
]


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def server():
    """Returns the context whose processes are such children.

    A process has one fork server, and the first to start it says what it imports.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    forkserver.ensure_running()
    return context


def run(context, command, argv, folder: pathlib.Path, outputs: pathlib.Path) -> Outcome:
    """Runs a command or a script with `folder` as working directory.

    Args:
      context: what `server` returns.
      command: "main" or "run", as `python -m estimator_mnist.COMMAND`, or "script".
      argv: what follows the command; the source of a script.
      folder: the working directory.
      outputs: where what it prints is kept meanwhile.
    """
    out, err = outputs / "stdout", outputs / "stderr"
    arguments = ([str(arg) for arg in argv], dict(os.environ), str(folder), out, err)
    process = context.Process(target=_COMMANDS[command], args=arguments)
    process.start()
    process.join(_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return Outcome(process.exitcode, out.read_text(), err.read_text())


def _main(argv, *surroundings):
    _enter(*surroundings)
    from estimator_mnist import main as command

    sys.argv = ["main", *argv]
    command.console()


def _run(argv, *surroundings):
    _enter(*surroundings)
    from estimator_mnist import run as command

    sys.exit(command.main(argv))


def _script(argv, *surroundings):
    _enter(*surroundings)
    exec(*argv, {"__name__": "__main__"})


_COMMANDS = {"main": _main, "run": _run, "script": _script}


def _enter(environment, folder, out, err):
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(variable, None)
