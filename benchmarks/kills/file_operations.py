"""Ends a process right after any of its operations on files, whoever makes them.

file_operations.c tells how; it is compiled where it is needed.
"""

import ctypes
import os
import pathlib
import shutil
import subprocess

SOURCE = os.path.splitext(os.path.abspath(__file__))[0] + ".c"


class UnavailableError(Exception):
    """This machine cannot watch operations on files; the message says why."""


def build(folder: str) -> str:
    """Compiles the library into `folder`; returns its path.

    Raises UnavailableError.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise UnavailableError("there is no C compiler")
    path = os.path.join(folder, "file_operations.so")
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", path, SOURCE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"file_operations.c: {done.stderr[-500:]}")
    return path


def watch(library: str, folder: str, log: str, number: int = 0, signum: int = 0):
    """Begins to count this process's operations below `folder`.

    Args:
      library: what `build` returned, in this process or another.
      folder: an absolute path without links.
      log: path of a file that gets a line for each operation, outside of `folder`.
      number: of the operation after which `signum` is sent; 0 for none.

    Raises UnavailableError.
    """
    opened = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    code = ctypes.CDLL(library).file_operations_watch(
        os.fsencode(folder), ctypes.c_long(number), int(signum), opened
    )
    if code:
        raise UnavailableError(f"no filter of system calls: {os.strerror(code)}")


def logged(log: str) -> list[str]:
    """Returns the lines of a log: number, system call and path."""
    return pathlib.Path(log).read_text(errors="replace").splitlines()
