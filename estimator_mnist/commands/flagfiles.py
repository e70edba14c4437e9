"""Flagfiles: one of the user's, or by its name alone one that the package has."""

import codecs
import os
from collections.abc import Sequence
from pathlib import Path

import estimator_mnist
from estimator_mnist import errors

_NAMES = ("-flagfile", "--flagfile")
_ENDING = ".flags"
_COMMENTS = ("#", "//")


def packaged() -> dict[str, Path]:
    """Returns the flagfiles of the package, by name without `.flags`."""
    return {path.stem: path for path in sorted(_folder().glob(f"*{_ENDING}"))}


def resolved(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments with what each flagfile says in its place.

    A packaged flagfile goes by its name; a file of that name in the working directory
    goes first. A flagfile may name others. One flag stands in a line; empty lines and
    those that begin with # or // are comments.

    Raises:
      ExperimentError: a flagfile is not named, not there, no text, or within itself.
    """
    flags, rest = _flags_and_rest(arguments)
    return [*_expanded(flags), *rest]


def _expanded(flags: Sequence[str], within: Sequence[str] = ()) -> list[str]:
    """Returns `flags` as resolved() does; `within` are the flagfiles they come from."""
    found, given = [], iter(flags)
    for argument in given:
        name, equals, value = argument.partition("=")
        if name not in _NAMES:
            found.append(argument)
            continue
        path = _path(value if equals else next(given, ""))
        if path in within:
            raise errors.ExperimentError(
                f"--flagfile={path} is within itself: {' -> '.join([*within, path])}. "
                "Leave one of them out."
            )
        found += _expanded(_lines(path), [*within, path])
    return found


def _lines(path: str) -> list[str]:
    try:
        content = Path(path).read_bytes()
        text = content.decode(_encoding(content))
    except OSError as error:
        raise errors.ExperimentError(
            f"--flagfile={path} cannot be read: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise errors.ExperimentError(
            f"--flagfile={path} is no text in UTF-8: save it as that, a flag a line."
        ) from None
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(_COMMENTS)]


def _encoding(content: bytes) -> str:
    """Returns UTF-8, unless `content` begins as Notepad's "Unicode" does."""
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if is_utf16 else "utf-8-sig"


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
    path = os.path.expanduser(given)
    if given and os.path.exists(path):
        return path
    known = packaged()
    if found := known.get(given.removesuffix(_ENDING)):
        return str(found)
    raise errors.ExperimentError(
        f"--flagfile={given}: no such file, nor one of the package's: "
        f"{', '.join(known)}."
    )


def _folder() -> Path:
    package = Path(estimator_mnist.__file__).parent
    installed = package / "flags"
    # In a checkout they lie at the top, where one sees them.
    return installed if installed.is_dir() else package.parent / "flags"
