"""How the program's process begins: what needs no TensorFlow first, then TensorFlow."""

import contextlib
import faulthandler
import io
import os
import sys
from collections.abc import Iterator
from importlib import metadata

import estimator_mnist
from estimator_mnist.commands import flag_help, flagfiles, quiet

_HELP = {"-h", "--help", "-help", "--helpshort", "--helpfull"}


def answer_help_and_version(arguments: list[str]) -> None:
    """Prints what --help or --version asks for, and ends the process, exit code 0."""
    flags = set(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    if flags & _HELP:
        _show(flag_help.text(list(flagfiles.packaged())))
        sys.exit(0)
    if "--version" in flags:
        _show(version())
        sys.exit(0)


def _show(text: str) -> None:
    with for_a_reader():
        print(text)


def print_any_text() -> None:
    """Has the output take names of any characters, by escapes where it lacks them.

    It lacks most of them in the locale C; names of files may have any.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def for_a_reader() -> Iterator[None]:
    """Ends the process, exit code 0, where who reads its output ends first, as `head`.

    What was printed is written when it ends, so that nothing is left to fail.
    """
    try:
        yield
        _flush()
    except BrokenPipeError:
        sys.exit(0)
    finally:
        try:
            _flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _flush() -> None:
    if sys.stdout:  # which a process may lack
        sys.stdout.flush()


def version() -> str:
    """Returns one line; the versions of installed packages, without importing them."""
    python = ".".join(map(str, sys.version_info[:3]))
    try:
        tensorflow = metadata.version("tensorflow")
    except metadata.PackageNotFoundError:  # another distribution of it
        tensorflow = "of another package"
    return (
        f"estimator_mnist {estimator_mnist.__version__} (Python {python}, TensorFlow "
        f"{tensorflow})"
    )


@contextlib.contextmanager
def tensorflow(verbosity: int) -> Iterator[None]:
    """Imports TensorFlow, with its log lines as those of 2018 and nothing before them.

    Args:
      verbosity: as logging of 2018 counts: 0 for all that a run says, 1 for more, -1
        for warnings alone.
    """
    # Before TensorFlow is imported, which reads it then.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if verbosity > 0 else "2")
    with contextlib.suppress(Exception):  # where there is no standard error
        faulthandler.enable()
    with quiet.imported(wanted=verbosity <= 0, opens_session=not quiet.has_gpu()):
        from estimator_mnist.commands import logs

        logs.set_up(verbosity)
        yield
