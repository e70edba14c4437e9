"""What --images names: files, folders, and the picture on standard input."""

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from estimator_mnist import errors
from estimator_mnist.data.pictures import mnist_form, picture_file

STDIN = "-"
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 50  # characters, each of at most 4 bytes of the 255 that there may be


class Source(NamedTuple):
    """A picture that was named, and is not read yet."""

    name: str  # the path, in characters that can be printed
    path: str  # or STDIN

    def seen(self, see: Callable[[np.ndarray], mnist_form.Seen]) -> mnist_form.Seen:
        """Reads the picture, and returns what `see` sees of it.

        Args:
          see: of a picture, float32 [height, width, 3], RGB from 0 to 1.

        Raises:
          DataError: there is none, or it cannot be used; the message does not name it.
        """
        try:
            return see(self._picture())
        except errors.NotAFileError as error:
            reason = str(error).replace(self.path, "it", 1)
            raise errors.DataError(reason) from error
        except (OSError, ValueError) as error:  # a null byte in a path
            reason = getattr(error, "strerror", None) or str(error)
            raise errors.DataError(reason) from error

    def _picture(self) -> np.ndarray:
        return _of_stdin() if self.path == STDIN else picture_file.read(self.path)


def sources(
    items: Sequence[str], is_output: Callable[[str], bool] = lambda path: False
) -> Iterator[Source]:
    """Yields the pictures that `items` name, in their order.

    Args:
      items: of each a file; a folder, for the files in it that are called as pictures
        and are not hidden, by name; or "-", for one on standard input. `~` is the home
        folder.
      is_output: of a path in a folder: whether it is this program's own output.

    Raises:
      DataError: nothing is named, a folder has no pictures, or "-" is there twice.
    """
    if not any(items):
        raise errors.DataError("--images names no picture: give files, folders or -.")
    if list(items).count(STDIN) > 1:
        raise errors.DataError("--images has - twice: standard input is one picture.")
    for item in filter(None, items):
        path = os.path.expanduser(item)
        if item != STDIN and os.path.isdir(path):
            yield from _in_folder(path, is_output)
        elif item == STDIN:
            yield Source("standard input", STDIN)
        else:
            yield Source(printable(path), path)


def printable(path: str) -> str:
    """Returns a path of any bytes as text on one line, which any terminal takes."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return errors.escaped(text)


def unique_names(names: Sequence[str], prefix: str, suffix: str) -> list[str]:
    """Returns a file's name for each of `names`, which may be of any characters.

    They differ from one another also where upper and lower case are the same.
    """
    taken: set[str] = set()
    return [_unique(name, prefix, suffix, taken) for name in names]


def _unique(name: str, prefix: str, suffix: str, taken: set[str]) -> str:
    stem = os.path.splitext(os.path.basename(name))[0]
    stem = _for_a_file(unicodedata.normalize("NFKC", stem))
    stem = _UNSAFE.sub("_", stem)[:_LONGEST_NAME]
    result, count = f"{prefix}{stem}{suffix}", 1
    while result.casefold() in taken:
        count += 1
        result = f"{prefix}{stem}-{count}{suffix}"
    taken.add(result.casefold())
    return result


def _for_a_file(text: str) -> str:
    """Returns `text` with `?` for what no file can be called, as with LC_ALL=C."""
    encoding = sys.getfilesystemencoding()
    return text.encode(encoding, "replace").decode(encoding)


def _in_folder(folder: str, is_output: Callable[[str], bool]) -> Iterator[Source]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise errors.DataError(f"{printable(folder)}: {error.strerror}") from error
    found = [
        path
        for name in names
        if name.lower().endswith(picture_file.SUFFIXES) and not name.startswith(".")
        for path in [os.path.join(folder, name)]
        if not os.path.isdir(path) and not is_output(path)
    ]
    if not found:
        raise errors.DataError(
            f"{printable(folder)} has no pictures: their names end in "
            f"{', '.join(picture_file.SUFFIXES)}."
        )
    for path in found:
        yield Source(printable(path), path)


def _of_stdin() -> np.ndarray:
    stdin = sys.stdin
    if stdin is None:  # the shell's <&-
        raise errors.DataError("standard input is closed")
    if stdin.isatty():
        raise errors.DataError("standard input is a terminal: send a picture into it")
    return picture_file.decode(stdin.buffer)
