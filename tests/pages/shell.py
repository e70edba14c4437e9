"""Runs blocks of shell and Python in a folder, as a reader would.

The shell is bash. Its `python` is a small client: what is this package's, or a file of
Python, runs in a process that has TensorFlow imported already (`tests.children`).
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import threading
from multiprocessing import connection
from typing import NamedTuple

from tests import children

_CLIENT = f"""#!{sys.executable} -IS
import os, sys
from multiprocessing.connection import Client
arguments = sys.argv[1:]
is_ours = arguments[:1] == ["-m"] and arguments[1].startswith("estimator_mnist")
if not (is_ours or arguments[:1] and arguments[0].endswith(".py")):
    os.execv({sys.executable!r}, [{sys.executable!r}, *arguments])
with Client({{address!r}}) as server:
    server.send((arguments, os.getcwd(), dict(os.environ)))
    code, out, err = server.recv()
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""
_SECONDS = 3600
_OFFLINE = ("unshare", "--map-root-user", "--net")  # an empty network


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Shell:
    """A reader's terminal, in an empty folder.

    Args:
      context: what `children.server` returns.
      folder: the reader's, where the blocks run.
      aside: another one, for what the reader does not see.

    Attributes:
      home: the home folder, empty.
    """

    def __init__(self, context, folder: pathlib.Path, aside: pathlib.Path) -> None:
        self.folder, self._aside, self._context = folder, aside, context
        self.home = aside / "home"
        self.home.mkdir()
        self._listener = connection.Listener(str(aside / "socket"))
        (aside / "bin").mkdir()
        for name in ("python", "python3"):
            client = aside / "bin" / name
            client.write_text(_CLIENT.format(address=self._listener.address))
            client.chmod(0o755)
        threading.Thread(target=self._serve, daemon=True).start()

    def is_private(self) -> bool:
        """Returns whether this system lets a process have a network of its own."""
        try:
            return subprocess.run([*_OFFLINE, "true"]).returncode == 0
        except FileNotFoundError:
            return False

    def sh(self, text: str, offline: bool = False) -> Done:
        """Runs lines of shell, or those without a network; one that fails ends them."""
        bash = ["bash", "-euo", "pipefail", "-c", text]
        done = subprocess.run(
            [*_OFFLINE, *bash] if offline else bash,
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def _environment(self) -> dict[str, str]:
        path = f"{self._aside / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "HOME": str(self.home)}
        environment.pop("PYTHONPATH", None)  # what the reader installs is to be found
        return environment

    def python(self, text: str) -> Done:
        """Runs a block of Python as a program of its own."""
        file = self._aside / "block.py"
        file.write_text(text)
        return self._run("file", [str(file)], str(self.folder), self._environment())

    def close(self) -> None:
        """Ends the server of `python`."""
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                with self._listener.accept() as client:
                    client.send(tuple(self._answer(*client.recv())))

    def _answer(self, arguments, folder, environment) -> Done:
        if arguments[0] != "-m":
            return self._run("file", arguments, folder, environment)
        command = arguments[1].removeprefix("estimator_mnist").strip(".") or "main"
        return self._run(command, arguments[2:], folder, environment)

    def _run(self, command, arguments, folder, environment) -> Done:
        environment |= {k: v for k, v in os.environ.items() if k == "PYTHONPATH"}
        outcome = children.run(
            self._context, command, arguments, folder, self._aside, environment
        )
        return Done(outcome.code, outcome.out, outcome.err)
