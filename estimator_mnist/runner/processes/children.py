"""Starts a program's other processes as programs, too.

`multiprocessing` by spawn runs the module `spawned` in place of the program's file, and
`subprocess` and `os.system` get `estimator_mnist.run` between Python and the file.
"""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from importlib import machinery
from pathlib import Path
from typing import Any

from estimator_mnist.runner import modules, sources
from estimator_mnist.tf1.overlay import Overlay

_VARIABLE = "ESTIMATOR_MNIST_PROGRAM"
_SPAWNED = f"{__package__}.spawned"
_RUN = "estimator_mnist.run"
_PYTHON = re.compile(r"python[\d.]*(\.exe)?$")
# Python's own options before the file that change nothing here.
_OPTIONS = ("-u", "-W", "ignore", "-B")
# Python and a file or module, at the beginning of one of a shell's commands.
_COMMAND = re.compile(
    r"(?P<before>(?:^|[;&|(])\s*(?:\w+=\S*\s+)*)"
    r"\S*python[\d.]*(?P<options>(?:\s+-u)?)"
    r"\s+(?P<program>-m\s+[\w.]+|[^\s;&|-][^\s;&|]*\.py)(?=[\s;&|)]|$)"
)
# Python, and what only the shell knows to be a file.
_NOT_UNDERSTOOD = re.compile(r"""\bpython[\d.]*(?:\s+-u)?\s+["'$`]""")


class MainSpec(machinery.ModuleSpec):
    """The `__spec__` of a program's `__main__`: what spawned processes run instead."""

    def __init__(self, package: str | None) -> None:
        super().__init__(_SPAWNED, None)
        self._package = package

    @property
    def parent(self) -> str | None:
        """Returns the package of the program's module, for relative imports."""
        return self._package


@contextlib.contextmanager
def known_to_children(program: sources.Program) -> Iterator[None]:
    """Tells the processes that are started in the block which program this is."""
    started = json.dumps([str(program.path.resolve()), program.module])
    with variable(_VARIABLE, started):
        yield


@contextlib.contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Sets a variable of the environment until the block ends."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before


def of_parent() -> tuple[Path, str | None]:
    """Returns path and module of the program that started this process."""
    path, module = json.loads(os.environ[_VARIABLE])
    return Path(path), module


def stand_ins() -> dict[str, types.ModuleType]:
    """Returns what stands for `subprocess` and `os` in the program's modules."""
    in_subprocess = {
        name: _with_run(getattr(subprocess, name))
        for name in ("call", "check_call", "check_output", "run")
    }
    in_os = {name: _with_run(getattr(os, name)) for name in ("popen", "system")}
    return {
        "subprocess": Overlay(subprocess, Popen=_Popen, **in_subprocess),
        "os": Overlay(os, **in_os),
    }


def command(args: Any) -> Any:
    """Returns the command of a process, which runs the program's files as programs.

    Args:
      args: as `subprocess.Popen` has it: a list, or a string for the shell. Commands
        other than Python with a file or module of the program are returned as they are.
    """
    if isinstance(args, str | bytes):
        return _shell_command(os.fsdecode(args))
    if not isinstance(args, list | tuple) or not args:
        return args
    words = [os.fsdecode(word) for word in args]
    place = 1
    while words[place : place + 1] and words[place] in _OPTIONS:
        place += 1
    if not _is_python(words[0]) or not _is_of_program(words[place : place + 2]):
        return args
    return [sys.executable, *words[1:place], "-m", _RUN, *words[place:]]


def _shell_command(text: str) -> str:
    new = _COMMAND.sub(_with_run_in_shell, text)
    if _NOT_UNDERSTOOD.search(new):
        print(
            f"Not run as a program of TensorFlow 1.x: {text!r}. Instead of `python "
            f"FILE.py`: `python -m {_RUN} FILE.py`",
            file=sys.stderr,
            flush=True,
        )
    return new


def _with_run_in_shell(found: re.Match[str]) -> str:
    if not _is_of_program(found["program"].split()):
        return found[0]
    python = shlex.quote(sys.executable) + found["options"]
    return f"{found['before']}{python} -m {_RUN} {found['program']}"


def _is_python(word: str) -> bool:
    return word == sys.executable or bool(_PYTHON.match(Path(word).name))


def _is_of_program(words: list[str]) -> bool:
    """Returns whether these words, after `python`, name a file or module of it."""
    match words:
        case ["-m", name, *_]:
            return modules.find(name, [str(Path.cwd()), *sys.path]) is not None
        case [file, *_]:
            return file.endswith(".py") and modules.is_of_program(file)
    return False


def _with_run(function: Callable[..., Any]) -> Callable[..., Any]:
    def start(args: Any, *rest: Any, **options: Any) -> Any:
        return function(command(args), *rest, **options)

    return start


class _Popen(subprocess.Popen):
    """`subprocess.Popen` of the program's files as programs."""

    def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
        super().__init__(command(args), *rest, **options)
