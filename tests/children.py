"""Runs the project's commands in processes that have TensorFlow imported already.

The import takes seconds, and there are many commands. Otherwise children of a fork
server are as fresh as `python -m`: nothing of TensorFlow has run in the server.
"""

import multiprocessing
import os
import pathlib
import runpy
import sys
from collections.abc import Mapping
from multiprocessing import forkserver
from typing import NamedTuple

_SECONDS = 300
_PRELOAD = [
    "estimator_mnist.runner",  # so that tf1 switches nothing in the server
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


def run(
    context,
    command,
    argv,
    folder: pathlib.Path,
    outputs: pathlib.Path,
    environment: Mapping[str, str] = os.environ,
) -> Outcome:
    """Runs a command or a script with `folder` as working directory.

    Args:
      context: what `server` returns.
      command: "main", "run", "launch" or "data", as of `python -m estimator_mnist`;
        "script"; or "file", as `python FILE`.
      argv: what follows the command; the source of a script.
      folder: the working directory.
      outputs: where what it prints is kept meanwhile.
      environment: its variables.
    """
    out, err = outputs / "stdout", outputs / "stderr"
    arguments = ([str(arg) for arg in argv], dict(environment), str(folder), out, err)
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


def _launch(argv, *surroundings):
    _enter(*surroundings)
    from estimator_mnist import launch as command

    sys.argv = ["launch", *argv]
    sys.exit(command.main())


def _data(argv, *surroundings):
    _enter(*surroundings)
    from estimator_mnist.data import __main__ as command

    sys.exit(command.main(argv))


def _file(argv, *surroundings):
    _enter(*surroundings)
    # The program is the first to import these, as the one that it stands for.
    for name in list(sys.modules):
        if name.startswith(("estimator_mnist.tf1", "estimator_mnist.runner")):
            above, _, last = name.rpartition(".")
            vars(sys.modules.get(above, sys)).pop(last, None)
            del sys.modules[name]
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(argv[0]) or os.getcwd())
    runpy.run_path(argv[0], run_name="__main__")


_COMMANDS = {
    "main": _main,
    "run": _run,
    "script": _script,
    "launch": _launch,
    "data": _data,
    "file": _file,
}


def _enter(environment, folder, out, err):
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(variable, None)
