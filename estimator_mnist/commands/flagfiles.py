"""Flagfiles: one of the user's, or by its name alone one that the package has."""

import os
from collections.abc import Sequence
from pathlib import Path

import estimator_mnist
from estimator_mnist import errors

_NAMES = ("-flagfile", "--flagfile")
_ENDING = ".flags"


def packaged() -> dict[str, Path]:
    """Returns the flagfiles of the package, by name without `.flags`."""
    return {path.stem: path for path in sorted(_folder().glob(f"*{_ENDING}"))}


def resolved(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments with the path of a packaged flagfile in place of its name.

    A file of that name in the working directory goes first.

    Raises:
      ExperimentError: there is neither.
    """
    flags, rest = _flags_and_rest(arguments)
    found, given = [], iter(flags)
    for argument in given:
        name, _, value = argument.partition("=")
        if name in _NAMES:
            argument = f"--flagfile={_path(value or next(given, ''))}"
        found.append(argument)
    return [*found, *rest]


def typed(arguments: Sequence[str]) -> set[str]:
    """Returns the names of the flags among the arguments, but not those in files."""
    flags, _ = _flags_and_rest(arguments)
    names = (one.lstrip("-").partition("=")[0] for one in flags if one.startswith("-"))
    return {name for name in names if name}


def _flags_and_rest(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Returns what stands before `--`, and what from there on."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at:]


def _path(given: str) -> str:
    """Returns the path of the flagfile that the user calls so."""
    if not given or os.path.exists(os.path.expanduser(given)):
        return given
    known = packaged()
    path = known.get(given.removesuffix(_ENDING))
    if path is None:
        raise errors.ExperimentError(
            f"--flagfile={given}: no such file, nor one of the package's: "
            f"{', '.join(known)}."
        )
    return str(path)


def _folder() -> Path:
    package = Path(estimator_mnist.__file__).parent
    installed = package / "flags"
    # In a checkout they lie at the top, where one sees them.
    return installed if installed.is_dir() else package.parent / "flags"
